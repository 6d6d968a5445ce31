package purposebound

import rego.v2

permit contains {"rule": "billing-reads", "category": "*"} if {
	input.purpose == "invoicing"
	"billing" in input.principal.roles
}

permit contains {"rule": "support-helps", "category": "contact"} if {
	input.purpose == "support"
	input.facts.case_open
}

redact contains {"rule": "account-masked", "category": "finance.iban", "mask": "last-four"} if {
	not "auditor" in input.principal.roles
}
