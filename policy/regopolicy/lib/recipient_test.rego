package purposebound.lib_test

import rego.v2

import data.purposebound.lib

bank := {"key": "hausbank", "kind": "controller", "country": "DK"}

sharing(recipient) := {"action": "share", "purposes": ["debit", "invoicing"], "recipient": recipient}

reading := {"action": "read", "purposes": ["debit", "invoicing"], "recipient": bank}

lists := {"invoicing": ["hausbank"], "marketing": ["agency"]}

test_stays_inside if lib.stays_inside with input as reading

test_stays_inside_not_when_shared if not lib.stays_inside with input as sharing(bank)

test_stays_inside_without_action if not lib.stays_inside with input as {}

test_shared_with if lib.shared_with("hausbank") with input as sharing(bank)

test_shared_with_another if not lib.shared_with("agency") with input as sharing(bank)

test_shared_with_when_read if not lib.shared_with("hausbank") with input as reading

test_shared_with_without_key if not lib.shared_with("hausbank") with input as sharing({"kind": "controller"})

test_shared_with_without_recipient if not lib.shared_with("hausbank") with input as {"action": "share"}

test_shared_with_kind if lib.shared_with_kind("controller") with input as sharing(bank)

test_shared_with_another_kind if not lib.shared_with_kind("processor") with input as sharing(bank)

test_shared_with_kind_when_read if not lib.shared_with_kind("controller") with input as reading

test_shared_with_kind_without_kind if not lib.shared_with_kind("controller") with input as sharing({"key": "hausbank"})

test_shared_with_kind_without_recipient if not lib.shared_with_kind("controller") with input as {"action": "share"}

test_shared_into if lib.shared_into({"DK", "SE"}) with input as sharing(bank)

test_shared_into_a_list if lib.shared_into(["SE", "DK"]) with input as sharing(bank)

test_shared_into_another if not lib.shared_into({"SE"}) with input as sharing(bank)

test_shared_into_when_read if not lib.shared_into({"DK"}) with input as reading

test_shared_into_without_country if not lib.shared_into({"DK"}) with input as sharing({"key": "hausbank"})

test_shared_into_without_recipient if not lib.shared_into({"DK"}) with input as {"action": "share"}

test_shared_with_listed if lib.shared_with_listed(lists) with input as sharing(bank)

test_shared_with_listed_for_another_purpose if {
	not lib.shared_with_listed(lists) with input as sharing({"key": "agency"})
}

test_shared_with_listed_for_no_list if not lib.shared_with_listed({}) with input as sharing(bank)

test_shared_with_listed_when_read if not lib.shared_with_listed(lists) with input as reading

test_shared_with_listed_without_key if not lib.shared_with_listed(lists) with input as sharing({"country": "DK"})

test_shared_with_listed_without_recipient if {
	not lib.shared_with_listed(lists) with input as {"action": "share", "purposes": ["invoicing"]}
}

test_shared_with_listed_without_purposes if {
	not lib.shared_with_listed(lists) with input as {"action": "share", "recipient": bank}
}
