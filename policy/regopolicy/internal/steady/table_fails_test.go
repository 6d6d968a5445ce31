package steady_test

import "github.com/purposebound/purposebound/policy/regopolicy/internal/steady"

// failures are evaluations that would fail: leaving out what they fail on would permit.
var failures = []row{
	{name: "text function on a number", code: steady.CodeFails, says: "startswith", policy: `
permit contains {"rule": "r", "category": "*"} if {
	input.facts.flag
	some m in data.mixed
	«startswith(m, "x")
}
permit contains {"rule": "s", "category": "*"}`},
	{name: "any part of a field", code: steady.CodeFails, policy: `
permit contains {"rule": "r", "category": "*"} if {
	input.facts.flag
	some f in input.fields
	some part in f
	«startswith(part, "x")
}
permit contains {"rule": "s", "category": "*"}`},
	{name: "element of base documents that are all texts", policy: `
permit contains {"rule": "r", "category": "*"} if {
	some name in data.names
	startswith(input.facts.note, name)
}`},
	{name: "parts of an object", policy: `
permit contains {"rule": "r", "category": "*"} if open({"id": input.facts.note, "until": input.facts.until})

open(case) if {
	startswith(case.id, "note")
	time.parse_rfc3339_ns(case.until) > time.parse_rfc3339_ns(input.time.at)
}`},
	{name: "parts of an object, mixed up", code: steady.CodeFails, says: "used at a.rego:5", policy: `
permit contains {"rule": "r", "category": "*"} if open({"id": input.facts.until, "until": input.facts.note})
permit contains {"rule": "s", "category": "*"}

open(case) if «time.parse_rfc3339_ns(case.until) > 0`},
	{name: "time out of a text", code: steady.CodeFails, says: "an instant of the input", policy: `
permit contains {"rule": "r", "category": "*"} if «time.parse_rfc3339_ns(input.facts.note) > 3
permit contains {"rule": "s", "category": "*"}`},
	{name: "pattern out of a fact", code: steady.CodeFails, says: "a pattern that compiles", policy: `
permit contains {"rule": "r", "category": "*"} if «regex.match(input.facts.note, "a")`, careful: true},
	{name: "division", code: steady.CodeFails, says: "sure to answer", policy: `
permit contains {"rule": "r", "category": "*"} if «10 / input.facts.days > 3
permit contains {"rule": "s", "category": "*"}`},
	{name: "function that fails on another argument", code: steady.CodeFails, policy: `
permit contains {"rule": "r", "category": "*"} if short(input.facts.note)
permit contains {"rule": "s", "category": "*"} if {
	input.facts.flag
	short(input.facts.days)
}
permit contains {"rule": "t", "category": "*"}

short(word) if «count(word) < 3`},
	{name: "two values", code: steady.CodeConflict, says: "different values", policy: `
permit contains {"rule": "r", "category": "*"} if level > 0
permit contains {"rule": "s", "category": "*"}

level := 1 if input.facts.flag

«level := 2 if "a" in input.principal.roles`},
	{name: "value out of a list", code: steady.CodeConflict, says: "add contains", policy: `
permit contains {"rule": "r", "category": "*"} if role == "a"
permit contains {"rule": "s", "category": "*"}

«role := name if some name in input.principal.roles`},
	{name: "value after a comparison", code: steady.CodeConflict, policy: `
permit contains {"rule": "r", "category": "*"} if more(input.facts.days) > 0
permit contains {"rule": "s", "category": "*"}

«more(n) := m if {
	some m in data.limits
	m > n
}`},
	{name: "value before a comparison", code: steady.CodeConflict, policy: `
permit contains {"rule": "r", "category": "*"} if more(input.facts.days) > 0
permit contains {"rule": "s", "category": "*"}

«more(n) := m if {
	some m in data.limits
	n < m
}`},
	{name: "function with two values", code: steady.CodeConflict, policy: `
permit contains {"rule": "r", "category": "*"} if kind(input.facts.days) == 1
permit contains {"rule": "s", "category": "*"}

kind(n) := 1 if n > 0

«kind(n) := 2 if n > 2`},
	{name: "table with two values", code: steady.CodeConflict, policy: `
permit contains {"rule": "r", "category": "*"} if seen.a == "t"
permit contains {"rule": "s", "category": "*"}

«seen[role] := task if {
	some role in input.principal.roles
	some task in input.principal.tasks
}`},
	{name: "object with two values", code: steady.CodeConflict, policy: `
permit contains {"rule": "r", "category": "*"} if {
	input.facts.flag
	by := «{f.class: name | some name, f in input.fields}
	by.special
}
permit contains {"rule": "s", "category": "*"}`},
	{name: "rule over a base document", code: steady.CodeConflict, says: "base document", policy: `
permit contains {"rule": "r", "category": "*"} if taken.v == 1

«taken.v := 1`, careful: true},
}

// forms that are not understood.
var forms = []row{
	{name: "with", code: steady.CodeForm, says: "with is for tests", policy: `
permit contains {"rule": "r", "category": "*"} if {
	«trusted == false with input.facts.flag as false
}

trusted := input.facts.flag`, careful: true},
	{name: "function beside rules", code: steady.CodeForm, policy: `
permit contains {"rule": "r", "category": "*"} if {
	some x
	tree[x].z == 1
}

«tree[x].z := 1 if x := "a"`, careful: true},
}
