package ropa_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/ropa"
	"github.com/purposebound/purposebound/retention"
)

func day(s string) time.Time {
	return retention.MustDate(s).StartIn(retention.MustZone("Europe/Copenhagen"))
}

func TestARecordHasEveryPointOfArticle30(t *testing.T) {
	rec, err := ropa.Of(compiled(t, nil), time.Time{})
	require.NoError(t, err)

	assert.Equal(t, "Bureau A/S", rec.Controller.Name)
	assert.Equal(t, "privacy@bureau.example", rec.Controller.Contact)
	assert.Equal(t, []string{"Sister ApS, sister@bureau.example"}, rec.Controller.Joint)

	require.Len(t, rec.Activities, 2, "what is done for a client alone is no processing of its own")
	a := rec.Activities[0]
	assert.Equal(t, "Score creditworthiness", a.Purposes[0].Title)
	assert.Equal(t, "Person in the databank", a.DataSubjects[0].Title)
	assert.Equal(t, []string{"health", "name", "score"}, []string{a.Categories[0].Key, a.Categories[1].Key, a.Categories[2].Key})
	assert.Equal(t, purpose.Special, a.Categories[0].Class)
	require.Len(t, a.Recipients, 4)
	assert.Equal(t, "score", a.Recipients[1].Categories[0].Key)
	assert.Empty(t, a.Recipients[0].Categories, "all of the activity")
	require.Len(t, a.Transfers, 3)
	assert.Equal(t, []string{"IN"}, a.Transfers[0].Countries)
	assert.Equal(t, "Decision 2021/1772", a.Transfers[1].Reference)
	assert.Equal(t, purpose.Derogation, a.Transfers[2].Mechanism)
	require.Len(t, a.Limits, 1)
	assert.Equal(t, "P5Y", a.Limits[0].Ceiling.String())
	assert.Len(t, rec.Measures, 1)

	require.Len(t, rec.Mandates, 1)
	m := rec.Mandates[0]
	assert.Equal(t, "each client", m.Controller)
	assert.Equal(t, "in the client register", m.Contact)
	assert.Equal(t, "collect-debts", m.Processing[0].Key)
	assert.Equal(t, []string{"IN"}, m.Transfers[0].Countries)
}

func TestAnybodyIsNobodyInParticular(t *testing.T) {
	rec, err := ropa.Of(compiled(t, func(s *purpose.Spec) { s.Activities[2].Capacities = []string{purpose.Anybody} }), time.Time{})
	require.NoError(t, err)
	assert.Equal(t, []ropa.Named{{Key: "*", Title: "Anybody, whoever it is"}}, rec.Activities[1].DataSubjects)
}

func TestARecordOfADayHasWhatTheNoticeInForceDeclares(t *testing.T) {
	r := compiled(t, nil)
	before, err := ropa.Of(r, day("2021-06-30"))
	require.NoError(t, err)
	assert.Len(t, before.Activities, 2)
	assert.Equal(t, "1", before.Notices[0].Version)
	after, err := ropa.Of(r, day("2022-06-30"))
	require.NoError(t, err)
	assert.Len(t, after.Activities, 1, "faxes are of version 1")
}

func TestARecordOfADayHasNoSafeguardThatIsNotInForce(t *testing.T) {
	for at, want := range map[string]string{
		"2026-01-01": "recipients[0].countries[1]", // the clauses ended the day before
		"2021-06-27": "recipients[1].countries[0]", // the decision came the day after
		"2019-12-31": "notices",
	} {
		_, err := ropa.Of(compiled(t, nil), day(at))
		var e *ropa.IncompleteError
		require.ErrorAs(t, err, &e, at)
		assert.Equal(t, want, e.Problems[0].Path, at)
	}
	_, err := ropa.Of(compiled(t, nil), day("2025-12-31").Add(24*time.Hour-time.Nanosecond))
	assert.NoError(t, err, "the last day is included")
}

