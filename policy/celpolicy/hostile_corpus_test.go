package celpolicy

import "strings"

// What is to become of a hostile condition.
const (
	refused = "refused" // when it is loaded
	failed  = "failed"  // permits nothing, denies everything
	decided = "decided" // answered, either way
)

// hostile is a condition that somebody writes by mistake or to do harm.
type hostile struct{ name, text, want string }

// hostileConditions is the corpus.
func hostileConditions() []hostile {
	rep := strings.Repeat
	numbers := "[" + rep("1,", 399) + "1]"
	return []hostile{
		// loops
		{"three loops", `facts.flags.all(a, facts.flags.all(b, facts.flags.all(c, a + b + c != "")))`, refused},
		{"ten loops", rep("facts.flags.all(x, ", 10) + "true" + rep(")", 10), refused},
		{"three maps in a row", `[1].map(x, [x, x]).map(x, [x, x]).map(x, [x, x]).size() > 0`, refused},
		{"sixteen maps in a row", "[1]" + rep(".map(x, [x, x])", 16) + ".size() > 0", refused},
		{"a deep list against another", rep("[", 30) + rep("]", 30) + " == " + rep("[", 30) + rep("]", 30), refused},
		{"a deep choice", rep("(true ? [[]] : ", 30) + "[]" + rep(")", 30) + " == []", refused},
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
	}
}
