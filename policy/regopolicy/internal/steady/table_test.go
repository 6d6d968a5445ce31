package steady_test

import "slices"

// row is a policy. A mark stands where a problem is expected; careful says that refusing is caution: the policy could
// be shown to be right by a deeper look, or tests cannot show the harm.
type row struct {
	name, policy, code, says string
	careful                  bool
}

// table of policies.
var table = slices.Concat(dailyPermits, dailyDenials, absences, wholes, failures, forms)

// dailyPermits are what policies ask for every day.
var dailyPermits = []row{
	{name: "role", policy: `permit contains {"rule": "r", "category": "*"} if "a" in input.principal.roles`},
	{name: "role by iteration", policy: `
permit contains {"rule": "r", "category": "*"} if {
	some role in input.principal.roles
	role in {"a", "b"}
}`},
	{name: "role by wildcard", policy: `permit contains {"rule": "r", "category": "*"} if input.principal.roles[_] == "a"`},
	{name: "roles that differ from a word", policy: `
permit contains {"rule": "r", "category": "*"} if {
	some role in input.principal.roles
	not role == "b"
}`},
	{name: "fact", policy: `permit contains {"rule": "r", "category": "*"} if input.facts.flag`},
	{name: "fact with a hyphen", policy: `permit contains {"rule": "r", "category": "*"} if input.facts["case-open"]`},
	{name: "fact compared", policy: `permit contains {"rule": "r", "category": "*"} if input.facts.days > 2`},
	{name: "facts compared with each other", policy: `permit contains {"rule": "r", "category": "*"} if input.facts.note != input.dataset`},
	{name: "fact bound, then negated", policy: `
permit contains {"rule": "r", "category": "*"} if {
	days := input.facts.days
	not days > 2
}`},
	{name: "text list", policy: `permit contains {"rule": "r", "category": "*"} if "x" in input.facts.tags`},
	{name: "aliased import", policy: `
import input.principal as who

permit contains {"rule": "r", "category": "*"} if "a" in who.roles`},
	{name: "either", policy: `permit contains {"rule": "r", "category": "*"} if input.facts.flag or "a" in input.principal.roles`},
	{name: "both", policy: `permit contains {"rule": "r", "category": "*"} if input.facts.flag and { "a" in input.principal.roles; input.time.hour < 12 }`},
	{name: "every field", policy: `
permit contains {"rule": "r", "category": "*"} if {
	every f in input.fields {
		f.class == "ordinary"
		input.facts.flag
	}
}`},
	{name: "field by class", policy: `
permit contains {"rule": "r", "field": name} if {
	some name, f in input.fields
	not f.class == "special"
	"contact" in f.within
}`},
	{name: "category from a fact", policy: `permit contains {"rule": "r", "category": input.facts.note} if input.purpose == "p0"`},
	{name: "base documents", policy: `permit contains {"rule": "r", "category": "*"} if input.recipient.country in data.partners[input.purpose]`},
	{name: "key from a fact", policy: `permit contains {"rule": "r", "category": "*"} if data.open[input.dataset]`},
	{name: "window", policy: `
permit contains {"rule": "r", "category": "*"} if {
	from := time.parse_rfc3339_ns(input.facts.until)
	now := time.parse_rfc3339_ns(input.time.at)
	now - from < time.parse_duration_ns("720h")
	now < time.add_date(from, 1, 0, 0)
}`},
	{name: "helper", policy: `
permit contains {"rule": "r", "category": "*"} if trusted

trusted if "a" in input.principal.roles
trusted if input.facts.flag`},
	{name: "helper under two nots", policy: `
permit contains {"rule": "r", "category": "*"} if not blocked

blocked if not input.facts.flag`},
	{name: "function of a word", policy: `
permit contains {"rule": "r", "category": "*"} if has("a")

has(role) if role in input.principal.roles`},
	{name: "function of a fact", policy: `
permit contains {"rule": "r", "category": "*"} if near(input.recipient.country)

near(country) if not country in {"US"}`},
	{name: "function of a text", policy: `
permit contains {"rule": "r", "category": "*"} if short(input.facts.note)

short(word) if count(word) < 3`},
	{name: "function by cases", policy: `
permit contains {"rule": "r", "category": "*"} if level(input.facts.note) > 1

level("a") := 1
level("b") := 2`},
	{name: "function with a value", policy: `
permit contains {"rule": "r", "category": "*"} if next(input.facts.days) == 4

next(n) := m if m := n + 1`},
	{name: "set by membership", policy: `
permit contains {"rule": "r", "category": "*"} if "a" in mine

mine contains role if some role in input.principal.roles`},
	{name: "set by lookup and iteration", policy: `
permit contains {"rule": "r", "category": "*"} if {
	mine.a
	some role in mine
	role != "b"
}

mine contains role if some role in input.principal.roles`},
	{name: "table by lookup", policy: `
permit contains {"rule": "r", "category": "*"} if seen.a == 1

seen[role] := 1 if some role in input.principal.roles`},
	{name: "value of a fact", policy: `
permit contains {"rule": "r", "category": "*"} if days > 2

days := input.facts.days`},
	{name: "text out of a rule", policy: `
permit contains {"rule": "r", "category": "*"} if startswith(note, "note")

note := input.facts.note`},
	{name: "default over what is always stated", policy: `
permit contains {"rule": "r", "category": "*"} if {
	office
	input.facts.flag
}

default office := false

office if input.time.hour < 17`},
	{name: "else over what is always stated", policy: `
permit contains {"rule": "r", "category": "*"} if input.facts.days < limit

limit := 3 if {
	input.purpose == "p0"
} else := 10`},
	{name: "comprehension over what is always stated", policy: `
permit contains {"rule": "r", "category": "*"} if {
	special := {name | some name, f in input.fields; f.class == "special"}
	count(special) == 0
	input.facts.flag
}`},
	{name: "object comprehension by key", policy: `
permit contains {"rule": "r", "field": name} if {
	classes := {path: f.class | some path, f in input.fields}
	some name, class in classes
	class == "ordinary"
}`},
	{name: "comprehension of a bound value", policy: `
permit contains {"rule": "r", "category": "*"} if {
	country := input.recipient.country
	count([p | some p, all in data.partners; country in all]) > 0
}`},
}

