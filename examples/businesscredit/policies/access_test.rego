package purposebound_test

import data.purposebound
import rego.v2

person(id, roles) := {"id": id, "roles": roles}

anna := person("anna", ["customer_service_agent"])

requested := {
	"Name": {"category": "basic.name", "within": ["basic.name", "basic"], "class": "ordinary"},
	"Credit": {"category": "credit.credit_data", "within": ["credit.credit_data", "credit"], "class": "confidential"},
}

reading(principal, purpose, date) := {
	"action": "read",
	"purpose": purpose,
	"purposes": [purpose],
	"principal": principal,
	"time": {"date": date},
	"fields": requested,
}

sharing(principal, recipient) := {
	"action": "share",
	"purpose": "op.customer_service",
	"purposes": ["op.customer_service"],
	"principal": principal,
	"recipient": {"key": recipient},
	"time": {"date": "2026-05-04"},
	"fields": requested,
}

listed := {"predetermined": [
	{"id": "anna", "from": "2022-01-01"},
	{"id": "jonas", "from": "2022-01-01", "to": "2025-12-31"},
]}

refused_by(id, date, persons) if {
	document := reading(person(id, ["customer_service_agent"]), "op.customer_service", date)
	some answer in purposebound.deny with input as document with data.persons as persons
	answer.rule == "predetermined-persons"
}

refused(id, date) if refused_by(id, date, listed)

fields(document) := {f | some answer in purposebound.permit with input as document; f := answer.field}

test_listed if not refused("anna", "2026-05-04")

test_not_listed if refused("stranger", "2026-05-04")

test_first_day if not refused("anna", "2022-01-01")

test_before_the_first_day if refused("anna", "2021-12-31")

test_last_day if not refused("jonas", "2025-12-31")

test_after_the_last_day if refused("jonas", "2026-01-01")

test_an_empty_list_lists_nobody if refused_by("anna", "2026-05-04", {"predetermined": []})

test_no_list_lists_nobody if refused_by("anna", "2026-05-04", {})

test_a_role_sees_what_it_needs if fields(reading(anna, "op.customer_service", "2026-05-04")) == {"Name"}

test_no_role_sees_nothing if fields(reading(person("anna", []), "op.customer_service", "2026-05-04")) == set()

test_another_purpose_shows_nothing if fields(reading(anna, "op.aml", "2026-05-04")) == set()

test_a_role_hands_on_what_it_needs if fields(sharing(anna, "subprocessor")) == {"Name"}

test_not_to_anybody if fields(sharing(anna, "group_company")) == set()

test_another_role_hands_on_nothing if fields(sharing(person("anna", ["analyst"]), "subprocessor")) == set()
