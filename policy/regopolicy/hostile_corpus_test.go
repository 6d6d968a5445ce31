package regopolicy

import (
	"fmt"
	"strings"
	"testing/fstest"

	"github.com/purposebound/purposebound/purpose"
)

// What is to become of a hostile policy.
const (
	denied   = "denied"   // it loads, and the guard denies everything within the deadline
	harmless = "harmless" // it loads and permits everything, for nothing of it is hostile when read closely
)

// hostile is a policy that somebody writes by mistake or to do harm.
type hostile struct {
	name, text string            // what follows the header, and a permit of everything
	files      map[string]string // more files
	forced     bool              // past the checks of Load, to see what is behind them; functions of tests may be called
	ram        uint64            // bytes that it may need, 0: moreRAM; more where a function copies what it is given and time alone ends it
	want       string            // denied, harmless, or the code of a problem
}

// hostilePolicies is the corpus.
func hostilePolicies() []hostile {
	rep := strings.Repeat
	deny := func(body string) string {
		return "deny contains {\"rule\": \"a\", \"category\": \"*\"} if {\n\t" + body + "\n}\n"
	}
	// never is a body that takes work and is then false, so that nothing but the work denies.
	cross := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "some n%d, _ in input.fields\n\t", i)
		}
		return b.String()
	}
	table := func(rows int, row string) string { return `{"t": [` + rep(row+",", rows-1) + row + "]}" }
	text := func(path string) map[string]string { return map[string]string{"data.json": path} }

	keys := text(table(80_000, `{"a":1}`))["data.json"]

	return []hostile{
		// endless loops and products
		{name: "rules in a circle", text: deny("a") + "a if b\n\nb if a\n", want: "rego.recursion-error"},
		{name: "a function of itself", text: deny("f(1)") + "f(x) if f(x)\n", want: "rego.recursion-error"},
		{name: "a set of itself", text: deny("some s in grow\n\ts == \"x\"") + "grow contains s if some s in grow\n", want: "rego.recursion-error"},
		{name: "a circle by data", text: deny("data.purposebound[input.action]"), want: "rego.recursion-error"},
		{name: "a circle by a variable", text: deny("some x\n\tdata.purposebound[x]"), want: "rego.recursion-error"},
		{name: "all fields", text: deny(cross(1) + `n0 == "never"`), want: harmless},
		{name: "triples of fields", text: deny(cross(3) + `n0 < n1; n1 < n2; count({n0, n1, n2}) == 9`), want: denied},
		{name: "eight fields", text: deny(cross(8) + `count({n0, n1, n2, n3, n4, n5, n6, n7}) == 99`), want: denied},
		{name: "every in every", text: deny("not peers") + "peers if {\n\tevery a, _ in input.fields {\n\t\tevery b, _ in input.fields {\n\t\t\tevery c, _ in input.fields { a != \"x\"; b != \"x\"; c != \"x\" }\n\t\t}\n\t}\n}\n", want: denied},
		{name: "pairs of pairs", text: deny("count(h5) == 7") + pairs(5), want: denied},
		{name: "pairs of pairs of pairs", text: deny("count(h12) == 7") + pairs(12), want: "rego.size"},
		{name: "a list of lists of lists", text: deny("count([[x, y, z] | some x, _ in input.fields; some y, _ in input.fields; some z, _ in input.fields]) == 7"), want: denied},
		{name: "an object of objects", text: deny("count({x: {y: {z: 1 | some z, _ in input.fields} | some y, _ in input.fields} | some x, _ in input.fields}) == 7"), want: denied},
		{name: "a table against itself", text: deny("some a in data.t\n\tsome b in data.t\n\tsome c in data.t\n\ta.k != b.k; b.k != c.k"), files: text(table(2_000, `{"k": "v"}`)), want: denied},
		{name: "sums of sums", text: deny("sum([x | some a in data.t; some b in data.t; x := a + b]) == -1"), files: text(table(5_000, "1")), want: denied},
		{name: "unions that grow", text: deny("count(union({s | some a in data.t; s := {x | some b in data.t; x := [a, b]}})) == -1"), files: text(table(3_000, "1")), want: "rego.type-error"},
		{name: "copies of a table", text: deny("count([s | some n, _ in input.fields; s := {x | some x in data.t} | {n}]) == -1"), files: text(numbers(2_000)), want: "rego.type-error"},
		{name: "copies sorted", text: deny("count([s | some n, _ in input.fields; s := sort(data.t)]) == -1"), files: text(numbers(100_000)), want: "rego.type-error"},
		{name: "walk", text: deny("walk(input, x)\n\tcount(x) == 7"), want: "rego.type-error"},
		{name: "a large range", text: deny("count(numbers.range(1, 1000000000)) == 7"), want: "rego.type-error"},
		{name: "graph.reachable", text: deny("count(graph.reachable({}, [])) == 7"), want: "rego.type-error"},
		{name: "a cascade of helpers", text: strings.ReplaceAll(chain(1_500), `"read"`, `"use"`), want: harmless},
		{name: "nested comprehensions", text: deny("x := " + rep("[y | y := ", 30) + "1" + rep("]", 30) + "\n\tcount(x) == 7"), want: "rego.nesting"},

		// what grows
		{name: "multiplication", text: deny("input.time.hour * 1000000 > 7"), want: "rego.type-error"},
		{name: "a shift", text: deny("bits.lsh(1, 1000000000) > 7"), want: "rego.type-error"},
		{name: "a sum of doubles", text: deny("x0 := 999999999999999\n\t" + doubles(60) + "x60 == 1"), want: harmless},
		{name: "a list of doubles", text: byVariables(60, "[X, X]", "X == X"), want: "rego.size"},
		{name: "a list of doubles, counted", text: byVariables(60, "[X, X]", "count(X) == 7"), want: "rego.size"},
		{name: "objects of doubles", text: byVariables(60, `{"a": X, "b": X}`, "X == X"), want: "rego.size"},
		{name: "doubles by rules", text: byRules(60, "[X, X]", "X == X"), want: "rego.size"},
		{name: "doubles by functions", text: byFunctions(60, "[X, X]", "X == X"), want: "rego.size"},
		{name: "doubles handed on", text: byArguments(60, `{"a": X, "b": X}`, "count(X) == 7"), want: "rego.size"},
		{name: "doubles in comprehensions", text: byVariables(60, "[[X, X] | input.action]", "X == X"), want: "rego.size"},
		{name: "a deep list against another", text: deny(rep("[", 60) + rep("]", 60) + " == " + rep("[", 60) + rep("]", 60)), want: "rego.size"},
		{name: "doubles that are not too many", text: byVariables(7, "[X, X]", "count(X) == 7"), want: harmless},
		{name: "a literal with an exponent", text: deny("input.time.hour < 1e1000000"), want: "rego.parse"},
		{name: "a smaller exponent", text: deny("input.time.hour < 1e400"), want: "rego.number"},
		{name: "a hundred thousand digits", text: deny("input.time.hour < 1" + rep("0", 100_000)), want: "rego.parse"},
		{name: "to_number of a text", text: deny(`to_number("1e1000000") > 7`), want: "rego.type-error"},
		{name: "concat", text: deny(`concat("", ["x", "y"]) == "z"`), want: "rego.type-error"},
		{name: "replace", text: deny(`replace(input.principal.id, "", "xxxxxxxxxxxxxxxxxxxx") == "z"`), want: "rego.type-error"},
		{name: "sprintf of a width", text: deny(`sprintf("%1000000000d", [1]) == "z"`), want: "rego.type-error"},
		{name: "strings.repeat", text: deny(`strings.repeat("x", 1000000000) == "z"`), want: "rego.type-error"},
		{name: "a template", text: deny("$\"{input.action}{input.action}\" == \"z\""), want: "rego.parse"},
		{name: "lists joined", text: deny("count(array.concat([1], [2])) == 7"), want: "rego.type-error"},
		{name: "base64", text: deny(`base64.encode("x") == "z"`), want: "rego.type-error"},
		{name: "json.marshal", text: deny(`json.marshal(input) == "z"`), want: "rego.type-error"},
		{name: "yaml.unmarshal", text: deny(`yaml.unmarshal("a: &a [*a, *a]") == {}`), want: "rego.type-error"},
		{name: "split of everything", text: deny(`count(split(input.principal.id, "")) == 99999`), want: "rego.type-error"},

		{name: "split of a long text", text: deny(`count(upper(data.s)) == -1`), files: text(`{"s": "` + rep("x", MaxBytes-1000) + `"}`), want: "data.text"},
		{name: "many splits of a text", text: deny(`count([s | some n, _ in input.fields; s := split(data.s, "")]) == -1`), files: text(`{"s": "` + rep("x", 100_000) + `"}`), want: "data.text"},
		{name: "many capitals of a text", text: deny(`count([s | some n, _ in input.fields; s := upper(data.s)]) == -1`), files: text(`{"s": "` + rep("x", 2_000_000) + `"}`), want: "data.text"},

		{name: "a long text in a module", text: deny(`input.principal.id == "` + rep("x", maxLiteral+1) + `"`), want: "rego.text"},
		{name: "many splits of the input", text: deny(`count([s | some a, _ in input.fields; s := split(input.principal.id, "")]) == -1`), want: "rego.type-error"},
		{name: "splits for triples", text: deny(`count([s | some a, _ in input.fields; some b, _ in input.fields; some c, _ in input.fields; s := split(input.principal.id, "")]) == -1`), want: "rego.type-error"},
		{name: "keys for pairs", text: deny(`count([s | some a, _ in input.fields; some b, _ in input.fields; s := object.keys(input.fields)]) == -1`), want: "rego.type-error"},
		{name: "sets joined for pairs", text: deny(`count([s | some a, _ in input.fields; some b, _ in input.fields; s := {"a"} | {a, b}]) == -1`), want: "rego.type-error"},
		{name: "sets met for pairs", text: deny(`count([s | some a, _ in input.fields; some b, _ in input.fields; s := {"a"} & {a, b}]) == -1`), want: "rego.type-error"},
		{name: "sets taken away for pairs", text: deny(`count([s | some a, _ in input.fields; some b, _ in input.fields; s := {a, b} - {"a"}]) == -1`), want: "steady.fails"},
		{name: "capitals for triples", text: deny(`count([s | some a, _ in input.fields; some b, _ in input.fields; some c, _ in input.fields; s := upper(data.s)]) == -1`), files: text(`{"s": "` + rep("x", maxLiteral) + `"}`), want: denied},

		// patterns
		{name: "a counted pattern", text: deny(`regex.match("(a{500}){2}", input.principal.id)`), want: "rego.pattern"},
		{name: "counts in counts", text: deny(`regex.match("((a{30}){30}){30}", input.principal.id)`), want: "rego.pattern"},
		{name: "a pattern that tries and tries", text: deny(`regex.match("^(([A-Z]+)+)+$", input.principal.id)`), want: harmless},
		{name: "stars of stars", text: deny(`regex.match("(.*)*(.*)*(.*)*(.*)*(.*)*nothing", input.principal.id)`), want: harmless},
		{name: "a pattern from the input", text: deny("regex.match(input.principal.id, input.principal.id)"), want: "rego.pattern"},
		{name: "regex.replace", text: deny(`regex.replace(input.principal.id, "", "xxxx") == "z"`), want: "rego.type-error"},
		{name: "regex.globs_match", text: deny(`regex.globs_match("a.*", "b.*")`), want: "rego.type-error"},

		// reaching out
		{name: "http.send", text: deny(`http.send({"url": "http://127.0.0.1:1/", "method": "get"}).status_code == 200`), want: "rego.type-error"},
		{name: "a name looked up", text: deny(`count(net.lookup_ip_addr("localhost")) > 0`), want: "rego.type-error"},
		{name: "net.cidr_expand", text: deny(`count(net.cidr_expand("10.0.0.0/8")) > 0`), want: "rego.type-error"},
		{name: "a schema from a file", text: deny(`json.match_schema({}, {"$ref": "file:///etc/hostname"})[0]`), want: "rego.type-error"},
		{name: "json.verify_schema", text: deny(`json.verify_schema({"$ref": "http://127.0.0.1:1/"})[0]`), want: "rego.type-error"},
		{name: "a token", text: deny(`io.jwt.decode_verify(input.principal.id, {"secret": "x"})[0]`), want: "rego.type-error"},
		{name: "a certificate", text: deny(`count(crypto.x509.parse_certificates("x")) > 0`), want: "rego.type-error"},
		{name: "the environment", text: deny("opa.runtime().env.HOME == \"x\""), want: "rego.type-error"},
		{name: "providers.aws.sign_req", text: deny(`providers.aws.sign_req({}, {}, 1) == {}`), want: "rego.type-error"},
		{name: "graphql", text: deny(`graphql.is_valid("{x}", "type Query {x: Int}")`), want: "rego.type-error"},
		{name: "a schema annotation", text: "# METADATA\n# schemas:\n#   - input: schema[\"file:///etc/hostname\"]\n" + deny(`input.action == "use"`), want: "rego."},
		{name: "a foreign rego", text: deny(`rego.parse_module("x", "package x").package`), want: "rego.type-error"},

		// clocks, lots and switches
		{name: "time.now_ns", text: deny("time.now_ns() % 2 == 7"), want: "rego.type-error"},
		{name: "rand.intn", text: deny(`rand.intn("x", 10) == 11`), want: "rego.type-error"},
		{name: "uuid", text: deny(`uuid.rfc4122("x") == "y"`), want: "rego.type-error"},
		{name: "with", text: deny("helper with input.action as \"use\"") + "helper if input.action == \"use\"\n", want: "rego."},
		{name: "with a function", text: deny("helper with count as f") + "helper if count([]) == 7\n\nf(x) := 7 if x\n", want: "rego."},
		{name: "print", text: deny("print(input)\n\tinput.action == \"use\""), want: "rego."},
		{name: "trace", text: deny("trace(input.principal.id)"), want: "rego.type-error"},

		// shapes
		{name: "true", text: "permit if true\n", want: "rego."},
		{name: "a set made elsewhere", text: "deny := {x | x := input}\n", want: "rule.shape"},
		{name: "a list of denials", text: "deny contains [\"a\"] if input.action == \"read\"\n", want: "rule.shape"},
		{name: "a rule that the input names", text: "deny contains {\"rule\": input.principal.id, \"category\": \"*\"} if input.action\n", want: "rule.id"},
		{name: "an obligation that the input names", text: "obligations contains {\"rule\": \"a\", \"obligation\": input.principal.id} if input.action\n", want: denied},
		{name: "a field that the input names", text: "deny contains {\"rule\": \"a\", \"field\": input.principal.id} if input.action\n", want: denied},
		{name: "a category that the input names", text: "redact contains {\"rule\": \"a\", \"category\": input.principal.id, \"mask\": \"remove\"} if input.action\n", want: denied},
		{name: "a mask that the input names", text: "redact contains {\"rule\": \"a\", \"category\": \"*\", \"mask\": input.principal.id} if input.action\n", want: denied},
		{name: "one rule, two values", text: deny("not a == 3") + "a := 1 if input.action == \"read\"\n\na := 2 if input.purpose == \"credit\"\n", want: "steady"},
		{name: "an obligation for each field", text: "obligations contains {\"rule\": \"a\", \"obligation\": n} if some n, _ in input.fields\n", want: denied},
		{name: "an object where a text is", text: "deny contains {\"rule\": \"a\", \"field\": f} if some f in input.fields\n", forced: true, want: denied},
		{name: "a list for a rule", text: "deny contains {\"rule\": [\"a\"], \"category\": \"*\"} if input.action\n", forced: true, want: denied},
		{name: "more keys", text: "deny contains {\"rule\": \"one\", \"category\": \"*\", \"more\": input.principal.id} if input.action\n", forced: true, want: denied},
		{name: "the whole input", text: "deny contains input if input.action\n", forced: true, want: denied},
		{name: "a huge answer", text: "deny contains {\"rule\": \"one\", \"field\": [a, b]} if {\n\tsome a, _ in input.fields\n\tsome b, _ in input.fields\n}\n", forced: true, want: denied},

		// functions that fail, with the input in what they say
		{name: "an instant that is none", text: deny("time.parse_rfc3339_ns(input.principal.id) == 7"), want: "steady.fails"},
		{name: "forced: an instant that is none", text: deny("time.parse_rfc3339_ns(input.principal.id) == 7"), forced: true, want: denied},
		{name: "forced: a number of a text", text: deny("abs(input.principal.id) == 7"), forced: true, want: denied},
		{name: "forced: one rule, two values", text: deny("a == 3") + "a := input.principal.id\n\na := input.action\n", forced: true, want: denied},
		{name: "forced: one key, two values", text: deny("count({\"k\": x | some x in [input.principal.id, input.action]}) == 7"), forced: true, want: denied},
		{name: "a function that panics", text: deny("test.panics(input.principal.id)"), forced: true, want: denied},
		{name: "a function that hangs", text: deny("test.hangs(input.principal.id)"), forced: true, want: denied},
		{name: "a function that fails", text: deny("test.fails(input.principal.id)"), forced: true, want: denied},
		{name: "a function that gives nil", text: deny("test.nothing(input.principal.id)"), forced: true, want: harmless},

		// size and depth
		{name: "deep brackets", text: deny(rep("[", 2_000) + rep("]", 2_000) + " == []"), want: "rego."},
		{name: "deep nots", text: deny(rep("not ", 20_000) + "input.action == \"use\""), want: "rego."},
		{name: "deep minus", text: deny("input.time.hour == " + rep("- ", 20_000) + "1"), want: "rego."},
		{name: "a module too large", text: "# " + rep("x", MaxModule) + "\n", want: "list.size"},
		{name: "rules without end", text: rep(deny(`input.action == "use"`), MaxRules+1), want: "list.size"},
		{name: "a very long name", text: deny(rep("x", 100_000) + " := 1"), want: "rego."},
		{name: "elses without end", text: deny("x == 7") + "x := 1 if input.action == \"use\"" + rep(" else := 2 if input.action == \"share\"", 1_500) + "\n", want: "rego."},

		// text tricks
		{name: "right to left", text: deny("input.action == \"use\" # \u202e"), want: "rego.hidden"},
		{name: "a look-alike", text: deny("\u0456nput.action == \"read\""), want: "rego.parse"}, // Cyrillic i
		{name: "a zero width name", text: deny("inp\u200but.action == \"read\""), want: "rego.hidden"},
		{name: "a separator of lines", text: "# deny everything\u2028" + deny("input.action"), want: "rego.hidden"},
		{name: "lines of another system", text: strings.ReplaceAll(deny(`input.action == "use"`), "\n", "\r\n"), want: harmless},
		{name: "a NUL", text: deny("input.action == \"use\x00\""), want: "rego.hidden"},
		{name: "bad UTF-8", text: deny("input.action == \"use\xff\""), want: "file.read"},
		{name: "a comment that hides", text: "# deny everything\rdeny contains {\"rule\": \"a\", \"category\": \"*\"} if input.action\n", want: "rego.hidden"},
		{name: "metadata that explodes", text: "# METADATA\n# custom: &a [" + rep("*a, ", 500) + "]\n" + deny(`input.action == "use"`), want: "rego."},

		// documents
		{name: "a document over the rules", text: deny(`input.action == "use"`), files: text(`{"purposebound": {"permit": [{"rule": "one", "category": "*"}]}}`), want: "data.collides"},
		{name: "a folder over the rules", text: deny(`input.action == "use"`), files: map[string]string{"purposebound/lib/data.json": `{"has_role": true}`}, want: "data.collides"},
		{name: "a document too large", text: deny(`input.action == "use"`), files: text(`{"t": "` + rep("x", MaxBytes) + `"}`), want: "file.read"},
		{name: "a document too deep", text: deny(`input.action == "use"`), files: text(rep(`{"a":`, 100_000) + "1" + rep("}", 100_000)), want: "data."},
		{name: "a document that laughs", text: deny(`input.action == "use"`), files: map[string]string{"data.yaml": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"}, want: "data."},
		{name: "a number too large", text: deny(`input.action == "use"`), files: text(`{"n": 1e1000000}`), want: "data.number"},
		{name: "a key given twice", text: deny(`input.action == "use"`), files: text(`{"n": 1, "n": 2}`), want: "data.duplicate"},
		{name: "a document full of lists", text: deny(`input.action == "use"`), files: text(`{"t": [` + rep("[],", 400_000) + `[]]}`), want: "data.size"},
		{name: "a document full of numbers", text: deny(`input.action == "use"`), files: text(`{"t": [` + rep("1,", 2_000_000) + `1]}`), want: "data.size"},
		{name: "many documents of keys", text: deny(`input.action == "use"`), files: map[string]string{"a/data.json": keys, "b/data.json": keys, "c/data.json": keys}, want: "data.size"},
		{name: "documents that are not too many", text: deny(`input.action == "use"`), files: map[string]string{"a/data.json": keys}, want: harmless},
		{name: "a document full of keys", text: deny(`input.action == "use"`), files: text(`{"t": [` + rep(`{"a":1},`, 500_000) + `1]}`), want: "data.size"},
	}
}

// numbers is a document with a list of so many.
func numbers(n int) string {
	var b strings.Builder
	b.WriteString(`{"t": [0`)
	for i := range n - 1 {
		fmt.Fprintf(&b, ",%d", (i*7919)%n)
	}
	return b.String() + "]}"
}

// pairs are sets, each of the pairs of the one before.
func pairs(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "h%d contains [x, y] if {\n\tsome x in h%d\n\tsome y in h%d\n}\n\n", i+1, i, i)
	}
	return b.String() + "h0 contains n if some n, _ in input.fields\n"
}

// doubles are sums that double a number so many times.
func doubles(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "x%d := x%d + x%d\n\t", i+1, i, i)
	}
	return b.String()
}

// fsOf are the files of a hostile policy.
func (h *hostile) fsOf() fstest.MapFS {
	all := files(all + h.text)
	for name, text := range h.files {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return all
}

// all permits everything.
const all = "permit contains {\"rule\": \"one\", \"category\": \"*\"} if input.action == \"read\"\n\n"

// wideFields are as many fields as a plan can have.
func wideFields() (fields []purpose.SchemaField) {
	for i := range purpose.MaxFields {
		fields = append(fields, purpose.SchemaField{Name: fmt.Sprintf("f%d", i), Tags: purpose.Tags{Personal: "contact.name"}})
	}
	return fields
}
