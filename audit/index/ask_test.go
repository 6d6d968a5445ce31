package index_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/audit/index"
)

// TestThePersonLearnsNothingOfEmployeesOrOthers: neither as JSON nor as text.
func TestThePersonLearnsNothingOfEmployeesOrOthers(t *testing.T) {
	trail := audittest.NewRecorder(nil)
	add(t, trail, share())
	x := newIndex(t, database(t), trail, trail)
	update(t, x)
	mine, err := x.ForPerson(t.Context(), asker, []string{person(1)})
	require.NoError(t, err)
	require.Len(t, mine.Consultations, 1)
	theirs, err := x.AboutPerson(t.Context(), asker, []string{person(1)})
	require.NoError(t, err)
	var table, full strings.Builder
	require.NoError(t, mine.WriteText(&table))
	require.NoError(t, theirs.WriteText(&full))
	short, err := json.Marshal(mine)
	require.NoError(t, err)
	long, err := json.Marshal(theirs)
	require.NoError(t, err)
	for _, secret := range []string{principal(7), "canary", person(1), person(2), strings.Repeat("c0", 16), strings.Repeat("ca", 32), strings.Repeat("cb", 16), asker.Principal} {
		assert.NotContains(t, string(short), secret)
		assert.NotContains(t, table.String(), secret)
	}
	for _, shown := range []string{"acme-bank", "credit", "gdpr:6-1-b", "FX-2.3.1", "finance", "unknown"} {
		assert.Contains(t, string(short), shown)
		assert.Contains(t, table.String(), shown)
	}
	assert.Contains(t, string(long), "canary-role", "the control: the controller's view has it")
	assert.Contains(t, full.String(), principal(7))
}

// questions are all that can be asked.
func questions(x *index.Index) map[string]func(context.Context, index.Asker) (any, error) {
	refs := []string{person(1)}
	return map[string]func(context.Context, index.Asker) (any, error){
		"report.person":            func(c context.Context, a index.Asker) (any, error) { return x.ForPerson(c, a, refs) },
		"report.person-controller": func(c context.Context, a index.Asker) (any, error) { return x.AboutPerson(c, a, refs) },
		"report.notify":            func(c context.Context, a index.Asker) (any, error) { return x.ToNotify(c, a, refs) },
		"report.recipient":         func(c context.Context, a index.Asker) (any, error) { return x.ByRecipient(c, a, "acme-bank") },
		"report.principal":         func(c context.Context, a index.Asker) (any, error) { return x.ByPrincipal(c, a, principal(7)) },
		"report.decision": func(c context.Context, a index.Asker) (any, error) {
			return x.ByDecision(c, a, strings.Repeat("c0", 16))
		},
		"report.totals": func(c context.Context, a index.Asker) (any, error) { return x.Totals(c, a, index.Period{}) },
		"report.anomalies": func(c context.Context, a index.Asker) (any, error) {
			return x.Anomalies(c, a, index.Period{}, index.Thresholds{})
		},
	}
}

// hook is a trail that is told of what it is to record.
type hook func([]audit.Event) error

func (h hook) Append(_ context.Context, events []audit.Event) error { return h(events) }

// TestWhatCannotBeRecordedIsNotAnswered, and what is recorded says who asked and about whom.
func TestWhatCannotBeRecordedIsNotAnswered(t *testing.T) {
	trail := audittest.NewRecorder(nil)
	add(t, trail, share())
	var recorded []audit.Event
	var refuse func() error
	db := database(t)
	x := newIndex(t, db, trail, hook(func(events []audit.Event) error {
		assert.Zero(t, db.Stats().InUse, "on record before anything is looked up")
		if refuse != nil {
			return refuse()
		}
		recorded = append(recorded, events...)
		return nil
	}))
	update(t, x)
	for name, ask := range questions(x) {
		recorded, refuse = nil, nil
		got, err := ask(t.Context(), asker)
		require.NoError(t, err, name)
		text, err := json.Marshal(got)
		require.NoError(t, err)
		assert.Contains(t, string(text), `"seq":1`)
		require.Len(t, recorded, 1)
		e := recorded[0]
		assert.Equal(t, [4]string{string(audit.TrailRead), asker.Principal, name, asker.Purpose}, [4]string{string(e.Name), e.PrincipalRef, e.Reason, e.Purpose})
		if strings.HasPrefix(name, "report.person") || name == "report.notify" {
			assert.Equal(t, []string{person(1)}, e.DataSubjectRefs)
		}

		for _, f := range []func() error{func() error { return errors.New("jane@example.com") }, func() error { panic("jane@example.com") }} {
			refuse = f
			got, err = ask(t.Context(), asker)
			require.ErrorIs(t, err, index.ErrNotRecorded, name)
			assert.NotContains(t, err.Error(), "jane")
			text, err = json.Marshal(got)
			require.NoError(t, err)
			assert.NotContains(t, string(text), "leasing")
			assert.Contains(t, string(text), `"seq":0`, "there is no answer")
		}
		for _, nobody := range []index.Asker{{}, {Principal: "jane@example.com"}, {Principal: person(1)}} {
			_, err = ask(t.Context(), nobody)
			require.ErrorIs(t, err, index.ErrQuestion, name)
		}
	}
}

func TestMalformedQuestions(t *testing.T) {
	trail := heartbeats(t, 1)
	x := newIndex(t, database(t), trail, trail)
	for name, err := range map[string]error{
		"no alias":    second(x.ForPerson(t.Context(), asker, nil)),
		"raw id":      second(x.AboutPerson(t.Context(), asker, []string{"jane@example.com"})),
		"empty alias": second(x.ToNotify(t.Context(), asker, []string{person(1), ""})),
		"recipient":   second(x.ByRecipient(t.Context(), asker, "")),
		"principal":   second(x.ByPrincipal(t.Context(), asker, person(1))),
		"decision":    second(x.ByDecision(t.Context(), asker, "7")),
		"threshold":   second(x.Anomalies(t.Context(), asker, index.Period{}, index.Thresholds{Denials: -1})),
	} {
		require.ErrorIs(t, err, index.ErrQuestion, name)
	}
	assert.Len(t, trail.Events(), 1)
}

func second[T any](_ T, err error) error { return err }

// TestManyAliasesAreOneQuestion, whose record takes several events.
func TestManyAliasesAreOneQuestion(t *testing.T) {
	trail := audittest.NewRecorder(nil)
	add(t, trail, share())
	x := newIndex(t, database(t), trail, trail)
	update(t, x)
	var refs []string
	for i := range 130 {
		refs = append(refs, person(i))
	}
	got, err := x.ForPerson(t.Context(), asker, refs)
	require.NoError(t, err)
	assert.Len(t, got.Consultations, 1, "an event that names two of them is there once")
	assert.Greater(t, len(trail.Events()), 2)
}
