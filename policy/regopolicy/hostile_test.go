package regopolicy

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

const (
	watchdog   = 60 * time.Second
	loadRAM    = 1 << 30   // bytes allocated altogether, freed or not
	hostileRAM = 256 << 20 // the same for one decision
)

// measured runs f and reports what it allocated; one that hangs fails the test.
func measured(t testing.TB, name string, f func()) (allocated uint64) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(watchdog):
		require.Fail(t, "hangs", name)
	}
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestHostileModulesLoadOrNot, in bounded time and memory.
func TestHostileModulesLoadOrNot(t *testing.T) {
	reg := register(t)
	rep := strings.Repeat
	deny := func(body string) string {
		return one + "deny contains {\"rule\": \"a\", \"category\": \"*\"} if {\n" + body + "\n}\n"
	}
	for name, text := range map[string]string{
		"a long sum":            deny("input.time.hour" + rep(" + 1", 10_000) + " == 3"),
		"a long union":          deny("{1}" + rep(" | {1}", 3_000) + " == {3}"),
		"a long or":             deny("input.action == \"use\"" + rep(" or input.action == \"read\"", 5_000)),
		"a long body":           deny(rep("input.action == \"use\"\n", 3_000)),
		"nots":                  deny(rep("not ", 10_000) + "input.action == \"use\""),
		"minuses":               deny("input.time.hour == " + rep("- ", 5_000) + "1"),
		"a wide set":            deny("input.action in {" + rep("\"use\", ", 20_000) + "\"use\"}"),
		"a wide object":         deny("x := {" + rep("\"a\": 1, ", 5_000) + "\"b\": 1}\nx.b == 1"),
		"a long reference":      deny("input" + rep(".action", 20_000)),
		"a long name":           deny(rep("x", 200_000) + " := 1"),
		"nested comprehensions": deny("x := " + rep("[y | y := ", 60) + "1" + rep("]", 60) + "\ncount(x) == 1"),
		"nested every":          deny(rep("every _ in input.purposes { ", 60) + "input.action == \"use\"" + rep(" }", 60)),
		"many definitions":      one + rep("deny contains {\"rule\": \"a\", \"category\": \"*\"} if input.action == \"use\"\n", 1_900),
		"many elses":            one + "x := 1 if input.action == \"use\"" + rep(" else := 1 if input.action == \"read\"", 1_500),
		"a chain of helpers":    one + chain(500),
		"comments":              one + rep("# METADATA\n# title: x\n", 5_000),
		"metadata":              "# METADATA\n# custom: &a [" + rep("*a, ", 1_000) + "]\n" + one,
		"quotes":                one + rep("`", 9_999),
		"brackets in text":      deny("input.action == \"" + rep("(", 60) + "\""),
		"carriage returns":      one + rep("\r", 10_000),
	} {
		var err error
		used := measured(t, name, func() { _, err = Load(reg, "", files(text)) })
		assert.Less(t, used, uint64(loadRAM), name)
		if err != nil {
			assert.ErrorIs(t, err, ErrInvalid, name)
			assert.Less(t, len(err.Error()), 500_000, name)
		}
	}
}

// chain is helpers that each ask the next twice.
func chain(n int) string {
	var b strings.Builder
	b.WriteString("deny contains {\"rule\": \"a\", \"category\": \"*\"} if h0\n\n")
	for i := range n {
		fmt.Fprintf(&b, "h%d if {\n\th%d\n\th%d\n}\n\n", i, i+1, i+1)
	}
	fmt.Fprintf(&b, "h%d if input.action == \"read\"\n", n)
	return b.String()
}

// TestHostileRulesAreAnsweredOrEnd, in bounded time and memory, on a record as wide as records get.
func TestHostileRulesAreAnsweredOrEnd(t *testing.T) {
	reg := register(t)
	var fields []purpose.SchemaField
	for i := range purpose.MaxFields {
		fields = append(fields, purpose.SchemaField{Name: fmt.Sprintf("f%d", i), Tags: purpose.Tags{Personal: "contact.name"}})
	}
	pl, err := reg.BindSchema(purpose.Schema{Name: "wide", Fields: fields})
	require.NoError(t, err)
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"a set of triples":       {"deny contains {\"rule\": \"a\", \"category\": \"*\"} if count(triples) == 7\n\ntriples contains [a, b, c] if {\n\tsome a, _ in input.fields\n\tsome b, _ in input.fields\n\tsome c, _ in input.fields\n}", ErrLimit},
		"lists of lists":         {"deny contains {\"rule\": \"a\", \"category\": \"*\"} if count([[x, y, z] | some x, _ in input.fields; some y, _ in input.fields; some z, _ in input.fields]) == 7", ErrLimit},
		"lists in lists":         {"deny contains {\"rule\": \"a\", \"category\": \"*\"} if count([[y | some y, _ in input.fields] | some x, _ in input.fields]) == 7", nil},
		"each field":             {"permit contains {\"rule\": \"a\", \"field\": n} if some n, _ in input.fields", nil},
		"each field, many rules": {strings.Repeat("permit contains {\"rule\": \"a\", \"field\": n} if {\n\tsome n, f in input.fields\n\t\"contact\" in f.within\n\tf.class == \"ordinary\"\n}\n\n", 30), nil},
		"a chain":                {chain(300), nil},
	} {
		p, err := Load(reg, "test", files(one+c.text))
		if err != nil {
			require.ErrorContains(t, err, "steady.", name)
			t.Errorf("%s is refused when it is loaded: %v", name, err)
			continue
		}
		var v policy.Verdict
		ctx, cancel := context.WithTimeout(t.Context(), watchdog) // so that steps alone count
		used := measured(t, name, func() { v, err = p.Decide(ctx, ask(t, pl)) })
		cancel()
		assert.Less(t, used, uint64(hostileRAM), name)
		if c.want != nil {
			assert.ErrorIs(t, err, c.want, name)
			assert.True(t, v.Permit.Empty(), name)
			continue
		}
		assert.NoError(t, err, name)
		assert.Equal(t, purpose.MaxFields, v.Permit.Len(), name)
	}
}
