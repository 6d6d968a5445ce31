package purposebound.lib

import rego.v2

# METADATA
# title: Monday to Friday
# scope: document
# custom:
#  stated: always
workdays := {1, 2, 3, 4, 5}

# METADATA
# title: It is a working hour
# description: >-
#  On one of the days (1 is Monday), from an hour and minute until before another of the same day: working_hours(workdays,
#  [8, 30], [17, 0]). The time is that of the controller's zone.
# scope: document
# custom:
#  stated: always
working_hours(days, from, until) if {
	input.time.weekday in days
	now := [input.time.hour, input.time.minute]
	now >= from
	now < until
}
