package regopolicy

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// grown is a text in which each of n values is made of the one before, X in step. The first is a list, the last X in end.
type grown func(n int, step, end string) string

const firstOf = `["a", "b"]`

func named(text string, n int) string { return strings.ReplaceAll(text, "X", fmt.Sprintf("x%d", n)) }

// byVariables of one body, by rules, or by functions.
func byVariables(n int, step, end string) string {
	var b strings.Builder
	b.WriteString("deny contains {\"rule\": \"a\", \"category\": \"*\"} if {\n\tx0 := " + firstOf + "\n")
	for i := range n {
		fmt.Fprintf(&b, "\tx%d := %s\n", i+1, named(step, i))
	}
	return b.String() + "\t" + named(end, n) + "\n}\n"
}

func byRules(n int, step, end string) string {
	var b strings.Builder
	b.WriteString("deny contains {\"rule\": \"a\", \"category\": \"*\"} if {\n\t" + named(end, n) + "\n}\n\nx0 := " + firstOf + "\n")
	for i := range n {
		fmt.Fprintf(&b, "\nx%d := %s\n", i+1, named(step, i))
	}
	return b.String()
}

func byFunctions(n int, step, end string) string {
	var b strings.Builder
	b.WriteString("deny contains {\"rule\": \"a\", \"category\": \"*\"} if {\n\tv := x" + fmt.Sprint(n) + "(input.action)\n\t" +
		strings.ReplaceAll(end, "X", "v") + "\n}\n\nx0(_) := " + firstOf + "\n")
	for i := range n {
		fmt.Fprintf(&b, "\nx%d(y) := %s if v := x%d(y)\n", i+1, strings.ReplaceAll(step, "X", "v"), i)
	}
	return b.String()
}

// byArguments hands on more and more, and asks nothing of it before the end.
func byArguments(n int, step, end string) string {
	var b strings.Builder
	b.WriteString("deny contains {\"rule\": \"a\", \"category\": \"*\"} if x0(" + firstOf + ")\n")
	for i := range n {
		fmt.Fprintf(&b, "\nx%d(v) if x%d(%s)\n", i, i+1, strings.ReplaceAll(step, "X", "v"))
	}
	return b.String() + fmt.Sprintf("\nx%d(v) if {\n\t%s\n}\n", n, strings.ReplaceAll(end, "X", "v"))
}

// byHelper asks one function again and again.
func byHelper(n int, step, end string) string {
	return byVariables(n, "f(X)", end) + "\nf(v) := " + strings.ReplaceAll(step, "X", "v") + "\n"
}

// manyTimes is more than any engine gets through.
const manyTimes = 60

// TestValuesThatGrowAreRefused at load, in whatever way they grow and whatever is asked of them.
func TestValuesThatGrowAreRefused(t *testing.T) {
	reg := register(t)
	for way, grow := range map[string]grown{"variables": byVariables, "rules": byRules, "functions": byFunctions, "arguments": byArguments, "helper": byHelper} {
		for _, step := range []string{
			`[X, X]`, `[X]`, `{"a": X, "b": X}`, `{"a": X}`, `{X}`, `{X, [X]}`, `{[X, X]: 1}`, `[[X, X] | input.action]`, `{[X, X] | input.action}`,
			`{"a": [X, X] | input.action}`, `[y | y := [X, X]]`, `max([[X, X]])`, `object.get({}, "a", [X, X])`,
		} {
			for _, end := range []string{"count(X) == 7", "X == X", "X != [X]", "X in [X]", "f2(X)"} {
				name := way + " " + step + " " + end
				text := one + grow(manyTimes, step, end) + "\nf2(v) if count(v) == 7\n"
				var first, again []string
				used := measured(t, name, func() { first, again = problemsOf(t, reg, files(text)), problemsOf(t, reg, files(text)) })
				assert.Less(t, used, uint64(loadRAM), name)
				require.Len(t, first, 1, name)
				assert.Regexp(t, `^policy0\.rego:\d+:\d+: a value is too large when it is written out: .* \(rego\.size\)$`, first[0], name)
				assert.Equal(t, first, again, name)
			}
		}
	}
}

