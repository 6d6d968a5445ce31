# What is asked about is what was shown interest in, enquired about, or large enough.
package purposebound

import rego.v2

import data.purposebound.lib

# DF-3: those who showed interest in the very dwelling.
permit contains {"rule": "shows-dwelling", "field": field} if {
	input.purpose == "df.vacancy_interest"
	lib.stays_inside
	input.facts.showed_interest_in == input.facts.dwelling
	some field, _ in input.fields
	lib.needs_field(data.housing.needs, field)
}

# DF-5: the reply is about the tenancy that the municipality enquired about.
permit contains {"rule": "replies-on-tenancy", "field": field} if {
	input.purpose == "df.municipality_residency_reply"
	lib.shared_with_listed(data.housing.receives)
	input.facts["municipality_enquiry.tenancy"] == input.facts.tenancy
	some field, _ in input.fields
	lib.needs_field(data.housing.needs, field)
}

permit contains {"rule": "looks-up-tenancy", "field": field} if {
	input.purpose == "df.municipality_residency_reply"
	lib.stays_inside
	input.facts["municipality_enquiry.tenancy"] == input.facts.tenancy
	some field, _ in input.fields
	lib.needs_field(data.housing.needs, field)
}

# DF-2.6: figures about too few households are personal again.
permit contains {"rule": "counts-laundry", "category": "laundry-figures"} if {
	input.purpose == "df.task_resolution"
	lib.stays_inside
	input.facts.group_size >= data.housing.smallest_group
	lib.has_role("property_manager")
}
