package audit_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/audit"
)

// What a drafter remembers of earlier events changes nothing: it says of every event, good or bad, what NewDrafts says.
func TestADrafterSaysWhatNewDraftsSays(t *testing.T) {
	schema := readSchema(t)
	const id = "01JQ8Z6M3T0000000000000002"
	refused, again := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		few := rapid.SliceOfN(events(schema), 2, 3).Draw(t, "events")
		some := rapid.Custom(func(t *rapid.T) audit.Event {
			e := rapid.SampledFrom(few).Draw(t, "event")
			e = audit.Event{ID: id, Name: e.Name, Outcome: e.Outcome, Mode: e.Mode, Action: e.Action, Reason: e.Reason, N: e.N,
				PrincipalRef: e.PrincipalRef, PrincipalRoles: slices.Clone(e.PrincipalRoles), RecipientID: e.RecipientID,
				RecipientKind: e.RecipientKind, RecipientCountry: e.RecipientCountry, DataSubjectRefs: e.DataSubjectRefs,
				Fields: slices.Clone(e.Fields), Categories: e.Categories, Special: e.Special, Purpose: e.Purpose, Basis: e.Basis,
				DecisionID: e.DecisionID, PolicyDigest: e.PolicyDigest, RegisterDigest: e.RegisterDigest}
			switch rapid.IntRange(0, 9).Draw(t, "damage") {
			case 0:
				e.Purpose += " "
			case 1:
				if len(e.Fields) > 0 {
					e.Fields[len(e.Fields)-1] += " "
				}
			case 2:
				e.PrincipalRoles = append(e.PrincipalRoles, "billing")
			case 3:
				e.Special = !e.Special
			}
			return e
		})
		var d audit.Drafter
		for _, batch := range rapid.SliceOfN(rapid.SliceOfN(some, 0, 3), 1, 8).Draw(t, "batches") {
			want, wantErr := audit.NewDrafts(batch)
			got, err := d.Drafts(batch)
			assert.Equal(t, wantErr, err)
			if err != nil {
				refused++
				continue
			}
			again++
			require.Equal(t, lines(t, want), lines(t, got))
		}
	})
	assert.Positive(t, refused)
	assert.Positive(t, again)
}

func lines(t require.TestingT, drafts []audit.Draft) (lines []string) {
	c := audit.NewChain(audit.Head{Stream: "a"}, frozen)
	for i := range drafts {
		line, err := c.AppendLine(nil, &drafts[i])
		require.NoError(t, err)
		lines = append(lines, string(line))
	}
	return lines
}

// A list that its owner changes after it was encoded is encoded anew.
func TestADrafterRemembersNoListOfOthers(t *testing.T) {
	var d audit.Drafter
	e := read()
	_, err := d.Drafts([]audit.Event{e})
	require.NoError(t, err)
	e.Fields[0] = "not a path"
	_, err = d.Drafts([]audit.Event{e})
	assert.ErrorIs(t, err, audit.ErrInvalid)
}

func TestAWarmDrafterDoesNotAllocate(t *testing.T) {
	var d audit.Drafter
	batch := []audit.Event{read(), whole(audit.AccessShare)}
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		if _, err := d.Drafts(batch); err != nil {
			t.Error(err)
		}
	}))
	assert.Positive(t, d.Room())
}

// A line has the same hash wherever in a buffer it is made, and what is before it stays as it was.
func TestAChainHashesTheLineAlone(t *testing.T) {
	e := read()
	d, err := audit.NewDraft(&e)
	require.NoError(t, err)
	for _, before := range []string{"", "\n", "x", "a line\n"} {
		c := audit.NewChain(audit.Head{Stream: "a"}, frozen)
		out, err := c.AppendLine([]byte(before), &d)
		require.NoError(t, err)
		assert.Equal(t, before, string(out[:len(before)]))
		assert.Equal(t, audit.HashLine(out[len(before):]), c.Head().Hash)
	}
}