// TestWhereValuesGrow: the place is that of the first value that is too large.
func TestWhereValuesGrow(t *testing.T) {
	reg := register(t)
	for name, c := range map[string]struct{ text, at string }{
		"variables":    {byVariables(20, "[X, X]", "X == X"), "policy0.rego:16:2:"},
		"rules":        {byRules(20, "[X, X]", "X == X"), "policy0.rego:27:7:"},
		"literals":     {"a if " + strings.Repeat("[", 50) + strings.Repeat("]", 50) + " == []\n", "policy0.rego:7:6:"},
		"two literals": {"a if " + strings.Repeat("[", 50) + strings.Repeat("]", 50) + " == " + strings.Repeat("[", 50) + strings.Repeat("]", 50) + "\n", "policy0.rego:7:6:"},
		"a pattern":    {"a if {\n\t[x0, x1, x2, x3, x4, x5, x6, x7, x8, x9] = [\"a\", [x0, x0], [x1, x1], [x2, x2], [x3, x3], [x4, x4], [x5, x5], [x6, x6], [x7, x7], [x8, x8]]\n\tx9 == x9\n}\n", "policy0.rego:8:2:"},
		"packages":     {"a if data.p20.x == data.p20.x\n", "p"},
	} {
		all := files(one + c.text)
		if name == "packages" { // documents of rules, each made of another twice
			all["p0.rego"] = moduleOf("package p0\n\nimport rego.v2\n\nx := 1\n")
			for i := range 20 {
				all[fmt.Sprintf("p%d.rego", i+1)] = moduleOf(fmt.Sprintf("package p%d\n\nimport rego.v2\n\nx := data.p%d\n\ny := data.p%d\n", i+1, i, i))
			}
		}
		measured(t, name, func() {
			list := problemsOf(t, reg, all)
			require.Len(t, list, 1, name)
			assert.True(t, strings.HasPrefix(list[0], c.at), "%s: %s", name, list[0])
			assert.Contains(t, list[0], "(rego.size)", name)
		})
	}
}

func moduleOf(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

// TestManyLargeValuesAreRefused, each of which is small enough.
func TestManyLargeValuesAreRefused(t *testing.T) {
	text := one + byVariables(7, "[X, X]", strings.Repeat("x7 == x7\n\t", 5_000)+"X == X")
	measured(t, "many", func() {
		list := problemsOf(t, register(t), files(text))
		require.Len(t, list, 1)
		assert.Regexp(t, `^policy0\.rego:\d+:\d+: the values of the policy are too large`, list[0])
	})
}

// TestLargeValuesLoad: what people write is far from the limits.
func TestLargeValuesLoad(t *testing.T) {
	reg := register(t)
	table := "table := {"
	for i := range 5_000 {
		table += fmt.Sprintf(`"k%d": {"label": "x", "limit": %d}, `, i, i)
	}
	table += "}\n"
	for name, text := range map[string]string{
		"seven doublings":  byVariables(7, "[X, X]", "X == X"),
		"a list of texts":  "a := [" + strings.Repeat(`"x", `, 50_000) + "\"x\"]\n",
		"a table":          table + "\nrow := {\"a\": table.k1, \"b\": table.k2, \"c\": get(\"k3\"), \"d\": get(\"k4\"), \"e\": get(\"k5\"), \"f\": get(\"k6\")}\n\nget(k) := table[k]\n\nb := [row, row]\n",
		"a table by hand":  table + "\nget(t, k) := t[k]\n\nrow := [get(table, \"k1\"), get(table, \"k2\"), get(table, \"k3\"), get(table, \"k4\"), get(table, \"k5\"), get(table, \"k6\"), get(table, \"k7\")]\n\nb := [row, row]\n",
		"long functions":   "f(" + strings.TrimSuffix(strings.Repeat("_, ", 9), ", ") + ") := 1\n\na := f(" + strings.TrimSuffix(strings.Repeat("1, ", 9), ", ") + ")\n",
		"a cascade":        byRules(200, "X", "count(X) == 7"),
		"function of many": byFunctions(200, "X", "count(X) == 7"),
	} {
		measured(t, name, func() { assert.Empty(t, problemsOf(t, reg, files(one+text)), name) })
	}
}
