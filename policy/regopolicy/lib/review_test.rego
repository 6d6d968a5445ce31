package purposebound.lib_test

import rego.v2

import data.purposebound.lib

test_four_eyes if lib.four_eyes with input as {"reviewer": "u18", "principal": {"id": "u17"}}

test_four_eyes_of_one_person if not lib.four_eyes with input as {"reviewer": "u17", "principal": {"id": "u17"}}

test_four_eyes_of_nobody if not lib.four_eyes with input as {"reviewer": "", "principal": {"id": "u17"}}

test_four_eyes_without_reviewer if not lib.four_eyes with input as {"principal": {"id": "u17"}}

test_four_eyes_without_principal if not lib.four_eyes with input as {"reviewer": "u18"}
