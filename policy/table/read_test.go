package table_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy/table"
	"github.com/purposebound/purposebound/purpose"
)

// Each row spoils one thing of the form of a table and says the one problem that must be reported.
func TestEveryFlawOfFormHasItsPlace(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"title: Leases", "titel: Leases", `1:1: "titel" is no key here; did you mean "title"? (yaml.key-unknown)`},
		{"title: Leases", "title: Leases\ntitle: Again", `2:1: "title" is given already in line 1 (yaml.key-duplicate)`},
		{"title: Leases", "title:", `1:7: title: nothing is given: write a value, or leave the key out (yaml.null)`},
		{"title: Leases", `title: ""`, `1:8: title: nothing is given: write a text, or leave the key out (yaml.null)`},
		{"title: Leases", "title: &a Leases", `1:8: title: anchors, aliases and merge keys are not part of a table: write it out, or use defaults (yaml.alias)`},
		{"title: Leases", "title: !!str Leases", `1:8: title: tags are not part of a table (yaml.tag)`},
		{"title: Leases", "title: [Leases]", `1:8: title: this is a list where a single value belongs (yaml.kind)`},
		{"  IBAN: {category: finance.iban, bases: [contract]}", "  IBAN: {bases: [contract]}", `5:9: fields.IBAN: "category" is missing (yaml.key-missing)`},
		{"bases: [contract]", "bases: [kontrakt]", `fields.IBAN.bases[0]: "kontrakt" is not one of consent, contract, legal-obligation, vital-interests, public-task, legitimate-interests (yaml.value)`},
		{"bases: [contract]", "basis: [contract]", `"basis" is no key here; did you mean "bases"? (yaml.key-unknown)`},
		{"  Name: contact.name\n", "  Name: contact.name\n  Name: contact.mail\n", `5:3: fields: "Name" is given already in line 4 (yaml.key-duplicate)`},
		{"  now: 2026-05-04T09:00:00+02:00", "  now: 2026-05-04T09:00:00", `8:8: defaults.now: "2026-05-04T09:00:00" is no instant of the form 2006-01-02T15:04:05+02:00, and no date (yaml.value)`},
		{"  now: 2026-05-04T09:00:00+02:00", "  now: tomorrow", `8:8: defaults.now: "tomorrow" is no instant`},
		{"kind: relationship.occurred", "kind: relationship.ocurred", `10:25: defaults.given[0].kind: "relationship.ocurred" is no kind of event; did you mean "relationship.occurred"? (yaml.value)`},
		{"kind: relationship.occurred, ", "", `10:7: defaults.given[0]: "kind" is missing (yaml.key-missing)`},
		{"event: signed, ", "", `10:7: defaults.given[0]: "event" is missing (yaml.key-missing)`},
		{"event: signed, ", "evnt: signed, ", `10:48: defaults.given[0]: "evnt" is no key here; did you mean "event"? (yaml.key-unknown)`},
		{"event: signed, ", "event: signed, scope: mails, ", `"scope" is no key here`},
		{", valid_at: 2024-02-01", "", `10:7: defaults.given[0]: "valid_at" is missing (yaml.key-missing)`},
		{"kind: relationship.occurred, event: signed", "kind: consent.given, scope: mails", `"quality" is missing`},
		{"kind: relationship.occurred, event: signed", "kind: consent.given, scope: mails, quality: perfect", `"perfect" is not one of good, explicit, or a mapping (yaml.value)`},
		{"kind: relationship.occurred, event: signed", "kind: consent.given, scope: mails, quality: {free: true}", `"affirmative" is missing (yaml.key-missing)`},
		{"kind: relationship.occurred, event: signed", "kind: objection.raised, ground: spite", `"spite" is not one of marketing, own-situation (yaml.value)`},
		{"action: read", "action: peek", `13:13: defaults.request.action: "peek" is not one of collect, read, use, store, share, decide (yaml.value)`},
		{"action: read", "acton: read", `13:5: defaults.request: "acton" is no key here; did you mean "action"? (yaml.key-unknown)`},
		{"roles: [billing]", "roles: billing", `defaults.request.principal.roles: this is a single value where a list belongs (yaml.kind)`},
		{"roles: [billing]", "roles: [billing, ~]", `defaults.request.principal.roles[1]: nothing is given`},
		{"facts: {instructed: true}", "facts: {instructed: {at: 3}}", `"at" is no key here; known: instant (yaml.key-unknown)`},
		{"facts: {instructed: true}", "facts: {instructed: 007}", `defaults.request.facts.instructed: this is no whole number in decimal digits; quote it to make it a text (yaml.value)`},
		{"facts: {instructed: true}", "facts: {since: {instant: 2024-01-01}}", `a fact that is an instant is written with its time and zone (yaml.value)`},
		{"facts: {instructed: true}", "minor: yes", `"yes" is neither true nor false (yaml.value)`},
		{"outcome: permitted", "outcome: allowed", `22:16: cases[0].expect.outcome: "allowed" is not one of denied, partial, permitted (yaml.value)`},
		{"outcome: permitted", "reason: policy.deneid", `cases[0].expect.reason: "policy.deneid" is no reason; did you mean "policy.denied"? (yaml.value)`},
		{"outcome: permitted", "denied: {Name: because}", `cases[0].expect.denied.Name: "because" is no reason`},
		{"redacted: {IBAN: last-four}", "redacted: {IBAN: first-four}", `"first-four" is not one of remove, last-four, year, initials (yaml.value)`},
		{"  - name: billing reads\n", "  - note: no name\n", `"name" is missing (yaml.key-missing)`},
		{"  - name: billing reads\n", "  - name: billing reads\n    expect: {outcome: denied}\n  - name: billing reads\n", `22:11: cases[1].name: case 1 has this name already (case.name)`},
		{"  - name: billing reads\n", "  - name: empty\n    expect: {}\n  - name: billing reads\n", `21:13: cases[0].expect: nothing is expected: a case that cannot fail proves nothing (case.expect)`},
		{"  - name: billing reads\n", "  - name: none\n  - name: billing reads\n", `"expect" is missing (yaml.key-missing)`},
		{"title: Leases", "\ttitle: Leases", `1:1: a line is indented by spaces, not tabs (yaml.tab)`},
		{"title: Leases", "title: {Leases", `this is not readable as YAML (yaml.syntax)`},
		{"title: Leases", "---\ntitle: Leases\n---\n", `a table is one document (yaml.documents)`},
		{"title: Leases", "title: Lea\u202eses", `1:11: a control character (yaml.control)`},
		{"title: Leases", "title: Lea\x00ses", `1:11: a control character (yaml.control)`},
		{"title: Leases", "title: Lea\xffses", `1:11: the file is not UTF-8 (yaml.encoding)`},
		{"title: Leases", "<<: {title: x}", `anchors, aliases and merge keys`},
		{"title: Leases", "? [a]\n: b", `a key is a plain word (yaml.key)`},
	} {
		_, err := table.Parse("t.yaml", []byte(with(t, one, c.old, c.new)))
		var ps table.Problems
		if !assert.ErrorAs(t, err, &ps, c.new) {
			continue
		}
		assert.ErrorIs(t, err, table.ErrInvalid)
		assert.Contains(t, err.Error(), c.want, c.new)
		for _, p := range ps {
			assert.Equal(t, "t.yaml", p.File)
			assert.Positive(t, p.Line)
			assert.Positive(t, p.Column)
		}
	}
	_, err := table.Parse("t.yaml", []byte(one)) // the control
	require.NoError(t, err)
}

