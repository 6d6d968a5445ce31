// Package table runs decision tables: requests with what is known of a person, and how each must be decided and why.
//
// The first decision to make is what a case is to prove. Compared is only what it states, so a case that is to show a
// refusal names its reason: a request may be denied for many, and one that is misspelt is denied too.
//
//	title: Who reads accounts
//	fields:
//	  Name: contact.name
//	  IBAN: {category: finance.iban, bases: [contract]}
//	defaults:
//	  now: 2026-05-04T09:00:00+02:00
//	  given:
//	    - {id: lease, kind: relationship.occurred, event: signed, valid_at: 2024-02-01}
//	  request:
//	    principal: {id: u17, roles: [billing]}
//	    action: read
//	    purpose: invoicing
//	    data_subject: ada
//	    facts: {instructed: true}
//	cases:
//	  - name: billing reads accounts
//	    expect: {outcome: permitted, grounds: [keep-lease], redacted: {IBAN: last-four}}
//	  - name: whoever was not instructed does not
//	    omit: [facts.instructed]
//	    expect: {outcome: denied, reason: facts.missing}
//
// [Run] gives each case a guard of its own, with the deciders, a ledger that holds what is given, a trail, and a clock that
// shows now. What may be read or shared is released too, and the release has to agree with the explanation.
//
// A case takes over what the defaults say: its events come on top, its facts and the parts of its request replace those of
// the same name, and omit takes out what must not be stated. Events are those of a ledger by the names of
// [basis.EncodeBody]. An event is about the data subject of the request unless it says otherwise, and was recorded when it
// became valid unless it says when. A date is the beginning of that day in the zone of the controller.
//
// Everything is strict. Unknown and repeated keys, keys of the register that are not in it, and a case that states no
// principal, purpose, action or data subject are problems, each with file, line and column, unless the case expects the very
// reason that such a request is refused for. Names and ids in tables are made up: they appear in reports.
//
// A [Collector] counts which policy rules and which activities and clauses of the register the cases came upon.
package table
