package celpolicy

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/davecgh/go-spew/spew"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

const (
	canary      = "CANARY-010190-1234"
	hostileTime = 250 * time.Millisecond
	hostileRAM  = 64 << 20 // bytes allocated altogether, freed or not
	watchdog    = 30 * time.Second
)

// hostileInput is a request as large as a request may be, full of canaries.
func hostileInput(t testing.TB, pl *purpose.Plan) *policy.Input {
	full := make([]string, maxList)
	for i := range full {
		full[i] = fmt.Sprintf("%02d%s", i, strings.Repeat(canary, maxText/len(canary)))
	}
	return ask(t, pl, fact("note", purpose.TextValue(full[0])), fact("flags", purpose.TextsValue(full...)), fact("case-open", purpose.True()),
		fact("loan.days-late", purpose.IntValue(9_000_000_000_000_000_000)), fact("loan.until", purpose.InstantValue(time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC))),
		fact("channel", purpose.TextValue("phone")), fact("auth.2fa", purpose.True()), func(in *policy.Input) {
			in.Request.Principal.Roles, in.Request.Principal.Tasks, in.Request.Principal.ID, in.Request.DataSubject = full, full, canary, canary
		})
}

// measured runs f and reports what it allocated; one that hangs fails the test.
func measured(t testing.TB, name string, f func()) (allocated uint64, took time.Duration) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
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
	took = time.Since(start)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, took
}

// TestHostileExpressions are refused when they are loaded, or answered in time and in bounded memory, and no error quotes the input.
func TestHostileExpressions(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	for _, c := range hostileConditions() {
		for _, effect := range []policy.Effect{policy.EffectPermit, policy.EffectDeny} {
			var p *Policy
			var err error
			ram, _ := measured(t, c.name, func() { p, err = New(reg, "", Rule{ID: "r", Effect: effect, When: c.text}) })
			assert.LessOrEqual(t, ram, uint64(hostileRAM), "%s: loading", c.name)
			if err != nil {
				require.ErrorIs(t, err, ErrInvalid)
				assert.NotContains(t, err.Error(), "cannot be compiled", c.name)
				assert.Less(t, len(err.Error()), 4_000, "%s: a readable error", c.name)
			}
			if !assert.Equal(t, c.want == refused, err != nil, "%s: %v", c.name, err) || err != nil {
				continue
			}
			in := hostileInput(t, pl)
			ctx, cancel := context.WithTimeout(context.Background(), hostileTime)
			var v policy.Verdict
			ram, took := measured(t, c.name, func() { v, err = p.Decide(ctx, in) })
			cancel()
			assert.LessOrEqual(t, ram, uint64(hostileRAM), "%s: deciding", c.name)
			assert.NotContains(t, fmt.Sprint(err)+spew.Sdump(v), canary, c.name)
			if err != nil { // time was up, which only what has no proven bound may need
				require.ErrorIs(t, err, context.DeadlineExceeded, c.name)
				assert.True(t, !p.Immediate() && v.Permit.Empty(), c.name)
				continue
			}
			if c.want == failed {
				assert.True(t, v.Permit.Empty(), c.name)
				assert.Equal(t, effect == policy.EffectDeny, v.Deny.Len() == 5, c.name)
			}
			if testing.Verbose() && (took > 5*time.Millisecond || ram > 1<<20) {
				t.Logf("%s: %s, %d KiB, proven %t", c.name, took, ram>>10, p.Immediate())
			}
		}
	}
}

