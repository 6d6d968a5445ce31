package purposebound.lib

import rego.v2

# METADATA
# title: Nothing is shared with a recipient
# scope: document
# custom:
#  stated: always
stays_inside if input.action != "share"

# METADATA
# title: A recipient receives
# scope: document
# custom:
#  stated: optional
shared_with(recipient) if {
	not stays_inside
	input.recipient.key == recipient
}

# METADATA
# title: A recipient of a kind receives
# scope: document
# custom:
#  stated: optional
shared_with_kind(kind) if {
	not stays_inside
	input.recipient.kind == kind
}

# METADATA
# title: The recipient is in one of the countries
# scope: document
# custom:
#  stated: optional
shared_into(countries) if {
	not stays_inside
	input.recipient.country in countries
}

# METADATA
# title: The recipient is on the list of the purpose
# description: >-
#  The lists are an object of purposes, each with a list of recipients, from a base document: {"invoicing": ["hausbank"]}.
#  A list holds for its purpose and all below. A purpose without a list allows no recipient.
# scope: document
# custom:
#  stated: optional
shared_with_listed(lists) if {
	not stays_inside
	some purpose in input.purposes
	input.recipient.key in lists[purpose]
}
