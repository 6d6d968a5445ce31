// Package celpolicy is a policy of plain rules: selectors over what the register declares, and an
// optional condition in CEL. The selectors are compiled; CEL runs only where a rule says when.
//
//	rules:
//	  - id: billing-reads
//	    effect: permit
//	    actions: [read]
//	    roles: [billing]
//	    purposes: [invoicing]
//	    categories: [contact, finance.iban]
//	    when: facts.case_open && hour >= 8 && hour < 17
//	  - id: mask-iban
//	    effect: redact
//	    categories: [finance.iban]
//	    except_roles: [billing]
//	    mask: last-four
//
// The first decision to make is the effect. A permit rule lets those through who need to know; a field
// needs one. Deny, redact and oblige rules narrow: deny wins over every permit, redact masks, oblige adds
// obligations for the caller to honour. The order of rules never matters.
//
// # Nothing left out ever permits
//
// A request may leave out a fact, a role or a task, and must gain nothing by it. So roles and tasks select
// in permit rules only; a rule that narrows says except_roles, and applies to all who hold none of them. In
// a condition, roles and tasks are asked with in and exists, in a direction that keeps to the
// same rule; anything else is refused when the policy is loaded. A condition that mentions something that the
// request does not state is not evaluated: it has failed. So has one that meets an error. A permit rule whose
// condition failed permits nothing; every other rule denies the fields that it selects.
//
// # Conditions
//
// A condition is a CEL expression of type bool over these variables. Texts are keys of the register.
//
//	facts.<key>     a declared fact; '-' in a key is written '_', a word that begins with a digit or that CEL
//	                reserves gets a leading '_' (facts.loan.paid_out, facts.auth._2fa, facts._in)
//	action purpose dataset notice
//	principal organisation reviewer       who asks, for whom, and who decides: ids and a key of the register
//	recipient recipient_kind country      empty where nothing is shared
//	roles tasks capacities                lists of texts
//	at              the instant that is judged by, a timestamp
//	date hour minute weekday              of at in the controller's zone: "2026-05-04", 0-23, 0-59, 1 (Monday)-7
//	field category class                  of one field: the condition is then evaluated for each
//
// Texts longer than 256 bytes and lists of more than 64 entries count as not stated. A text that is compared
// with purpose, category, recipient or another closed list must be in that list. Of CEL's library there are the
// operators, all, exists, exists_one, filter, map, size, contains, startsWith, endsWith, matches with a literal
// pattern, timestamp and duration of texts, and the getters of timestamps in UTC and of durations.
//
// The tests hold a policy each for need to know by role, task and case, recipients by purpose, working hours, four
// eyes, an incident with its window and scope, and masks (features_test.go).
//
// # Limits
//
// What an expression may cost is estimated when the policy is loaded, for the longest texts and lists. Those
// under MaxCost units of CEL's cost model run freely; others stop with the context, or at ten times
// MaxCost, and have then failed. See the constants for sizes.
package celpolicy