// TestHostileFiles are refused with a clear error, in bounded memory.
func TestHostileFiles(t *testing.T) {
	reg := register(t)
	rep := strings.Repeat
	rules := func(n int, one string) string {
		var b strings.Builder
		b.WriteString("rules:\n")
		for i := range n {
			fmt.Fprintf(&b, one, i)
		}
		return b.String()
	}
	laughs := "a0: &a0 [x]\n"
	for i := range 12 {
		laughs += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i+1, i+1, rep(fmt.Sprintf("*a%d, ", i), 9), i)
	}
	for _, c := range []struct{ name, text, code string }{
		{"nothing", "", "file.syntax"},
		{"blanks", rep(" \n", 1000), "file.syntax"},
		{"NUL", "\x00\x00\x00", "file.syntax"},
		{"UTF-16", "\xff\xfer\x00u\x00", "file.syntax"},
		{"four million brackets", rep("[", MaxBytes-10), "file.syntax"},
		{"a hundred thousand brackets", "rules: " + rep("[", 100_000), "file.syntax"},
		{"deep but whole", "rules: " + rep("[", 9_000) + rep("]", 9_000), "file.shape"},
		{"deep mapping", "rules: " + rep("{a: ", 9_000) + "x" + rep("}", 9_000), "file.shape"},
		{"deep indentation", func() string {
			var b strings.Builder
			for i := range 2_000 {
				b.WriteString(rep(" ", i) + "a:\n")
			}
			return b.String()
		}(), "file.key"},
		{"a million commas", "rules: [" + rep("a,", 1_000_000) + "]", "file.syntax"},
		{"a million lines", "rules:\n" + rep("- a\n", 900_000), "file.syntax"},
		{"a billion laughs", laughs + "rules: *a12\n", "file.key"},
		{"an alias to itself", "rules: &r [*r]\n", "file.alias"},
		{"an alias to nothing", "rules: *r\n", "file.syntax"},
		{"a merge", "base: &b {id: a}\nrules:\n - {<<: *b, effect: permit}\n", "file.key"},
		{"a code tag", "rules: !!python/object/apply:os.system [id]\n", "file.tag"},
		{"a binary tag", "rules:\n - {id: !!binary YQ==, effect: permit}\n", "file.tag"},
		{"a directive", "%YAML 9.9\n---\nrules: []\n", "file.syntax"},
		{"a thousand documents", rep("---\nrules: []\n", 1000), "file.syntax"},
		{"a huge key", rep("k", 1_000_000) + ": 1\n", "file.syntax"},
		{"as many entries as are read", "rules: [" + rep("a,", maxMarks-10) + "]", "list.size"},
		{"as many lines as are read", "rules:\n" + rep("- a\n", maxMarks/2-10), "list.size"},
		{"a complex key", "? [a, b]\n: c\n", "file.shape"},
		{"a huge id", "rules: [{id: " + rep("i", 1_000_000) + ", effect: permit}]\n", "rule.id"},
		{"a huge effect", "rules: [{id: a, effect: " + rep("e", 1_000_000) + "}]\n", "rule.effect"},
		{"a huge role", "rules: [{id: a, effect: permit, roles: [" + rep("r", 1_000_000) + "]}]\n", "value.invalid"},
		{"a huge condition", "rules: [{id: a, effect: permit, when: " + rep("x", 1_000_000) + "}]\n", "when.syntax"},
		{"a huge escape", "rules: [{id: \"\\U0010FFFF\\x00\", effect: permit}]\n", "rule.id"},
		{"many rules", rules(MaxRules+1, " - {id: r%d, effect: permit}\n"), "list.size"},
		{"many conditions", rules(MaxConditions+1, " - {id: r%d, effect: permit, when: facts.loan.days_late == %[1]d}\n"), "when.many"},
		{"many roles", "rules: [{id: a, effect: permit, roles: [" + rep("r,", MaxEntries) + "x]}]\n", "list.size"},
		{"many keys", "rules:\n - id: a\n   effect: permit\n" + rules(50_000, "   k%d: x\n")[7:], "file.key"},
		{"the same key", "rules:\n - id: a\n" + rep("   effect: permit\n", 50_000), "file.duplicate"},
		{"numbers for everything", "1: 2\n", "file.shape"},
		{"a comment bomb", "#" + rep("x", 1_000_000) + "\n" + rep("#\n", 100_000), "file.syntax"},
		{"an unclosed quote", "rules: \"" + rep("x\n", 100_000), "file.syntax"},
		{"tabs", rep("\t", 1000) + "rules: []", "file.syntax"},
		{"carriage returns", "rules:\r - id: a\r", "rule.effect"},
	} {
		var err error
		ram, took := measured(t, c.name, func() { _, err = Load(reg, "", file(c.text)) })
		var problems Problems
		if !assert.ErrorAs(t, err, &problems, c.name) {
			continue
		}
		assert.True(t, problems.Has(c.code), "%s: %.300s", c.name, err.Error())
		assert.Less(t, len(err.Error()), 300_000, c.name)
		assert.LessOrEqual(t, ram, uint64(hostileRAM), c.name)
		if testing.Verbose() && (took > 100*time.Millisecond || ram > hostileRAM) {
			t.Logf("%s: %s, %d MiB in all", c.name, took, ram>>20)
		}
	}
}

// TestPoliciesThatAreTooLargeAreRefused: too many rules in Go, and too many purposes that they select together.
func TestPoliciesThatAreTooLargeAreRefused(t *testing.T) {
	_, err := New(register(t), "", make([]Rule, MaxRules+1)...)
	require.ErrorContains(t, err, "5001 rules, at most 5000")
	reg, _ := large(t, 2_000)
	list := make([]Rule, maxIndex/2_000+1)
	for i := range list {
		list[i] = Rule{ID: fmt.Sprintf("r%d", i), Effect: policy.EffectPermit, Purposes: []string{"support"}}
	}
	_, err = New(reg, "", list...)
	require.ErrorContains(t, err, "select more than 4194304 purposes together")
	_, err = New(reg, "", list[:100]...)
	require.NoError(t, err, "control")
}

// TestTheLargestPolicyThatIsAccepted loads and decides.
func TestTheLargestPolicyThatIsAccepted(t *testing.T) {
	reg := register(t)
	list := make([]Rule, MaxRules)
	for i := range list {
		list[i] = Rule{ID: fmt.Sprintf("r%d", i), Effect: policy.EffectPermit, Purposes: []string{"invoicing", "credit"}, When: fmt.Sprintf("facts.loan.days_late == %d", i%MaxConditions)}
	}
	p, err := New(reg, "", list...)
	require.NoError(t, err)
	assert.Equal(t, MaxConditions, func() int {
		seen := map[*condition]bool{}
		for i := range p.rules {
			seen[p.rules[i].when] = true
		}
		return len(seen)
	}(), "one program for each different condition")
	v := decide(t, p, ask(t, plan(t, reg), fact("loan.days-late", purpose.IntValue(7)), func(in *policy.Input) { in.Explain = true }))
	assert.Len(t, v.Hits, len(list)/MaxConditions+1)
}
