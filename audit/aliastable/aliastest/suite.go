package aliastest

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/purposebound/purposebound/audit"
)

// TestPseudonymizer tests the contract of [audit.Pseudonymizer]. Open returns one that stays in the same epoch.
func TestPseudonymizer(t *testing.T, open func(t *testing.T) audit.Pseudonymizer) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, err := range c.run(open(t)) {
				t.Error(err)
			}
		})
	}
}

// check is one part of the contract. It returns what is wrong, so that a test of the suite can see it fail.
type check struct {
	name string
	test func(*probe)
}

// patience bounds each check, so that a pseudonymizer that hangs is an error.
const patience = 30 * time.Second

func (c check) run(p audit.Pseudonymizer) []error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	pr := &probe{ctx: ctx, p: p}
	c.test(pr)
	return pr.problems
}

// probe is the pseudonymizer under test.
type probe struct {
	ctx context.Context
	p   audit.Pseudonymizer

	mu       sync.Mutex
	problems []error
}

func (p *probe) errorf(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.problems = append(p.problems, fmt.Errorf(format, args...))
}

func (p *probe) alias(class audit.Class, id string) string {
	a, err := p.p.Alias(p.ctx, class, id)
	if err != nil {
		p.errorf("Alias: %w", err)
	}
	return a
}

var classes = []audit.Class{audit.DataSubject, audit.Principal}

// ids are hard to keep apart, or to store.
var ids = []string{
	"4711", "4711 ", "04711", "canary@example.com", "Canary@example.com", "x\x00", "x", "x\x00y", "\xff\xfe", "é", "e\u0301",
	"' OR 1=1 --", "?", "$1", strings.Repeat("long", 5000),
}

var cases = []check{
	{"the same person has the same alias", func(p *probe) {
		for _, class := range classes {
			for _, id := range ids {
				if first := p.alias(class, id); first != p.alias(class, id) {
					p.errorf("two aliases of one id")
				}
			}
		}
	}},
	{"different people have different aliases", func(p *probe) {
		seen := map[string]bool{}
		for _, class := range classes {
			for i := range 100 {
				seen[strings.TrimPrefix(strings.TrimPrefix(p.alias(class, fmt.Sprint("n", i)), "ds-"), "pr-")] = true
			}
			for _, id := range ids {
				seen[p.alias(class, id)] = true
			}
		}
		if want := len(classes) * (100 + len(ids)); len(seen) != want {
			p.errorf("%d aliases for %d people", len(seen), want)
		}
	}},
	{"an event takes the alias", func(p *probe) {
		for _, id := range ids {
			e := audit.Event{
				Name: audit.AccessRead, Outcome: audit.Permitted, Mode: audit.Enforce, Fields: []string{"Name"}, Purpose: "invoicing",
				PrincipalRef: p.alias(audit.Principal, id), DataSubjectRefs: []string{p.alias(audit.DataSubject, id)},
				DecisionID: strings.Repeat("0", 31) + "1",
			}
			if err := e.Validate(); err != nil {
				p.errorf("an event refuses the alias: %w", err)
			}
		}
	}},
	{"the alias shows nothing of the id", func(p *probe) {
		for _, id := range []string{"canary7", "canary@example.com"} {
			a := p.alias(audit.DataSubject, id)
			for _, form := range []string{id, hex.EncodeToString([]byte(id)), base64.StdEncoding.EncodeToString([]byte(id)), id[:6]} {
				if strings.Contains(a, form) {
					p.errorf("the alias holds the id")
				}
			}
		}
	}},
	{"what cannot be aliased is refused", func(p *probe) {
		for _, c := range []struct {
			class audit.Class
			id    string
		}{{0, "canary7"}, {3, "canary7"}, {255, "canary7"}, {audit.DataSubject, ""}, {audit.Principal, ""}} {
			p.refused(p.ctx, c.class, c.id, nil)
		}
	}},
	{"an ended context is refused", func(p *probe) {
		ctx, cancel := context.WithCancel(p.ctx)
		cancel()
		p.refused(ctx, audit.DataSubject, "canary7", context.Canceled)
		p.alias(audit.DataSubject, "canary7")
		p.refused(ctx, audit.DataSubject, "canary7", context.Canceled) // also what is known by now
	}},
	{"all who ask at once get one alias", func(p *probe) {
		for round := range 5 {
			id := fmt.Sprint("together", round)
			var got [16]string
			var wg sync.WaitGroup
			for i := range got {
				wg.Go(func() { got[i] = p.alias(audit.DataSubject, id) })
			}
			wg.Wait()
			for _, a := range got {
				if a != got[0] {
					p.errorf("two aliases of one id")
				}
			}
		}
	}},
}

// refused expects an error that repeats no id, and no alias.
func (p *probe) refused(ctx context.Context, class audit.Class, id string, want error) {
	a, err := p.p.Alias(ctx, class, id)
	switch {
	case a != "" || err == nil:
		p.errorf("class %d: an alias that should be refused", class)
	case want != nil && !errors.Is(err, want):
		p.errorf("class %d: got error %v, want %v", class, err, want)
	case strings.Contains(err.Error(), "canary7"):
		p.errorf("class %d: the error repeats the id", class)
	}
}
