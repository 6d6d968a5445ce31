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
	const (
		refused = "refused" // when it is loaded
		failed  = "failed"  // permits nothing, denies everything
		decided = "decided" // answered, either way
	)
	rep := strings.Repeat
	numbers := "[" + rep("1,", 399) + "1]"
	for _, c := range []struct{ name, text, want string }{
		// loops
		{"three loops", `facts.flags.all(a, facts.flags.all(b, facts.flags.all(c, a + b + c != "")))`, refused},
		{"ten loops", rep("facts.flags.all(x, ", 10) + "true" + rep(")", 10), refused},
		{"three maps in a row", `[1].map(x, [x, x]).map(x, [x, x]).map(x, [x, x]).size() > 0`, refused},
		{"loop over loop over loop", `facts.flags.map(a, a + a).map(a, a + a).filter(a, a != "").size() > 0`, refused},
		{"constant loops", numbers + ".all(x, " + numbers + ".all(y, x + y > 0))", failed},
		{"costs too much at least", numbers + ".map(x, " + numbers + ".map(y, x + y)).size() > 0", refused},
		{"constant squares", "[" + rep("7,", 60) + "7].all(x, [" + rep("7,", 60) + "7].all(y, x * y == 49))", decided},
		{"all pairs", `facts.flags.all(a, facts.flags.all(b, a.contains(b)))`, decided},
		{"all pairs, full work", `facts.flags.all(a, facts.flags.all(b, (a + b).contains(b + "never") == false))`, failed},
		{"pairs of pairs", `facts.flags.map(a, facts.flags.map(b, a + b)).size() > 0`, failed},
		{"patterns in loops", `facts.flags.all(a, facts.flags.all(b, a.matches("^(C|A|N|R|Y|[0-9]|-)*$") && b.matches("[0-9]{2}.*4$")))`, failed},
		{"filter of filter", `facts.flags.filter(a, facts.flags.filter(b, b == a).size() == 1).size() == 64`, decided},
		{"loop over a map", `{"a": facts.flags, "b": facts.flags}.all(k, k != "")`, decided},
		{"loop variable is the accumulator", `facts.flags.exists(__result__, true)`, refused},
		{"loop variable is hidden", `facts.flags.exists(@result, true)`, refused},
		{"loop variable shadows a fact", `facts.flags.exists(facts, true)`, refused},
		{"loop variable shadows the time", `facts.flags.exists(at, at == "x")`, refused},
		{"two variables", `facts.flags.exists(i, v, v == "x")`, refused},
		// growth
		{"doubling in a loop", `facts.flags.map(x, x + x + x + x + x + x + x + x + x + x).map(y, y + y + y + y + y + y + y + y + y + y).size() > 0`, failed},
		{"doubling once", `facts.flags.map(x, x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x).size() > 0`, decided},
		{"a sum of texts", rep("facts.note + ", 250) + `facts.note == ""`, refused},
		{"a shorter sum of texts", rep("facts.note + ", 30) + `facts.note == ""`, decided},
		{"a sum of lists", `facts.flags.exists(z, z in (` + rep("facts.flags + ", 30) + `facts.flags) && false)`, decided},
		{"lists of lists compared", `[facts.flags, facts.flags] == [facts.flags, facts.flags]`, refused},
		{"lists of lists sought", `[[facts.flags]] in [[[facts.flags]]]`, refused},
		{"maps compared", `{"a": facts.flags} == {"a": facts.flags}`, refused},
		{"maps of maps", `{"a": {"b": {"c": facts.flags}}}["a"]["b"]["c"].size() > 0`, decided},
		{"long expression", `facts.note == "` + rep("x", MaxExpression) + `"`, refused},
		{"longest literal", `facts.note == "` + rep("x", MaxExpression-20) + `"`, decided},
		{"long literal in bytes", `b"` + rep("x", 3000) + `" == b"x"`, decided},
		{"many nodes", rep("true || ", 400) + "true && " + rep("false || ", 110) + "true", refused},
		{"a list of thousands", "1 in [" + rep("1,", 1500) + "1]", refused},
		// depth
		{"deep parentheses", rep("(", 2000) + "true" + rep(")", 2000), refused},
		{"deep negation", rep("!", 3001) + "true", decided}, // pairs cancel each other out while reading
		{"deep minus", "1 == " + rep("-", 3001) + "1", decided},
		{"deep lists", rep("[", 1000) + rep("]", 1000) + ".size() == 0", refused},
		{"deep conditionals", rep("true ? ", 400) + "true" + rep(" : false", 400), refused},
		{"deep calls", rep("size([", 300) + rep("])", 300) + " == 1", refused},
		{"deep indexes", "facts.flags" + rep("[0]", 900) + ` == ""`, refused},
		{"deep selections", "facts" + rep(".a", 1900), refused},
		{"many alternatives", rep(`purpose == "credit" || `, 80) + "true", decided},
		{"unfinished calls", rep("&& roles.exists(== roles", 160), refused},
		{"unbalanced", rep("(", 4000), refused},
		{"nonsense", rep("?:", 2000), refused},
		{"words", rep("a ", 2000), refused},
		// patterns
		{"counted pattern", `facts.note.matches("(a{500}){2}")`, refused},
		{"nested counts", `facts.note.matches("((a{30}){30}){30}")`, refused},
		{"many counts", `facts.note.matches("` + rep("a{0,900}", 400) + `")`, refused},
		{"wide classes", `facts.note.matches("` + rep(`[\\p{L}\\p{N}]`, 250) + `")`, refused},
		{"backtracking", `facts.note.matches("^(([A-Z]+)+)+$")`, decided},
		{"backtracking tail", `facts.note.matches("(.*)*(.*)*(.*)*(.*)*(.*)*(.*)*x")`, decided},
		{"pattern from data", `facts.note.matches(facts.note)`, refused},
		{"pattern from a sum", `facts.note.matches("a" + "b")`, refused},
		{"pattern from a choice", `matches(facts.note, true ? "a" : "b")`, refused},
		{"bad pattern", `facts.note.matches("(?P<")`, refused},
		{"look-ahead", `facts.note.matches("(?=a)")`, refused},
		// numbers and times
		{"division by zero", `facts.loan.days_late / 0 == 1`, failed},
		{"remainder by zero", `facts.loan.days_late % 0 == 1`, failed},
		{"constant division by zero", `1 / 0 == 1`, refused},
		{"sum overflows", `facts.loan.days_late + facts.loan.days_late > 0`, failed},
		{"product overflows", `facts.loan.days_late * 9 > 0`, failed},
		{"negation overflows", `-(-facts.loan.days_late - facts.loan.days_late) > 0`, failed},
		{"literal overflows", `facts.loan.days_late == 92233720368547758080`, refused},
		{"float overflows", `1e400 > 1.0`, refused},
		{"not a number", `0.0 / 0.0 == 0.0 / 0.0`, decided},
		{"index beyond", `facts.flags[64] == "x"`, failed},
		{"index below", `facts.flags[-1] == "x"`, failed},
		{"index huge", `facts.flags[facts.loan.days_late] == "x"`, failed},
		{"missing key", `{"a": true}[facts.note]`, failed},
		{"duplicate key", `{"a": 1, "a": 2}.size() == 1`, decided},
		{"time overflows", `facts.loan.until + duration("1h") > at`, failed},
		{"time underflows", `timestamp("0001-01-01T00:00:00Z") - duration("1h") < at`, failed},
		{"difference overflows", `facts.loan.until - timestamp("0001-01-01T00:00:00Z") > duration("1h")`, failed},
		{"time from data", `timestamp(facts.note) > at`, failed},
		{"duration from data", `duration(facts.note) > duration("1s")`, failed},
		{"bad time", `timestamp("2026-13-01T00:00:00Z") > at`, refused},
		{"bad duration", `duration("99999999999999h") > duration("1s")`, refused},
		{"zone from a file", `at.getHours("../../../etc/passwd") > 1`, refused},
		{"zone from data", `at.getHours(facts.note) > 1`, refused},
		{"clock", `now() > at`, refused},
		// library
		{"dynamic type", `dyn(facts.note) > 1`, refused},
		{"type as value", `type(facts.note) == string`, refused},
		{"mixed list", `[1, "a", facts.flags].size() > 0`, refused},
		{"message", `google.protobuf.Struct{fields: {}} == google.protobuf.Struct{}`, refused},
		{"any", `google.protobuf.Any{type_url: "x"} == null`, refused},
		{"presence", `has(facts.note) || true`, refused},
		{"presence of a map", `has({"a": 1}.a)`, refused},
		{"optional", `facts.?note.orValue("") == ""`, refused},
		{"bind", `cel.bind(x, facts.note + facts.note, cel.bind(y, x + x, y + y == ""))`, refused},
		{"format", `"%s".format([facts.note]) == ""`, refused},
		{"bytes of data", `bytes(facts.note) == b""`, refused},
		{"network", `http.get("http://127.0.0.1/") == ""`, refused},
		{"environment", `env("HOME") == ""`, refused},
		{"unknown variable", `password == "x"`, refused},
		{"absolute name", `.secret == "x"`, refused},
		{"quoted name", "facts.`case-open`", refused},
		// result and text
		{"not a bool", `facts.note`, refused},
		{"null", `null`, refused},
		{"a list of bools", `[true]`, refused},
		{"maybe a bool", `facts.case_open ? true : null`, refused},
		{"empty comment", `// nothing`, refused},
		{"comment hides", "true // && facts.case_open\n && false", decided},
		{"unterminated", `facts.note == "`, refused},
		{"bad escape", `facts.note == "\q"`, refused},
		{"NUL", "facts.note == \"\x00\"", decided},
		{"right to left", "facts.note == \"\u202e\" || ‮true", refused},
		{"bad UTF-8", "facts.note == \"\xff\xfe\"", decided},
	} {
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
