package opa

// usual is the policy as one writes it who thinks of one field at a time: a chain of reasons for a field, and the record as
// all of its fields. Looking up is by key; nothing is searched.
const usual = `package measure

import rego.v1

known if data.purposes[input.purpose]

covered(f) if data.covers[input.purpose][f.category]

acts(f) if data.covers[input.purpose][f.category][input.action]

lifted if "supervisor" in input.roles

banned(f) if {
	data.banned[f.category]
	not lifted
}

needed(f) if {
	some role in input.roles
	data.needs[input.purpose][f.group][role][input.action]
}

needed(_) if {
	some role in input.roles
	data.general[role][input.action]
}

code(f) := "no-purpose" if not known

else := "restricted" if input.restricted

else := "not-covered" if not covered(f)

else := "no-action" if not acts(f)

else := "no-basis" if not input.active

else := "ban" if banned(f)

else := "permit" if needed(f)

else := "no-need"

field := code(input.field)

record[name] := code(f) if some name, f in input.fields
`

// best asks what is the same for all fields once, looks each table of the purpose up once, and goes through the
// fields in comprehensions, the permitted ones first: what is permitted needs no reason.
const best = `package measure

import rego.v1

acts := data.covers[input.purpose]

needs := data.needs[input.purpose]

lifted if "supervisor" in input.roles

general if {
	some role in input.roles
	data.general[role][input.action]
}

groups contains group if {
	some role in input.roles
	some group
	needs[group][role][input.action]
}

open if {
	input.active
	not input.restricted
}

answer := [permitted, withheld]

permitted := {name |
	open
	some name, f in input.fields
	acts[f.category][input.action]
	wanted(f)
	not banned(f)
}

wanted(_) if general

wanted(f) if f.group in groups

banned(f) if {
	data.banned[f.category]
	not lifted
}

withheld := {name: code(f) |
	count(permitted) < count(input.fields)
	some name, f in input.fields
	not name in permitted
}

code(f) := "no-purpose" if not data.purposes[input.purpose]

else := "restricted" if input.restricted

else := "not-covered" if not acts[f.category]

else := "no-action" if not acts[f.category][input.action]

else := "no-basis" if not input.active

else := "ban" if banned(f)

else := "no-need"
`

// sets leaves the going through to built-in functions: the register's tables are cut to the record's categories, and cut
// again by what the roles need. It reads less like a policy, and does the least in the engine itself.
const sets = `package measure

import rego.v1

open if {
	input.active
	not input.restricted
}

lifted if "supervisor" in input.roles

needed contains category if {
	some role in input.roles
	data.general[role][input.action]
	some category in input.categories
}

needed contains category if {
	some role in input.roles
	some category in object.keys(object.filter(data.leaves[input.purpose][role][input.action], input.categories))
}

banned := set() if lifted

else := object.keys(object.filter(data.banned, input.categories))

default covered := set()

covered := object.keys(object.filter(data.covers[input.purpose], input.categories))

default acting := set()

acting := object.keys(object.filter(data.acts[input.purpose][input.action], input.categories))

answer := [permitted, withheld]

permitted := (acting & needed) - banned if open

else := set()

withheld := {category: code(category) |
	some category in input.categories - permitted
}

code(category) := "no-purpose" if not data.purposes[input.purpose]

else := "restricted" if input.restricted

else := "not-covered" if not category in covered

else := "no-action" if not category in acting

else := "no-basis" if not input.active

else := "ban" if category in banned

else := "no-need"
`

// table hands the whole question to one function in Go.
const table = `package measure

import rego.v1

record := register.decide(input.purpose, input.action, input.roles, input.record, [input.active, input.restricted])
`

// trivial is the least that can be asked.
const trivial = `package measure

import rego.v1

yes if input.action == "read"
`
