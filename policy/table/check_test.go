package table_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy/table"
)

// Each row names something that the register does not have, and says the problem that must be reported.
func TestEveryKeyIsThatOfTheRegister(t *testing.T) {
	reg := register(t)
	for _, c := range []struct{ old, new, want string }{
		{"  Name: contact.name\n", "  Name: contact.nmae\n", `4:3: fields.Name: "contact.nmae" is not among the data categories; did you mean "contact.name"? (field.tag)`},
		{"  Name: contact.name\n", "  Name: contact\n", `4:3: fields.Name: "contact" has categories below it`},
		{"bases: [contract]", "purposes: [lease, male]", `5:3: fields.IBAN: "male" is not among the purposes`},
		{"bases: [contract]", "retention: [ten-years]", `5:3: fields.IBAN: "ten-years" is not among the retention rules`},
		{"data_subject: guarantor}", "data_subject: guarantor.id}", `6:3: fields.Surety: say whom the field is about by a role`},
		{"  Name: contact.name\n", "  \"12345678\": contact.name\n", `fields.12345678: the name cannot go on record`},
		{"organisation: lessor", "organisation: lesor", `12:58: defaults.request.principal.organisation: "lesor" is not among the organisations; did you mean "lessor"? (ref.unknown)`},
		{"organisation: lessor", "country: Denmark", `defaults.request.principal.country: "Denmark" is no country of two capital letters (request.country)`},
		{"purpose: lease.billing", "purpose: lease.biling", `14:14: defaults.request.purpose: "lease.biling" is not among the purposes that may be requested; did you mean "lease.billing"? (ref.unknown)`},
		{"purpose: lease.billing", "purpose: lease", `"lease" is not among the purposes that may be requested`},
		{"facts: {instructed: true}", "facts: {instrcted: true}", `18:13: defaults.request.facts.instrcted: "instrcted" is not among the facts; did you mean "instructed"? (ref.unknown)`},
		{"facts: {instructed: true}", `facts: {instructed: "true"}`, `defaults.request.facts.instructed: the fact is declared as bool, and this is text (fact.type)`},
		{"facts: {instructed: true}", `facts: {channel: fax}`, `"fax" is not among the values of the fact (ref.unknown)`},
		{"facts: {instructed: true}", `facts: {ways: [a, c]}`, `"c" is not among the values of the fact; did you mean "a"? (ref.unknown)`},
		{"facts: {instructed: true}", "recipient: bnak", `defaults.request.recipient: "bnak" is not among the recipients; did you mean "bank"? (ref.unknown)`},
		{"facts: {instructed: true}", "statute: boks", `"boks" is not among the laws; did you mean "books"? (ref.unknown)`},
		{"facts: {instructed: true}", "dataset: main", `"main" is not among the datasets (ref.unknown)`},
		{"facts: {instructed: true}", "country: in", `defaults.request.country: "in" is no country of two capital letters`},
		{"facts: {instructed: true}", "provenance: {source: persn}", `"persn" is not among the sources; did you mean "person"? (ref.unknown)`},
		{"facts: {instructed: true}", "provenance: {obtained_for: [mails, males]}", `defaults.request.provenance.obtained_for[1]: "males" is not among the purposes; did you mean "mails"? (ref.unknown)`},
		{"fields: [Name, IBAN]", "fields: [Name, Iban]", `defaults.request.fields[1]: "Iban" is not among the fields of the record (ref.unknown)`},
		{"fields: [Name, IBAN]", "fields: []", `17:13: defaults.request.fields: no field is named`},
		{"data_subjects: {guarantor: bob}", "data_subjects: {warrantor: bob}", `no field of the record is about "warrantor" (ref.unknown)`},
		{"facts: {instructed: true}", "at: 2027-01-01", `defaults.request.at: the request is about a time that has not come (request.time)`},
		{"facts: {instructed: true}", "known_at: 2027-01-01", `the request is about a time that has not come (request.time)`},

		{"principal: {id: u17, ", "principal: {", `20:5: cases[0].request.principal.id: the request states no principal`},
		{", roles: [billing]", "", `the request states no role of the principal`},
		{"    action: read\n", "", `the request states no action, and request.action-missing is not what the case expects (request.missing)`},
		{"    purpose: lease.billing\n", "", `the request states no purpose`},
		{"    data_subject: ada\n", "", `the request states no data subject`},
		{"  now: 2026-05-04T09:00:00+02:00\n", "", `19:5: cases[0]: nothing says what the clock shows: state now (case.now)`},

		{"event: signed", "event: sinned", `defaults.given[0].event: event: not in the register (given.event)`},
		{"kind: relationship.occurred, event: signed", "kind: consent.given, scope: male, quality: good", `defaults.given[0].scope: scope: not in the register`},
		{"kind: relationship.occurred, event: signed", "kind: restriction.imposed, reason: because", `defaults.given[0].reason: reason: not a reason`},
		{"kind: relationship.occurred, event: signed", "kind: hold.released, hold: h", `defaults.given[0].hold: hold: no such event of this data subject`},
		{"kind: relationship.occurred, event: signed", "kind: agreement.signed, data_subject: ada, recipient: desk, purposes: [lease], reference: r", `data_subject: controller-wide only`},
		{"kind: relationship.occurred, event: signed", "kind: incident.opened, reference: r, purposes: [lease], until: 2024-03-01", `until: more than 72 hours after valid_at`},
		{"valid_at: 2024-02-01", "valid_at: 2026-05-05", `10:7: defaults.given[0]: it lies after now (given.time)`},
		{"valid_at: 2024-02-01", "valid_at: 2024-02-01, recorded_at: 2024-01-01", `defaults.given[0].valid_at: valid_at: after the time of recording (given.event)`},
		{"valid_at: 2024-02-01}", "valid_at: 2024-02-01}\n    - {id: lease, kind: relationship.occurred, event: ended, valid_at: 2024-02-01}", `defaults.given[1].id: id: used by another event`},

		{"permitted: [Name, IBAN]", "permitted: [Name, Surety]", `cases[0].expect.permitted[1]: "Surety" is not among the fields that are asked for (ref.unknown)`},
		{"permitted: [Name, IBAN]", "denied: {Iban: []}", `cases[0].expect.denied.Iban: "Iban" is not among the fields that are asked for`},
		{"redacted: {IBAN: last-four}", "redacted: {Iban: last-four}", `"Iban" is not among the fields that are asked for`},
		{"grounds: [run-lease]", "grounds: [run-leese]", `cases[0].expect.grounds[0]: "run-leese" is not among the activities`},
		{"clause: 2.1", "clause: 7.7", `"7.7" is not among the clauses that decisions name`},
		{"obligations: [handle-with-care, tell]", "obligations: [Tell]", `"Tell" is no key`},
		{"person_decides: false", "refer_to: bank", `"bank" is not among the controllers that datasets belong to`},
		{"  - name: billing reads\n", "  - name: billing reads\n    omit: [facts.channel]\n", `cases[0].omit[0]: the defaults state nothing of that name (case.omit)`},
		{"  - name: billing reads\n", "  - name: billing reads\n    omit: [given.leese]\n", `the defaults state nothing of that name`},
		{"  - name: billing reads\n", "  - name: billing reads\n    omit: [purpse]\n", `the defaults state nothing of that name`},
		{"  - name: billing reads\n", "  - name: billing reads\n    omit: [purpose.x]\n", `the defaults state nothing of that name`},
		{"  - name: billing reads\n", "  - name: billing reads\n    request: {purpose: mail}\n", `cases[0].request.purpose: "mail" is not among the purposes`},
	} {
		tab, err := table.Parse("t.yaml", []byte(with(t, one, c.old, c.new)))
		if !assert.NoError(t, err, c.new) {
			continue
		}
		err = tab.Check(reg)
		assert.ErrorIs(t, err, table.ErrInvalid, c.new)
		assert.ErrorContains(t, err, c.want, c.new)
	}
	require.NoError(t, parse(t, one).Check(reg)) // the control
	require.Error(t, parse(t, one).Check(nil))
	require.Error(t, (*table.Table)(nil).Check(reg))
}

