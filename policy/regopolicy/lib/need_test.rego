package purposebound.lib_test

import rego.v2

import data.purposebound.lib

clerk := {"id": "u17", "roles": ["clerk", "advisor"], "tasks": ["loan-7", "review"]}

test_has_role if lib.has_role("clerk") with input.principal as clerk

test_has_role_of_another if not lib.has_role("officer") with input.principal as clerk

test_has_role_without_roles if not lib.has_role("clerk") with input.principal as {"id": "u17", "tasks": ["clerk"]}

test_has_role_without_principal if not lib.has_role("clerk") with input as {}

test_has_any_role if lib.has_any_role({"officer", "advisor"}) with input.principal as clerk

test_has_any_role_in_a_list if lib.has_any_role(["advisor", "officer"]) with input.principal as clerk

test_has_any_role_of_others if not lib.has_any_role({"officer"}) with input.principal as clerk

test_has_any_role_of_none if not lib.has_any_role(set()) with input.principal as clerk

test_has_any_role_without_roles if not lib.has_any_role({"clerk"}) with input.principal as {"id": "u17"}

test_has_task if lib.has_task("loan-7") with input.principal as clerk

test_has_task_of_another if not lib.has_task("loan-8") with input.principal as clerk

test_has_task_without_tasks if not lib.has_task("loan-7") with input.principal as {"id": "u17", "roles": ["loan-7"]}

test_has_any_task if lib.has_any_task({"loan-7", "loan-8"}) with input.principal as clerk

test_has_any_task_of_others if not lib.has_any_task({"loan-8"}) with input.principal as clerk

test_has_any_task_without_tasks if not lib.has_any_task({"loan-7"}) with input.principal as {"id": "u17"}

test_needs_to_know if lib.needs_to_know("clerk", "review", "loan-7") with input.principal as clerk

test_needs_to_know_other_role if not lib.needs_to_know("officer", "review", "loan-7") with input.principal as clerk

test_needs_to_know_other_task if not lib.needs_to_know("clerk", "audit", "loan-7") with input.principal as clerk

test_needs_to_know_other_case if not lib.needs_to_know("clerk", "review", "loan-8") with input.principal as clerk

test_needs_to_know_without_roles if {
	not lib.needs_to_know("clerk", "review", "loan-7") with input.principal as {"tasks": clerk.tasks}
}

test_needs_to_know_without_tasks if {
	not lib.needs_to_know("clerk", "review", "loan-7") with input.principal as {"roles": clerk.roles}
}

test_needs_to_know_without_case if {
	not lib.needs_to_know("clerk", "review", input.facts["case-id"]) with input as {"principal": clerk, "facts": {}}
}

needs := [
	{"purpose": "credit", "role": "clerk", "category": "finance"},
	{"purpose": "credit", "role": "advisor", "category": "contact", "task": "review"},
	{"purpose": "credit", "role": "advisor", "category": "health", "task": "audit"},
	{"purpose": "credit", "role": "advisor", "category": "family", "task": false},
]

asked := {
	"principal": clerk,
	"purposes": ["credit-check", "credit"],
	"fields": {
		"A.iban": {"category": "finance.iban", "within": ["finance.iban", "finance"], "class": "confidential"},
		"A.name": {"category": "contact.name", "within": ["contact.name", "contact"], "class": "ordinary"},
		"A.note": {"category": "health", "within": ["health"], "class": "special"},
		"A.kin": {"category": "family", "within": ["family"], "class": "ordinary"},
	},
}

needed(document) := {name | some name, _ in document.fields; lib.needs_field(needs, name) with input as document}

test_needs_field if needed(asked) == {"A.iban", "A.name"}

test_needs_field_for_another_purpose if {
	needed({"principal": clerk, "purposes": ["marketing"], "fields": asked.fields}) == set()
}

test_needs_field_without_tasks if {
	document := {"principal": {"roles": clerk.roles}, "purposes": asked.purposes, "fields": asked.fields}
	needed(document) == {"A.iban"}
}

test_needs_field_without_roles if {
	needed({"principal": {"tasks": clerk.tasks}, "purposes": asked.purposes, "fields": asked.fields}) == set()
}

test_needs_field_without_principal if needed({"purposes": asked.purposes, "fields": asked.fields}) == set()

test_needs_field_without_purposes if needed({"principal": clerk, "fields": asked.fields}) == set()

test_needs_field_not_requested if not lib.needs_field(needs, "A.phone") with input as asked

test_needs_field_of_no_table if not lib.needs_field([], "A.iban") with input as asked
