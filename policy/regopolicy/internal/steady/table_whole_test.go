package steady_test

import "github.com/purposebound/purposebound/policy/regopolicy/internal/steady"

// wholes are values that are compared as a whole.
var wholes = []row{
	{name: "size of roles", code: steady.CodeList, says: "one entry only", policy: `
permit contains {"rule": "r", "category": "*"} if count(«input.principal.roles) == 1`},
	{name: "roles are a list", code: steady.CodeList, policy: `
permit contains {"rule": "r", "category": "*"} if «input.principal.roles == ["a"]`},
	{name: "first role", code: steady.CodeList, says: "without the index", policy: `
permit contains {"rule": "r", "category": "*"} if «input.principal.roles[0] == "a"`},
	{name: "index of a role", code: steady.CodeList, policy: `
permit contains {"rule": "r", "category": "*"} if {
	«some i, role in input.principal.roles
	i == 0
	role == "a"
}`},
	{name: "every role", code: steady.CodeList, policy: `
permit contains {"rule": "r", "category": "*"} if {
	every role in «input.principal.roles {
		role == "a"
	}
}`},
	{name: "membership as a value", code: steady.CodeList, policy: `
permit contains {"rule": "r", "category": "*"} if {
	member := "a" in «input.principal.roles
	member == false
}`},
	{name: "list given to a function", code: steady.CodeList, policy: `
permit contains {"rule": "r", "category": "*"} if none(«input.principal.roles)

none(roles) if not "b" in roles`},
	{name: "list out of a rule", code: steady.CodeRead, policy: `
permit contains {"rule": "r", "category": "*"} if not "b" in list

list := «input.principal.roles`},
	{name: "list out of a rule, compared", code: steady.CodeList, policy: `
permit contains {"rule": "r", "category": "*"} if list == ["a"]

list := «input.principal.roles`},
	{name: "list compared with a list", code: steady.CodeList, policy: `
permit contains {"rule": "r", "category": "*"} if {
	roles := input.principal.roles
	«roles == «input.principal.tasks
}`},
	{name: "list in a list", code: steady.CodeList, policy: `
permit contains {"rule": "r", "category": "*"} if [«input.principal.roles] == [["a"]]`},
	{name: "sorted tags", code: steady.CodeList, policy: `
permit contains {"rule": "r", "category": "*"} if max(«input.facts.tags) == "a"`},
	{name: "membership with a key", code: steady.CodeList, policy: `
permit contains {"rule": "r", "category": "*"} if 0, "a" in «input.principal.roles`},
	{name: "size of a set", code: steady.CodeRead, says: "used as a whole at a.rego:5", policy: `
permit contains {"rule": "r", "category": "*"} if count(mine) == 1

mine contains role if «some role in input.principal.roles`},
	{name: "set is a set", code: steady.CodeRead, policy: `
permit contains {"rule": "r", "category": "*"} if mine == {"a"}

mine contains role if «some role in input.principal.roles`},
	{name: "every of a set", code: steady.CodeRead, policy: `
permit contains {"rule": "r", "category": "*"} if {
	every role in mine {
		role == "a"
	}
}

mine contains role if «some role in input.principal.roles`},
	{name: "table as a whole", code: steady.CodeRead, policy: `
permit contains {"rule": "r", "category": "*"} if count(seen) == 1

seen[role] := 1 if «some role in input.principal.roles`},
	{name: "package as a whole", code: steady.CodeRead, says: "read with others", policy: `
permit contains {"rule": "r", "category": "*"} if {
	some name, _ in data.purposebound.part
	name == "on"
}

part.on if «input.facts.flag`, careful: true},
	{name: "rule in a table", code: steady.CodeRead, says: "read with others", policy: `
permit contains {"rule": "r", "category": "*"} if part.on == 2

part[x] := 1 if «some x in input.principal.roles

part.on := 2`, careful: true},
	{name: "comprehension of roles", code: steady.CodeRead, says: "in a comprehension", policy: `
permit contains {"rule": "r", "category": "*"} if count({role | «some role in input.principal.roles}) == 1`},
	{name: "comprehension with a fact", code: steady.CodeRead, policy: `
permit contains {"rule": "r", "category": "*"} if count([1 | «input.facts.flag]) == 0`},
	{name: "comprehension through a helper", code: steady.CodeRead, policy: `
permit contains {"rule": "r", "category": "*"} if [1 | trusted] == []

trusted if «input.facts.flag`},
	{name: "default", code: steady.CodeRead, says: "default or else", policy: `
permit contains {"rule": "r", "category": "*"} if trusted == false

default trusted := false

trusted if «input.facts.flag`},
	{name: "default function", code: steady.CodeRead, policy: `
permit contains {"rule": "r", "category": "*"} if has("a") == false

default has(_) := false

has(role) if role in «input.principal.roles`},
	{name: "else", code: steady.CodeRead, policy: `
permit contains {"rule": "r", "category": "*"} if level == 2

level := 1 if {
	«input.facts.flag
} else := 2`},
	{name: "object.get with a default", code: steady.CodeInput, says: "as a whole", policy: `
permit contains {"rule": "r", "category": "*"} if object.get(«input.facts, "flag", false) == false`},
	{name: "facts as a whole", code: steady.CodeInput, policy: `
permit contains {"rule": "r", "category": "*"} if count(«input.facts) < 3`},
	{name: "input as a whole", code: steady.CodeInput, policy: `
permit contains {"rule": "r", "category": "*"} if not has(«input, "notice")

has(document, name) if document[name]`},
	{name: "recipient as a whole", code: steady.CodeInput, policy: `
permit contains {"rule": "r", "category": "*"} if not «input.recipient`},
	{name: "principal by pattern", code: steady.CodeInput, policy: `
permit contains {"rule": "r", "category": "*"} if {
	{"id": "u17"} == «input.principal
}`, careful: true},
	{name: "computed fact", code: steady.CodeInput, says: "not constant", policy: `
permit contains {"rule": "r", "category": "*"} if {
	some key in ["flag", "days"]
	not «input.facts[key]
}`},
	{name: "fact that is not declared", code: steady.CodeInput, says: "no declared fact", policy: `
permit contains {"rule": "r", "category": "*"} if «input.facts.other`, careful: true},
}
