package steady_test

import "github.com/purposebound/purposebound/policy/regopolicy/internal/steady"

// absences are asked for.
var absences = []row{
	{name: "permit without a fact", code: steady.CodeRead, says: "permit would then apply", policy: `
permit contains {"rule": "r", "category": "*"} if not «input.facts.flag`},
	{name: "permit without a fact compared", code: steady.CodeRead, says: "bind it first", policy: `
permit contains {"rule": "r", "category": "*"} if not «input.facts.days > 3`},
	{name: "permit without a role", code: steady.CodeRead, says: "input.principal.roles", policy: `
permit contains {"rule": "r", "category": "*"} if not "b" in «input.principal.roles`},
	{name: "permit without a role, in a body", code: steady.CodeRead, says: "input.principal.roles", policy: `
permit contains {"rule": "r", "category": "*"} if {
	not {
		«some role in input.principal.roles
		role == "b"
	}
}`},
	{name: "permit where a role is no other", code: steady.CodeRead, says: "input.principal.tasks", policy: `
permit contains {"rule": "r", "category": "*"} if {
	some role in input.principal.roles
	not role in «input.principal.tasks
}`},
	{name: "permit by an alias under not", code: steady.CodeRead, says: "input.principal.roles", policy: `
permit contains {"rule": "r", "category": "*"} if {
	roles := input.principal.roles
	not "b" in «roles
}`},
	{name: "permit through a helper under not", code: steady.CodeRead, says: "used at a.rego:5", policy: `
permit contains {"rule": "r", "category": "*"} if not blocked

blocked if «input.facts.flag`},
	{name: "permit through a function under not", code: steady.CodeRead, says: "permit", policy: `
permit contains {"rule": "r", "category": "*"} if not has("b")

has(role) if role in «input.principal.roles`},
	{name: "permit by an argument under not", code: steady.CodeRead, says: "input.recipient.country", policy: `
permit contains {"rule": "r", "category": "*"} if not abroad(«input.recipient.country)

abroad(country) if country != "DK"`},
	{name: "permit through a set under not", code: steady.CodeRead, says: "input.principal.roles", policy: `
permit contains {"rule": "r", "category": "*"} if not "b" in mine

mine contains role if «some role in input.principal.roles`},
	{name: "permit through a table under not", code: steady.CodeRead, says: "input.principal.roles", policy: `
permit contains {"rule": "r", "category": "*"} if not seen.b

seen[role] := 1 if «some role in input.principal.roles`},
	{name: "permit by either under not", code: steady.CodeRead, policy: `
permit contains {"rule": "r", "category": "*"} if not (input.purpose == "p0" or «input.facts.flag)`},
	{name: "permit by aliased import under not", code: steady.CodeRead, says: "input.principal.country", policy: `
import input.principal as who

permit contains {"rule": "r", "category": "*"} if not «who.country == "US"`},
	{name: "deny by a fact", code: steady.CodeRead, says: "deny would then not apply", policy: `
deny contains {"rule": "r", "category": "*"} if «input.facts.flag`},
	{name: "deny by a role", code: steady.CodeRead, says: "ask under not", policy: `
deny contains {"rule": "r", "category": "*"} if "b" in «input.principal.roles`},
	{name: "deny by a role, iterated", code: steady.CodeRead, policy: `
deny contains {"rule": "r", "category": "*"} if {
	«some role in input.principal.roles
	role == "b"
}`},
	{name: "deny abroad, asked directly", code: steady.CodeRead, says: "input.recipient.country", policy: `
deny contains {"rule": "r", "category": "*"} if «input.recipient.country != "DK"`},
	{name: "deny a field named by a fact", code: steady.CodeRead, policy: `
deny contains {"rule": "r", "category": «input.facts.note} if input.purpose == "p0"`},
	{name: "redact under two nots", code: steady.CodeRead, policy: `
redact contains {"rule": "r", "category": "*", "mask": "hide"} if not unmarked

unmarked if not «input.facts.flag`},
	{name: "oblige by a recipient", code: steady.CodeRead, policy: `
obligations contains {"rule": "r", "obligation": "tell"} if «input.recipient.kind == "controller"`},
	{name: "deny by a key from a fact", code: steady.CodeRead, policy: `
deny contains {"rule": "r", "category": "*"} if data.open[«input.facts.note] != false
deny contains {"rule": "s", "category": "*"} if «input.dataset == "crm"`},
	{name: "one helper both ways", code: steady.CodeRead, says: "deny", policy: `
permit contains {"rule": "r", "category": "*"} if trusted

deny contains {"rule": "r", "category": "*"} if trusted

trusted if «input.facts.flag`},
	{name: "one helper both ways, the permit first", code: steady.CodeRead, says: "redact", policy: `
permit contains {"rule": "r", "category": "*"} if trusted

redact contains {"rule": "r", "category": "*", "mask": "hide"} if trusted

trusted if «input.facts.flag`},
	{name: "deny by both", code: steady.CodeRead, policy: `
deny contains {"rule": "r", "category": "*"} if input.purpose == "p0" and «input.facts.flag
deny contains {"rule": "s", "category": "*"} if «input.facts.flag and input.purpose == "p0"`},
	{name: "every under not", code: steady.CodeRead, policy: `
permit contains {"rule": "r", "category": "*"} if {
	not {
		every f in input.fields {
			f.class == "ordinary"
			«input.facts.flag
		}
	}
}`},
}