func TestAllProblemsComeAtOnceInOrder(t *testing.T) {
	text := with(t, with(t, with(t, one, "title", "titel"), "action: read", "action: peek"), "outcome: permitted", "outcome: allowed")
	_, err := table.Parse("t.yaml", []byte(text))
	var ps table.Problems
	require.ErrorAs(t, err, &ps)
	require.Len(t, ps, 3)
	require.True(t, ps[0].Line < ps[1].Line && ps[1].Line < ps[2].Line)
	require.True(t, ps.Has("yaml.key-unknown"))
	require.False(t, ps.Has("yaml.tab"))
}

func TestTablesWithoutCasesOrFieldsAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                      "the file is empty",
		"# none":                "the file is empty",
		"null":                  "the file is empty",
		"fields: {}\ncases: []": "there is no case",
		"fields: {}\ncases: [{name: a, expect: {outcome: denied}}]": "the record has no field",
		"fields: {A: b}":                       `"cases" is missing`,
		"[]":                                   "this is a list where a mapping belongs",
		strings.Repeat("x", table.MaxSize+1):   "larger than",
		strings.Repeat("- \n", table.MaxNodes): "keys and values",
		"fields: {A: b}\ncases:\n" + strings.Repeat("- {name: a, expect: {outcome: denied}}\n", table.MaxCases+1): "cases, at most",
	} {
		_, err := table.Parse("t.yaml", []byte(text))
		require.ErrorIs(t, err, table.ErrInvalid)
		require.ErrorContains(t, err, want)
	}
}