// What the register does not have may be asked for, to see it refused: by a case that names the reason, and by no other.
func TestAnUnknownKeyIsAskedForOnPurposeOnly(t *testing.T) {
	reg := register(t)
	for change, reason := range map[string]string{
		"request: {purpose: pricing}":                            "request.purpose-unknown",
		"request: {purpose: lease}":                              "request.purpose-not-leaf",
		"request: {action: share, recipient: broker}":            "recipient.unknown",
		"request: {facts: {mood: true}}":                         "facts.undeclared",
		"request: {facts: {count: many}}":                        "facts.type",
		"request: {facts: {channel: fax}}":                       "facts.value",
		"request: {fields: [Salary]}":                            "request.field-unknown",
		"request: {principal: {organisation: rival}}":            "role.organisation-unknown",
		"request: {dataset: main}":                               "role.dataset-unknown",
		"request: {at: 2027-01-01}":                              "request.time-future",
		"omit: [purpose]":                                        "request.purpose-missing",
		"omit: [action]":                                         "request.action-missing",
		"omit: [principal]":                                      "request.principal-missing",
		"request: {action: share, recipient: bank, country: SE}": "transfer.country-differs",
	} {
		text := with(t, one[:strings.Index(one, "    expect:")], "  - name: billing reads\n", "  - name: billing reads\n    "+change+"\n")
		expect := "    expect: {outcome: denied, reason: " + reason + "}\n"
		if change == "omit: [principal]" {
			expect = "    expect: {outcome: denied, denied: {Name: [request.principal-missing, request.roles-missing]}}\n"
		}
		r := run(t, text+expect)
		assert.True(t, r.OK(), "%s: %s", change, r.Results[0].String())
		if reason != "transfer.country-differs" {
			assert.ErrorIs(t, parse(t, text+"    expect: {outcome: denied}\n").Check(reg), table.ErrInvalid, "%s: the control", change)
		}
	}
}
