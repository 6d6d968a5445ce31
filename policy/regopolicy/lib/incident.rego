package purposebound.lib

import rego.v2

# METADATA
# title: The time is inside a window
# description: From an instant until before another. Both are instants of the input.
# scope: document
# custom:
#  stated: always
between(from, until) if {
	now := time.parse_rfc3339_ns(input.time.at)
	now >= time.parse_rfc3339_ns(from)
	now < time.parse_rfc3339_ns(until)
}

# METADATA
# title: Less than a length of time has passed since an instant
# description: >-
#  The length is in nanoseconds: since(input.facts["incident.opened"], time.parse_duration_ns("8h")). It does not hold before
#  the instant.
# scope: document
# custom:
#  stated: always
since(from, length) if {
	passed := time.parse_rfc3339_ns(input.time.at) - time.parse_rfc3339_ns(from)
	passed >= 0
	passed < length
}

# METADATA
# title: The principal works on an incident that is open
# description: >-
#  An incident is an object {"id": ..., "from": ..., "until": ...}, most often of facts. Its id must be among the tasks
#  of the principal, and the time inside its window.
# scope: document
# custom:
#  stated: optional
incident_access(incident) if {
	has_task(incident.id)
	between(incident.from, incident.until)
}

# METADATA
# title: An open incident reaches a field
# description: As incident_access, for a field within one of the incident's "categories".
# scope: document
# custom:
#  stated: optional
incident_reaches(incident, field) if {
	within_any(field, incident.categories)
	incident_access(incident)
}