func TestProblemsAreBounded(t *testing.T) {
	_, err := table.Parse("t.yaml", []byte(strings.Repeat("? [x]\n: y\n", 5000)))
	var ps table.Problems
	require.ErrorAs(t, err, &ps)
	require.Len(t, ps, 1000)
	require.Equal(t, "problems.more", ps[len(ps)-1].Code)
}

func TestReadFindsTheTables(t *testing.T) {
	files := fstest.MapFS{
		"b.yaml": {Data: []byte(one)}, "a.yml": {Data: []byte(one)}, "sub/c.yaml": {Data: []byte(one)}, "notes.txt": {Data: []byte("x")},
		".hidden.yaml": {Data: []byte("x")}, "..data/d.yaml": {Data: []byte("x")},
	}
	for pattern, want := range map[string]int{"": 3, "*.yaml": 1, "*.y*ml": 2, "*/*.yaml": 1} {
		if pattern == "*/*.yaml" {
			delete(files, "..data/d.yaml")
		}
		tabs, err := table.Read(files, pattern)
		require.NoError(t, err, pattern)
		require.Len(t, tabs, want, pattern)
	}
	for _, pattern := range []string{"*.json", "[", "notes/*"} {
		_, err := table.Read(files, pattern)
		require.ErrorIs(t, err, table.ErrInvalid, pattern)
	}
	_, err := table.Read(nil, "")
	require.ErrorIs(t, err, table.ErrInvalid)
	_, err = table.Read(fstest.MapFS{"d.yaml": {Mode: fs.ModeDir}}, "*.yaml")
	require.ErrorContains(t, err, "d.yaml: cannot be read")
	_, err = table.Read(failing{}, "")
	require.ErrorContains(t, err, "cannot be listed")
	require.NotContains(t, err.Error(), "canary")

	files["b.yaml"] = &fstest.MapFile{Data: []byte("x")}
	files["a.yml"] = &fstest.MapFile{Data: []byte("x")}
	_, err = table.Read(files, "")
	var ps table.Problems
	require.ErrorAs(t, err, &ps)
	require.Equal(t, []string{"a.yml", "b.yaml"}, []string{ps[0].File, ps[1].File})
}

type failing struct{}

func (failing) Open(string) (fs.File, error) { return nil, errors.New("canary") }

func TestTextsAreReadAsTheyStand(t *testing.T) {
	tab := parse(t, with(t, one, "facts: {instructed: true}", `facts: {channel: NO, count: -3, ways: [a, 2.4], since: {instant: 2024-05-06T12:00:00+02:00}, instructed: false}`))
	facts := tab.Defaults.Request.Facts
	require.Equal(t, purpose.TextValue("NO"), facts["channel"])
	require.Equal(t, purpose.IntValue(-3), facts["count"])
	require.Equal(t, purpose.TextsValue("a", "2.4"), facts["ways"])
	require.Equal(t, purpose.False(), facts["instructed"])
	require.Equal(t, "2024-05-06T10:00:00Z", facts["since"].Instant().Format("2006-01-02T15:04:05Z07:00"))
	require.Equal(t, table.Texts{"2.1"}, tab.Cases[0].Expect.Clause)

	windows := "\xef\xbb\xbf" + strings.ReplaceAll(one, "\n", "\r\n")
	require.Equal(t, parse(t, one).Cases, parse(t, windows).Cases, "a byte order mark and the line ends of Windows")
}
