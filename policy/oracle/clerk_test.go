package oracle_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// clerk is a policy that answers from a script.
type clerk struct {
	name   string
	script *script
	lasts  bool // what it answers lasts as long as the script
}

func (c *clerk) Name() string { return c.name }

func (c *clerk) Digest() string {
	if c.lasts {
		return fmt.Sprintf("sha256:%064x", fmt.Sprintf("%s%p", c.name, c.script))
	}
	return fmt.Sprintf("sha256:%064x", c.name)
}

// Immediate promises a prompt answer, unless the script is slow.
func (c *clerk) Immediate() bool { return !c.script.slow }

// script says what a policy answers to one request, by the path of a field.
type script struct {
	fail        string // "", "error", "panic", "late"
	slow        bool   // answers on a goroutine of its own
	permit      map[string]bool
	deny        map[string]bool
	redact      []redaction
	obligations []string
}

type redaction struct {
	paths map[string]bool
	mask  policy.Mask
}

var errClerk = errors.New("the clerk is out")

func (c *clerk) Decide(_ context.Context, in *policy.Input) (policy.Verdict, error) {
	s := c.script
	switch s.fail {
	case "error":
		return policy.Verdict{Permit: in.Fields}, errClerk
	case "panic":
		panic("clerk")
	case "late":
		return policy.Verdict{Permit: in.Fields}, context.DeadlineExceeded
	}
	v := policy.Verdict{Digest: c.Digest(), Obligations: s.obligations, Lasting: c.lasts}
	set := func(paths map[string]bool) (fs purpose.FieldSet) {
		for i := range in.Plan.Fields {
			if paths[in.Plan.Fields[i].Path] {
				fs.Add(i)
			}
		}
		return fs
	}
	v.Permit, v.Deny = set(s.permit), set(s.deny)
	if !v.Deny.Empty() && len(s.obligations) > 0 {
		v.Hits = append(v.Hits, policy.Hit{Rule: "no", Effect: policy.EffectDeny, Fields: v.Deny})
	}
	for _, r := range s.redact {
		v.Redactions = append(v.Redactions, policy.Redaction{Fields: set(r.paths), Mask: r.mask})
	}
	return v, nil
}

// generateScript is mostly generous.
func generateScript(d dice, fields []field) *script {
	s := &script{permit: map[string]bool{}, deny: map[string]bool{}, slow: d.chance(0.02)}
	if d.chance(0.015) {
		s.fail = pick(d, "error", "panic", "late")
	}
	least := pick(d, 1, 1, 1, 1, 0.9, 0.6)
	for _, f := range fields {
		s.permit[f.path] = d.chance(least)
		s.deny[f.path] = d.chance(0.012)
	}
	for range d.between(-2, 2) {
		r := redaction{paths: map[string]bool{}, mask: policy.Mask(d.between(0, 3))}
		if d.chance(0.05) {
			r.mask = 9
		}
		for _, f := range fields {
			r.paths[f.path] = d.chance(0.3)
		}
		s.redact = append(s.redact, r)
	}
	s.obligations = maybe(d, 0.2, 1, 2, "log-twice", "notify", "ask-again")
	return s
}
