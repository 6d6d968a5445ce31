package acceptance

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// write puts a file of cases into a folder of its own.
func write(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cases.json"), []byte(text), 0o600))
	return dir
}

const sound = `{"id": "FX-T1", "notice": "000-focus", "clause": "FX-2.3.2", "kind": "read",
 "given": {"subject": ["customer"], "events": [{"type": "customer_relation_started", "at": "2021-01-10"}]},
 "request": {"actor": {"role": "advisor", "task": "case:assigned"}, "action": "read", "fields": ["name"], "purpose": "fx.contract_service", "at": "2024-04-15T10:00:00+02:00"},
 "expect": "allow", "why": "a test"}`

// TestTheCasesAreAllThere: none of the 390 is skipped.
func TestTheCasesAreAllThere(t *testing.T) {
	list, err := ReadDir("cases")
	require.NoError(t, err)
	by := map[string]int{}
	for i := range list {
		require.NoError(t, list[i].Bad, list[i].ID)
		by[prefix(list[i].ID)]++
	}
	assert.Equal(t, map[string]int{"FX": 72, "DF": 94, "AR": 79, "OP": 70, "FO": 75}, by)
}

func TestASoundCasePasses(t *testing.T) {
	list, err := ReadDir(write(t, "["+sound+"]"))
	require.NoError(t, err)
	var out bytes.Buffer
	tally := RunAll(&out, Notices(".."), list)
	assert.Equal(t, Tally{Passed: 1}, tally)
	assert.Equal(t, "cases: 1 passed, 0 failed\n", out.String())
}

// TestWhatIsWrongWithACaseFailsIt: a case that is not of the form, of no notice, or asks what nobody knows fails by itself,
// in one line that says why.
func TestWhatIsWrongWithACaseFailsIt(t *testing.T) {
	for name, x := range map[string]struct{ old, with, says string }{
		"unknown key":       {`"kind"`, `"kindd"`, `unknown field "kindd"`},
		"unknown action":    {`"action": "read"`, `"action": "peruse"`, `unknown action "peruse"`},
		"no time":           {`"at": "2024-04-15T10:00:00+02:00"`, `"at": "noon"`, "request.at is no time"},
		"no such notice":    {`"FX-T1"`, `"XX-T1"`, "no notice has cases XX-"},
		"other outcome":     {`"allow"`, `"deny"`, "expected deny, got allow: outcome allow"},
		"other basis":       {`"expect": "allow"`, `"expect": "allow", "detail": {"basis": "gdpr.6.1.f"}`, "basis [gdpr.6.1.b], expected gdpr.6.1.f"},
		"unknown detail":    {`"expect": "allow"`, `"expect": "allow", "detail": {"colour": "red"}`, "colour <nil>, expected red"},
		"unknown field":     {`["name"]`, `["nam"]`, "unmapped: fields.nam"},
		"unknown capacity":  {`["customer"]`, `["custmer"]`, "unmapped: subject.custmer"},
		"unknown event":     {`"type": "customer_relation_started"`, `"type": "relation_began"`, "unmapped: events.relation_began"},
		"another purpose":   {`"fx.contract_service"`, `"fx.contract"`, "request.purpose-unknown"},
		"another action":    {`"action": "read"`, `"action": "share"`, "recipient.missing"},
		"a right, misspelt": {`"action": "read"`, `"action": "request_right", "right": "acess"`, "unknown right"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, sound, x.old)
			text := strings.Replace(sound, x.old, x.with, 1)
			if strings.HasPrefix(x.says, "unmapped") {
				text = strings.Replace(text, `"allow"`, `"return"`, 1) // the line is that of a failing case
			}
			list, err := ReadDir(write(t, "["+text+","+strings.Replace(sound, "FX-T1", "FX-T2", 1)+"]"))
			require.NoError(t, err)
			var out bytes.Buffer
			tally := RunAll(&out, Notices(".."), list)
			assert.Equal(t, 1, tally.Passed, "the other case is not touched")
			assert.Equal(t, 1, tally.Failed)
			line, _, _ := strings.Cut(out.String(), "\n")
			assert.True(t, strings.HasPrefix(line, "FAIL "), line)
			assert.Contains(t, line, x.says)
			assert.Contains(t, out.String(), "cases: 1 passed, 1 failed\n")
		})
	}
}

