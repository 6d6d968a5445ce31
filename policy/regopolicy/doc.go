// Package regopolicy is a policy of Rego modules, for security teams that have the tools of Open Policy Agent.
//
//	package purposebound
//
//	import rego.v2
//	import data.purposebound.lib
//
//	permit contains {"rule": "advisor-serves", "category": "contact"} if {
//		lib.has_role("advisor")
//		"servicing" in input.purposes
//	}
//
//	deny contains {"rule": "no-ids-abroad", "field": name} if {
//		some name, f in input.fields
//		f.class == "national-id"
//		not input.recipient.country == "DK"
//	}
//
//	redact contains {"rule": "account-masked", "category": "finance.iban", "mask": "last-four"} if {
//		not lib.has_role("security_officer")
//	}
//
//	obligations contains {"rule": "tell", "obligation": "record-transfer"} if input.action == "share"
//
// The first decision to make is the set. A permit lets those through who need to know; a field needs one. Deny, redact
// and obligations narrow: deny wins over every permit, redact masks, obligations are for the caller to honour. The
// order of rules never matters, and all of them are asked once for all fields. Whoever has no need of helper rules,
// base documents or tests in Rego is better served by package celpolicy, which is faster.
//
// # Answers
//
// An answer is an object that is written out in the head. "rule" is a key, written out too. Permit, deny and redact name
// either one "field", a key of input.fields, or a "category", which stands for all requested fields in it and below;
// "*" is all requested fields. Redact has a "mask": remove, last-four, year, initials. Obligations have an "obligation". An
// answer of any other form is an error, and an error denies everything.
//
// # Input
//
// Texts are keys of the register. What a request does not state is absent, never null. InputSchema is the same as a
// JSON Schema, with the facts of the register.
//
//	input.action
//	input.purpose, input.purposes       the purpose; it and what is above it
//	input.notice, dataset, reviewer
//	input.principal                     .id .roles[] .tasks[] .organisation .country
//	input.recipient                     .key .kind .country; absent where nothing is shared
//	input.capacities[]                  of the data subject
//	input.facts["loan.until"]           stated once and with the declared type; an instant is a text as in input.time.at
//	input.time                          .at "2026-05-04T08:30:00.000000000Z", .date .hour .minute .weekday (1 is Monday) in the
//	                                    controller's zone
//	input.fields["iban"]                requested fields: .category .within[] (the category and what is above it) .class
//
// Texts longer than 256 bytes and lists of more than 64 entries count as not stated; so do instants outside the years
// 1700 to 2200. Policies see no values.
//
// # Nothing left out ever permits
//
// A request may leave out a fact, a role or a task, and must gain nothing by it. So permit asks plainly for what may be
// absent ("advisor" in input.principal.roles), and the sets that narrow ask under not for what lifts them (not
// input.recipient.country == "DK"). Loading follows every rule and function that decides and refuses what it cannot show to
// keep to this. Action, purpose, time, fields and the principal's id are always there and may be asked anywhere.
//
// Every module imports rego.v2: by the older meaning of not, a refusal vanishes together with the fact that it asks for.
// The same files then mean the same to "opa test" and "opa eval".
//
// # Files
//
// Load reads modules, *.rego, and base documents, data.json, data.yaml and data.yml, which lie under data by their folder.
// Tests, *_test.rego, do not decide; Test runs them. The package purposebound.lib is shipped, see Library. Load checks that
// every purpose, category, recipient, class, fact and so on that is compared with the input exists, and that no function
// is called that could fail, reach out, draw lots, know the time, or take more than its arguments are worth;
// Capabilities lists those that remain. With "opa check --strict --capabilities --schema" the tools refuse much of the same.
//
// # Limits
//
// Loading adds up what the longest evaluation could take. Where that is proven to be a few milliseconds at the most, the guard
// asks the policy where it is; any other is asked on a goroutine of its own and left behind when it is late. Loops over
// fields inside each other, comprehensions, and tables of more than a few hundred values are what is not proven.
//
// Rules answer the same question alike. Where they read nothing of a person - no id, reviewer, task, instant, nor facts other
// than truth values - a verdict is remembered when its question comes a second time, in one of two thousand places; failures
// never are. A rule for one principal or instant is better kept in a policy of its own, so that the others are remembered.
//
// An evaluation ends with its context, and after a number of steps that no ordinary policy comes near. It has then
// failed, and denies. A text in a module or base document has at most 512 bytes, and base documents have at most
// 200,000 values together. Upgrading this module may bring another version of the engine: the digest of the policy says so.
package regopolicy
