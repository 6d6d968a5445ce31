# METADATA
# title: Who works with the customer register
# description: A role needs a row in roles/data.yaml, and the person a place on the list in persons/data.yaml (OP-7).
package purposebound

import data.purposebound.lib
import rego.v2

permit contains {"rule": "need-to-know", "field": name} if {
	lib.stays_inside
	some name, _ in input.fields
	some row in data.roles.needs
	row.purpose == input.purpose
	lib.has_role(row.role)
	lib.within_any(name, row.categories)
}

permit contains {"rule": "hands-on", "field": name} if {
	some share in data.roles.shares
	share.purpose == input.purpose
	lib.has_role(share.role)
	some recipient in share.recipients
	lib.shared_with(recipient)
	some name, _ in input.fields
	some row in data.roles.needs
	row.purpose == share.purpose
	row.role == share.role
	lib.within_any(name, row.categories)
}

deny contains {"rule": "predetermined-persons", "category": "*"} if not predetermined

# Dates are of one width, so that they compare as texts do.
predetermined if {
	some person in data.persons.predetermined
	person.id == input.principal.id
	person.from <= input.time.date
	not left(person)
}

left(person) if person.to < input.time.date
