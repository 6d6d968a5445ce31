package purposebound.lib_test

import rego.v2

import data.purposebound.lib

from := "2026-05-04T08:00:00.000000000Z"

until := "2026-05-04T20:00:00.000000000Z"

during(at) := {
	"principal": {"id": "u17", "tasks": ["inc-9"]},
	"time": {"at": at},
	"facts": {"incident.id": "inc-9", "incident.from": from, "incident.until": until},
	"fields": {
		"A.log": {"category": "usage.log", "within": ["usage.log", "usage"], "class": "ordinary"},
		"A.iban": {"category": "finance.iban", "within": ["finance.iban", "finance"], "class": "confidential"},
	},
}

noon := during("2026-05-04T12:00:00.000000000Z")

test_between_first if lib.between(from, until) with input as during(from)

test_between_last if lib.between(from, until) with input as during("2026-05-04T19:59:59.999999999Z")

test_between_just_before if not lib.between(from, until) with input as during("2026-05-04T07:59:59.999999999Z")

test_between_just_after if not lib.between(from, until) with input as during(until)

test_between_backwards if not lib.between(until, from) with input as noon

test_between_without_time if not lib.between(from, until) with input as {}

test_between_without_from if not lib.between(input.facts.from, until) with input as noon

test_between_without_until if not lib.between(from, input.facts.until) with input as noon

hours(n) := time.parse_duration_ns(n)

test_since if lib.since(from, hours("8h")) with input as noon

test_since_at_once if lib.since(from, hours("8h")) with input as during(from)

test_since_too_long if not lib.since(from, hours("4h")) with input as noon

test_since_before if not lib.since(until, hours("72h")) with input as noon

test_since_without_from if not lib.since(input.facts.from, hours("8h")) with input as noon

test_since_without_time if not lib.since(from, hours("8h")) with input as {}

incident := {"id": "inc-9", "from": from, "until": until, "categories": ["usage"]}

test_incident_access if lib.incident_access(incident) with input as noon

test_incident_access_to_another if {
	not lib.incident_access({"id": "inc-8", "from": from, "until": until}) with input as noon
}

test_incident_access_when_over if not lib.incident_access(incident) with input as during(until)

test_incident_access_without_id if not lib.incident_access({"from": from, "until": until}) with input as noon

test_incident_access_without_from if not lib.incident_access({"id": "inc-9", "until": until}) with input as noon

test_incident_access_without_until if not lib.incident_access({"id": "inc-9", "from": from}) with input as noon

test_incident_access_without_facts if {
	not lib.incident_access({"id": input.facts.id, "from": from, "until": until}) with input as noon
}

test_incident_access_without_tasks if {
	not lib.incident_access(incident) with input as {"principal": {"id": "u17"}, "time": noon.time}
}

test_incident_access_without_time if not lib.incident_access(incident) with input as {"principal": noon.principal}

test_incident_reaches if lib.incident_reaches(incident, "A.log") with input as noon

test_incident_reaches_no_other if not lib.incident_reaches(incident, "A.iban") with input as noon

test_incident_reaches_when_over if not lib.incident_reaches(incident, "A.log") with input as during(until)

test_incident_reaches_without_categories if {
	not lib.incident_reaches({"id": "inc-9", "from": from, "until": until}, "A.log") with input as noon
}

test_incident_reaches_without_tasks if {
	not lib.incident_reaches(incident, "A.log") with input as {"time": noon.time, "fields": noon.fields}
}

test_incident_reaches_without_time if {
	not lib.incident_reaches(incident, "A.log") with input as {"principal": noon.principal, "fields": noon.fields}
}

test_incident_reaches_without_fields if {
	not lib.incident_reaches(incident, "A.log") with input as {"principal": noon.principal, "time": noon.time}
}
