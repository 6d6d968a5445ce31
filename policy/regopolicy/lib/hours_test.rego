package purposebound.lib_test

import rego.v2

import data.purposebound.lib

office(weekday, hour, minute) if {
	lib.working_hours(lib.workdays, [8, 30], [17, 0]) with input.time as {"weekday": weekday, "hour": hour, "minute": minute}
}

test_workdays if lib.workdays == {1, 2, 3, 4, 5}

test_working_hours_begin if office(1, 8, 30)

test_working_hours_end if office(5, 16, 59)

test_working_hours_just_before if not office(1, 8, 29)

test_working_hours_just_after if not office(5, 17, 0)

test_working_hours_at_night if not office(3, 3, 45)

test_working_hours_at_weekends if not office(6, 12, 0)

test_working_hours_backwards if {
	not lib.working_hours({1}, [17, 0], [8, 30]) with input.time as {"weekday": 1, "hour": 20, "minute": 0}
}

test_working_hours_of_plain_hours if {
	not lib.working_hours({1}, 8, 17) with input.time as {"weekday": 1, "hour": 12, "minute": 0}
}

test_working_hours_without_weekday if {
	not lib.working_hours({1}, [8, 0], [17, 0]) with input.time as {"hour": 12, "minute": 0}
}

test_working_hours_without_hour if {
	not lib.working_hours({1}, [8, 0], [17, 0]) with input.time as {"weekday": 1, "minute": 0}
}

test_working_hours_without_minute if {
	not lib.working_hours({1}, [8, 0], [17, 0]) with input.time as {"weekday": 1, "hour": 12}
}

test_working_hours_without_time if not lib.working_hours({1}, [8, 0], [17, 0]) with input as {}
