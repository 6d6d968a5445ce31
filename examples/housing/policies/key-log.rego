# DF-2.8: the log of the locks is searched after an incident, for a period or a door.
package purposebound

import rego.v2

import data.purposebound.lib

permit contains {"rule": "logs-keys", "category": "*"} if {
	input.purpose == "df.key_log_investigation"
	input.action in {"collect", "store"}
	lib.has_role("system")
}

permit contains {"rule": "searches-log", "category": "*"} if {
	searching
	scoped
	input.facts["incident.ref"]
	lib.has_role("security_officer")
}

permit contains {"rule": "searches-log-for-dispute", "category": "*"} if {
	searching
	scoped
	input.facts["incident.kind"] == "legal_dispute"
	lib.has_role("legal_counsel")
}

deny contains {"rule": "incident-missing", "category": "*"} if {
	searching
	not input.facts["incident.ref"]
}

deny contains {"rule": "scope-missing", "category": "*"} if {
	searching
	not scoped
}

# What lies outside the approved window, or behind another door than the approved one, is cut away.
obligations contains {"rule": "cut-to-window", "obligation": "rows-within-approved-window-only"} if {
	searching
	not approved
}

# Nothing is left of a search with no moment of the approved window in it and behind no approved door.
deny contains {"rule": "search-misses-window", "category": "*"} if {
	searching
	not touches
}

# A fob is registered with dwelling and colour, a key on a telephone with user name and number.
deny contains {"rule": "fob-knows-no-phone", "field": field} if {
	registering
	some field, _ in input.fields
	lib.within_any(field, {"key.phone_key_username", "key.phone_key_number"})
	not "phone" in input.facts.key_kind
}

deny contains {"rule": "phone-knows-no-fob", "field": field} if {
	registering
	some field, _ in input.fields
	lib.within_any(field, {"key.fob_address", "key.fob_colour"})
	not "fob" in input.facts.key_kind
}

searching if {
	input.purpose == "df.key_log_investigation"
	input.action in {"read", "use"}
}

registering if {
	input.purpose == "df.key_administration"
	input.action in {"collect", "store"}
}

scoped if {
	input.facts["window.from"]
	input.facts["window.to"]
}

scoped if input.facts.door

approved if {
	time.parse_rfc3339_ns(input.facts["window.from"]) >= time.parse_rfc3339_ns(input.facts["approved_window.from"])
	time.parse_rfc3339_ns(input.facts["window.to"]) <= time.parse_rfc3339_ns(input.facts["approved_window.to"])
}

approved if input.facts.door == input.facts.approved_door

touches if {
	time.parse_rfc3339_ns(input.facts["window.from"]) < time.parse_rfc3339_ns(input.facts["approved_window.to"])
	time.parse_rfc3339_ns(input.facts["window.to"]) > time.parse_rfc3339_ns(input.facts["approved_window.from"])
}

touches if input.facts.door == input.facts.approved_door
