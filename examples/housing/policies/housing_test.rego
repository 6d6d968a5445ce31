package purposebound_test

import rego.v2

import data.purposebound

at := "2024-04-15T08:00:00.000000000Z"

# The one field asked for, by the name of its category, with the category above.
of(category, root) := {category: {"category": category, "within": [category, root], "class": "ordinary"}}

asks(role, action, purpose, category, root, facts) := {
	"action": action, "purpose": purpose, "purposes": [purpose],
	"principal": {"id": "staff", "roles": [role]},
	"time": {"at": at}, "fields": of(category, root), "facts": facts,
}

gives(role, purpose, category, root, facts, recipient) := {
	"action": "share", "purpose": purpose, "purposes": [purpose],
	"principal": {"id": "staff", "roles": [role]}, "recipient": {"key": recipient, "kind": "controller", "country": "DK"},
	"time": {"at": at}, "fields": of(category, root), "facts": facts,
}

# Facts with others in the place of some, and with one left out.
but(facts, others) := {k: object.get(others, k, v) | some k, v in facts}

without(facts, key) := {k: v | some k, v in facts; k != key}

permits(document) := {a.rule | some a in purposebound.permit with input as document}

denials(document) := {a.rule | some a in purposebound.deny with input as document}

test_works_with if {
	permits(asks("letting_agent", "read", "df.lease_creation", "contact.name", "contact", {})) == {"works-with"}
	permits(asks("letting_agent", "read", "df.lease_creation", "key-log.key_log_when", "key-log", {})) == set()
	permits(asks("property_manager", "read", "df.lease_creation", "contact.name", "contact", {})) == set()
}

test_works_on_case if {
	permits(asks("property_manager", "read", "df.complaint_handling", "complaint.complaint_case_data", "complaint", {"actor_assigned_to_case": true})) == {"works-on-case"}
	permits(asks("property_manager", "read", "df.complaint_handling", "complaint.complaint_case_data", "complaint", {"actor_assigned_to_case": false})) == set()
	permits(asks("property_manager", "read", "df.complaint_handling", "complaint.complaint_case_data", "complaint", {})) == set()
}

test_passes_on if {
	permits(gives("letting_agent", "df.lease_creation", "contact.name", "contact", {}, "property_administrator")) == {"passes-on"}
	permits(gives("letting_agent", "df.lease_creation", "contact.name", "contact", {}, "caretaker")) == set()
	permits(gives("property_manager", "df.complaint_handling", "complaint.complaint_case_data", "complaint", {"actor_assigned_to_case": true}, "caretaker")) == {"passes-on-case"}
}

test_gives_task if {
	document := gives("property_manager", "df.task_resolution", "task.task_description", "task", {}, "craftsman")
	permits(document) == set()
	"gives-task" in {a.rule | some a in purposebound.permit with input as document with input.principal.tasks as ["leak-3"]}
}

night := {
	"incident.ref": "I-7", "incident.kind": "burglary",
	"window.from": "2024-04-11T18:00:00.000000000Z", "window.to": "2024-04-12T04:00:00.000000000Z",
	"approved_window.from": "2024-04-11T18:00:00.000000000Z", "approved_window.to": "2024-04-12T04:00:00.000000000Z",
}

search(role, facts) := asks(role, "read", "df.key_log_investigation", "key-log.key_log_when", "key-log", facts)

obliged(document) := {a.rule | some a in purposebound.obligations with input as document}

test_searches_log if {
	permits(search("security_officer", night)) == {"searches-log"}
	denials(search("security_officer", night)) == set()
	obliged(search("security_officer", night)) == set()
	permits(search("legal_counsel", night)) == set()
	permits(search("legal_counsel", but(night, {"incident.kind": "legal_dispute"}))) == {"searches-log-for-dispute"}
}

