package purposebound_test

import data.purposebound
import rego.v2

test_billing_reads if {
	some rule in purposebound.permit with input as {"purpose": "invoicing", "principal": {"roles": ["billing"]}}
	rule.rule == "billing-reads"
}
