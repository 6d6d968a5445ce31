package purposebound.lib_test

import rego.v2

import data.purposebound.lib

person := {"fields": {"A.iban": {"category": "finance.iban", "within": ["finance.iban", "finance"], "class": "confidential"}}}

test_within_itself if lib.within("A.iban", "finance.iban") with input as person

test_within_above if lib.within("A.iban", "finance") with input as person

test_within_no_other if not lib.within("A.iban", "contact") with input as person

test_within_not_requested if not lib.within("A.name", "finance") with input as person

test_within_without_within if not lib.within("A.iban", "finance") with input as {"fields": {"A.iban": {"class": "ordinary"}}}

test_within_without_fields if not lib.within("A.iban", "finance") with input as {}

test_within_any if lib.within_any("A.iban", {"contact", "finance"}) with input as person

test_within_any_of_others if not lib.within_any("A.iban", {"contact"}) with input as person

test_within_any_of_none if not lib.within_any("A.iban", set()) with input as person

test_within_any_without_fields if not lib.within_any("A.iban", {"finance"}) with input as {}

test_of_class if lib.of_class("A.iban", "confidential") with input as person

test_of_another_class if not lib.of_class("A.iban", "special") with input as person

test_of_class_not_requested if not lib.of_class("A.name", "confidential") with input as person

test_of_class_without_class if not lib.of_class("A.iban", "confidential") with input as {"fields": {"A.iban": {}}}

test_of_class_without_fields if not lib.of_class("A.iban", "confidential") with input as {}

test_masks if {
	[lib.mask_remove, lib.mask_last_four, lib.mask_year, lib.mask_initials] == ["remove", "last-four", "year", "initials"]
}
