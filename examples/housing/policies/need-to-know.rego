# Need to know by role and purpose, and who may receive.
package purposebound

import rego.v2

import data.purposebound.lib

permit contains {"rule": "works-with", "field": field} if {
	lib.stays_inside
	unconditional
	not input.purpose in data.housing.cases
	some field, _ in input.fields
	lib.needs_field(data.housing.needs, field)
}

permit contains {"rule": "works-on-case", "field": field} if {
	lib.stays_inside
	on_case
	some field, _ in input.fields
	lib.needs_field(data.housing.needs, field)
}

permit contains {"rule": "passes-on", "field": field} if {
	unconditional
	not input.purpose in data.housing.cases
	not input.purpose == "df.task_resolution"
	lib.shared_with_listed(data.housing.receives)
	some field, _ in input.fields
	lib.needs_field(data.housing.needs, field)
}

permit contains {"rule": "passes-on-case", "field": field} if {
	on_case
	lib.shared_with_listed(data.housing.receives)
	some field, _ in input.fields
	lib.needs_field(data.housing.needs, field)
}

# DF-5: the exchange is about a given task.
permit contains {"rule": "gives-task", "field": field} if {
	input.purpose == "df.task_resolution"
	lib.shared_with_listed(data.housing.receives)
	some _ in input.principal.tasks
	some field, _ in input.fields
	lib.needs_field(data.housing.needs, field)
}

unconditional if not input.purpose in data.housing.conditional

on_case if {
	input.purpose in data.housing.cases
	input.facts.actor_assigned_to_case
}