func TestAnIncompleteRecordIsRefusedWithEveryPlace(t *testing.T) {
	for name, c := range map[string]struct {
		change     func(*purpose.Spec)
		code, path string
	}{
		"no contact":            {func(s *purpose.Spec) { s.Controller.Contact = "" }, ropa.CodeContact, "controller.contact"},
		"no contact but air":    {func(s *purpose.Spec) { s.Controller.Contact = " " }, ropa.CodeContact, "controller.contact"},
		"no representative":     {func(s *purpose.Spec) { s.Controller.Country = "US" }, ropa.CodeRepresentative, "controller.representative"},
		"no joint":              {func(s *purpose.Spec) { s.Controller.Joint = nil }, ropa.CodeJoint, "controller.joint"},
		"no measures":           {func(s *purpose.Spec) { s.Measures = nil }, ropa.CodeMeasures, "measures"},
		"purpose in no words":   {func(s *purpose.Spec) { s.Purposes[0].Title = "" }, ropa.CodeTitle, "purposes[0].title"},
		"people in no words":    {func(s *purpose.Spec) { s.Capacities[0].Title = "" }, ropa.CodeTitle, "capacities[0].title"},
		"data in no words":      {func(s *purpose.Spec) { s.Categories[2].Title = "" }, ropa.CodeTitle, "categories[2].title"},
		"activity in no words":  {func(s *purpose.Spec) { s.Activities[0].Title = "" }, ropa.CodeTitle, "activities[0].title"},
		"source in no words":    {func(s *purpose.Spec) { s.Sources[0].Title = "" }, ropa.CodeTitle, "sources[0].title"},
		"recipient in no words": {func(s *purpose.Spec) { s.Recipients[1].Title = "" }, ropa.CodeRecipient, "recipients[1].title"},
		"floor alone": {func(s *purpose.Spec) {
			s.Retention[0].Ceiling, s.Retention[0].Floor, s.Retention[0].Law = retention.Period{}, s.Retention[0].Ceiling, "act"
		}, ropa.CodeTimeLimit, "activities[0].retention"},
		"client in no words": {func(s *purpose.Spec) { s.Datasets[1].Contact = "" }, ropa.CodeContact, "datasets[1].contact"},
		"nothing for client": {func(s *purpose.Spec) {
			s.Activities = append(s.Activities[:1:1], s.Activities[2])
			s.Datasets[1].Purposes = []string{"collect"}
		}, ropa.CodeProcessing, "datasets[1].purposes"},
		"concept is no IRI": {func(s *purpose.Spec) { s.Purposes[0].Concept = "fin:CreditChecking" }, ropa.CodeConcept, "purposes[0].concept"},
	} {
		t.Run(name, func(t *testing.T) {
			r := compiled(t, c.change)
			rec, err := ropa.Of(r, time.Time{})
			assert.Nil(t, rec)
			require.ErrorIs(t, err, ropa.ErrIncomplete)
			var e *ropa.IncompleteError
			require.ErrorAs(t, err, &e)
			found := false
			for _, p := range e.Problems {
				found = found || p.Code == c.code && p.Path == c.path
			}
			assert.True(t, found, err.Error())
			for _, format := range ropa.Formats() {
				var b bytes.Buffer
				assert.Error(t, ropa.Write(&b, r, time.Time{}, format))
				assert.Zero(t, b.Len(), "nothing is written")
			}
		})
	}
}

func TestAllThatIsMissingIsSaidAtOnce(t *testing.T) {
	_, err := ropa.Of(compiled(t, func(s *purpose.Spec) {
		s.Controller.Contact, s.Measures = "", nil
		s.Recipients[0].Title, s.Recipients[1].Title = "", ""
	}), time.Time{})
	var e *ropa.IncompleteError
	require.ErrorAs(t, err, &e)
	assert.Len(t, e.Problems, 4, err.Error())
	_, err = ropa.Of(nil, time.Time{})
	assert.ErrorIs(t, err, ropa.ErrIncomplete)
	_, err = ropa.Of(new(purpose.Register), time.Time{})
	assert.ErrorIs(t, err, ropa.ErrIncomplete)
}

func TestAnUnknownFormatIsRefused(t *testing.T) {
	var b bytes.Buffer
	assert.ErrorIs(t, ropa.Write(&b, compiled(t, nil), time.Time{}, "pdf"), ropa.ErrFormat)
	assert.Zero(t, b.Len())
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestAWriterThatFailsIsReported(t *testing.T) {
	for _, format := range ropa.Formats() {
		assert.Error(t, ropa.Write(full{}, compiled(t, nil), time.Time{}, format), format)
	}
}