test_door_is_scope if {
	door := {"incident.ref": "I-7", "door": "cellar", "approved_door": "cellar"}
	permits(search("security_officer", door)) == {"searches-log"}
	denials(search("security_officer", door)) == set()
	denials(search("security_officer", but(door, {"approved_door": "attic"}))) == {"search-misses-window"}
	obliged(search("security_officer", door)) == set()
	obliged(search("security_officer", but(door, {"approved_door": "attic"}))) == {"cut-to-window"}
}

test_longer_search_is_cut if {
	obliged(search("security_officer", but(night, {"window.from": "2024-03-01T00:00:00.000000000Z"}))) == {"cut-to-window"}
	obliged(search("security_officer", but(night, {"window.to": "2024-04-15T00:00:00.000000000Z"}))) == {"cut-to-window"}
	obliged(search("security_officer", without(night, "approved_window.from"))) == {"cut-to-window"}
}

test_nothing_is_left_outside_the_window if {
	denials(search("security_officer", but(night, {"window.from": "2024-04-12T04:00:00.000000000Z", "window.to": "2024-04-12T05:00:00.000000000Z"}))) == {"search-misses-window"}
	denials(search("security_officer", but(night, {"window.from": "2024-04-11T17:00:00.000000000Z", "window.to": "2024-04-11T18:00:00.000000000Z"}))) == {"search-misses-window"}
	denials(search("security_officer", but(night, {"window.to": "2024-04-11T18:00:00.000000001Z"}))) == set()
}

test_nothing_without_incident_or_scope if {
	denials(search("security_officer", without(night, "incident.ref"))) == {"incident-missing"}
	denials(search("security_officer", without(night, "window.to"))) == {"scope-missing", "search-misses-window"}
	permits(search("security_officer", without(night, "window.to"))) == set()
}

register(kind, category) := asks("property_manager", "collect", "df.key_administration", category, "key", {"key_kind": kind})

test_keys_by_kind if {
	denials(register(["fob"], "key.fob_colour")) == set()
	denials(register(["fob"], "key.phone_key_number")) == {"fob-knows-no-phone"}
	denials(register(["phone"], "key.phone_key_number")) == set()
	denials(register(["phone"], "key.fob_colour")) == {"phone-knows-no-fob"}
}

test_machines if {
	permits(asks("system", "collect", "df.key_log_investigation", "key-log.key_log_when", "key-log", {})) == {"logs-keys"}
	permits(asks("system", "read", "df.key_log_investigation", "key-log.key_log_when", "key-log", night)) == set()
	permits(asks("system", "collect", "df.cctv_crime_prevention", "footage.cctv_footage", "footage", {})) == {"cameras-record"}
	permits(gives("system", "df.cctv_crime_prevention", "footage.cctv_footage", "footage", {}, "cctv_partner")) == {"partner-keeps"}
	permits(gives("system", "df.cctv_crime_prevention", "footage.cctv_footage", "footage", {}, "police")) == set()
}

interested(dwelling) := asks("letting_agent", "collect", "df.vacancy_interest", "contact.name", "contact", {"showed_interest_in": "D-4", "dwelling": dwelling})

test_shows_dwelling if {
	permits(interested("D-4")) == {"shows-dwelling"}
	permits(interested("D-5")) == set()
	permits(asks("letting_agent", "collect", "df.vacancy_interest", "contact.name", "contact", {})) == set()
}

about(tenancy) := {"municipality_enquiry.tenancy": "T-9", "tenancy": tenancy}

test_replies_on_tenancy if {
	permits(gives("property_manager", "df.municipality_residency_reply", "contact.name", "contact", about("T-9"), "municipality")) == {"replies-on-tenancy"}
	permits(gives("property_manager", "df.municipality_residency_reply", "contact.name", "contact", about("T-10"), "municipality")) == set()
	permits(asks("property_manager", "read", "df.municipality_residency_reply", "contact.name", "contact", about("T-9"))) == {"looks-up-tenancy"}
}

counted(size) := asks("property_manager", "read", "df.task_resolution", "laundry-figures.laundry_usage_aggregate", "laundry-figures", {"group_size": size})

test_counts_laundry if {
	permits(counted(5)) == {"counts-laundry"}
	permits(counted(4)) == set()
}