// dailyDenials ask the same under not.
var dailyDenials = []row{
	{name: "deny all but a role", policy: `deny contains {"rule": "r", "category": "*"} if not "a" in input.principal.roles`},
	{name: "deny abroad", policy: `
deny contains {"rule": "r", "field": name} if {
	some name, f in input.fields
	f.class == "special"
	not input.recipient.country == "DK"
}`},
	{name: "deny unless young", policy: `deny contains {"rule": "r", "category": "*"} if not input.facts.days < 3`},
	{name: "deny unless a body holds", policy: `
deny contains {"rule": "r", "category": "*"} if {
	not {
		some role in input.principal.roles
		role in {"a", "b"}
		input.facts.flag
	}
}`},
	{name: "deny by a field that no task covers", policy: `
deny contains {"rule": "r", "field": name} if {
	some name, f in input.fields
	not f.category in input.principal.tasks
}`},
	{name: "redact unless helped", policy: `
redact contains {"rule": "r", "category": "finance", "mask": "last-four"} if not cleared

cleared if "a" in input.principal.roles
cleared if input.reviewer != input.principal.id`},
	{name: "oblige unless told", policy: `obligations contains {"rule": "r", "obligation": "tell"} if not input.facts.flag`},
	{name: "deny by what is always stated", policy: `deny contains {"rule": "r", "category": "*"} if input.time.weekday > 5`},
	{name: "deny through a set", policy: `
deny contains {"rule": "r", "field": name} if {
	some name in closed
	not "b" in input.principal.roles
}

closed contains name if {
	some name, _ in input.fields
	not input.facts.flag
}`},
	{name: "deny either", policy: `deny contains {"rule": "r", "category": "*"} if not input.facts.flag or not "a" in input.principal.roles`},
	{name: "deny where every field is uncovered", policy: `
deny contains {"rule": "r", "category": "*"} if {
	every f in input.fields {
		not f.class == input.facts.note
	}
}`},
}