// TestWhatNoVocabularyKnowsGrantsNothing, and is listed.
func TestWhatNoVocabularyKnowsGrantsNothing(t *testing.T) {
	const facts, consents, objections = `"facts": `, `"consents": `, `"objections": `
	for name, x := range map[string]struct{ before, with, unmapped string }{
		"a fact":                    {`"events"`, facts + `{"weather": "fine"}, "events"`, "facts.weather"},
		"a key of the request":      {`"purpose"`, `"mood": "good", "purpose"`, "request.mood"},
		"a key of the actor":        {`"role"`, `"on_leave": true, "role"`, "request.actor.on_leave"},
		"an event":                  {`"events": [`, `"events": [{"type": "eclipse", "at": "2024-01-01"}, `, "events.eclipse"},
		"a capacity":                {`"subject": [`, `"subject": ["martian", `, "subject.martian"},
		"a quality of a consent":    {`"events"`, consents + `[{"scope": "newsletter", "given_at": "2024-01-01", "sung": true}], "events"`, "consents.sung"},
		"the scope of an objection": {`"events"`, objections + `[{"scope": "mondays", "at": "2024-01-01"}], "events"`, "objections.mondays"},
		"a part of an objection": {`"events"`, objections + `[{"scope": "own_situation", "purpose": "fx.newsletter", "at": "2024-01-01", "sung": true}], "events"`,
			"objections.sung"},
		"a part of a hold": {`"events"`, facts + `{"legal_hold": {"ref": "H-1", "sung": true}}, "events"`, "facts.legal_hold: sung"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, sound, x.before)
			list, err := ReadDir(write(t, "["+strings.Replace(sound, x.before, x.with, 1)+"]"))
			require.NoError(t, err)
			var out bytes.Buffer
			tally := RunAll(&out, Notices(".."), list)
			assert.Equal(t, []string{"FX-T1: " + x.unmapped}, tally.Unmapped)
			assert.Zero(t, tally.Passed)
			assert.Contains(t, out.String(), "got deny")
			assert.Contains(t, out.String(), "facts.undeclared")
		})
	}
}

// TestWhatCannotBeWrittenDoesNotLoad, whatever the register says without it.
func TestWhatCannotBeWrittenDoesNotLoad(t *testing.T) {
	const entry = `[{"id": "FX-T1", "notice": "000-focus", "clause": "FX-2.4.2", "kind": "validation", "given": {"facts": {"basis": "gdpr.6.1.a"%s}},
		"request": {"actor": {"role": "system"}, "action": "register_activity", "purpose": "fx.newsletter", "at": "2024-04-15T10:00:00+02:00"},
		"expect": "%s", "why": "x"}]`
	for facts, expect := range map[string]string{"": Valid, `, "weather": "fine"`: Invalid} {
		list, err := ReadDir(write(t, fmt.Sprintf(entry, facts, expect)))
		require.NoError(t, err)
		var out bytes.Buffer
		assert.Equal(t, 1, RunAll(&out, Notices(".."), list).Passed, out.String())
	}
}

// TestAnUnknownScopeOfConsentIsListed, and takes nothing from a request that rests on something else.
func TestAnUnknownScopeOfConsentIsListed(t *testing.T) {
	text := strings.Replace(sound, `"events"`, `"consents": [{"scope": "songs", "given_at": "2024-01-01"}], "events"`, 1)
	list, err := ReadDir(write(t, "["+text+"]"))
	require.NoError(t, err)
	tally := RunAll(&bytes.Buffer{}, Notices(".."), list)
	assert.Equal(t, []string{"FX-T1: consents.songs"}, tally.Unmapped)
	assert.Equal(t, 1, tally.Passed)
}

// TestWhatIsDatedAfterTheRequestHasNotHappened: a request of the police that comes tomorrow opens nothing today.
func TestWhatIsDatedAfterTheRequestHasNotHappened(t *testing.T) {
	const asked = `[{"id": "DF-T1", "notice": "001-financia", "clause": "DF-5", "kind": "share", "given": {"subject": ["tenant"],
		"facts": {"police_request": {"ref": "P-1", "at": "DAY"}}, "events": [{"type": "recorded", "at": "2024-06-10T22:00:00+02:00"}]},
		"request": {"actor": {"role": "security_officer"}, "action": "share", "fields": ["cctv_footage"], "purpose": "df.police_disclosure", "recipient": "police",
		"at": "2024-06-12T14:00:00+02:00"}, "expect": "EXPECT", "why": "x"}]`
	for day, expect := range map[string]string{"2024-06-12T14:00:00+02:00": Allow, "2024-06-12T14:00:01+02:00": Deny} {
		list, err := ReadDir(write(t, strings.NewReplacer("DAY", day, "EXPECT", expect).Replace(asked)))
		require.NoError(t, err)
		var out bytes.Buffer
		assert.Equal(t, 1, RunAll(&out, Notices(".."), list).Passed, out.String())
	}
}

func TestFilesThatAreNoCases(t *testing.T) {
	_, err := ReadDir(t.TempDir())
	assert.ErrorContains(t, err, "no *.json")
	for _, text := range []string{"{}", "[1]", "[" + sound + "," + sound + "]", "[" + sound + "] x", `[{"expect": "allow"}]`} {
		_, err := ReadDir(write(t, text))
		assert.Error(t, err, text)
	}
}

// TestAServiceThatDoesNotLoadFailsItsCases, and no others.
func TestAServiceThatDoesNotLoadFailsItsCases(t *testing.T) {
	notices := Notices(t.TempDir())
	list, err := ReadDir(write(t, "["+sound+"]"))
	require.NoError(t, err)
	var out bytes.Buffer
	assert.Equal(t, 1, RunAll(&out, notices, list).Failed)
	assert.Contains(t, out.String(), "examples/leasing")
}

func TestContestedCasesAreNamedOnceWithAReason(t *testing.T) {
	list, err := contested("# none\n\nFX-1 GDPR Art. 6: not a basis\n")
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"FX-1": "GDPR Art. 6: not a basis"}, list)
	for _, text := range []string{"FX-1", "FX-1 a\nFX-1 b"} {
		_, err := contested(text)
		assert.ErrorContains(t, err, "contested.txt:")
	}
}
