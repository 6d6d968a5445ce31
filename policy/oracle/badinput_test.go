package oracle_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// refused asserts that nothing was released, that the error is one of the two kinds, and that neither it, nor its decision,
// nor the trail holds a value.
func (h *house) refused(t *testing.T, view any, err error) (code policy.Code) {
	t.Helper()
	require.Error(t, err)
	assert.Zero(t, view)
	noCanary(t, "error", err.Error())
	noCanary(t, "error", fmt.Sprintf("%+v", err))
	noCanary(t, "trail", string(h.trail.Bytes()))
	var denied *policy.DeniedError
	if assert.ErrorIs(t, err, policy.ErrDenied) && assert.ErrorAs(t, err, &denied) {
		e := denied.Decision.Explain()
		text, jerr := json.Marshal(e)
		assert.NoError(t, jerr)
		noCanary(t, "explanation", string(text))
		noCanary(t, "explanation", e.String())
		assert.Equal(t, policy.OutcomeDenied, denied.Decision.Outcome)
		assert.Empty(t, denied.Decision.Permitted())
		code = denied.Decision.Because()
		assert.NotEmpty(t, code.Text(), "%q is in no list", code)
	}
	return code
}

// everyWay asks for a view in every way out of the guard and says how each was refused.
func (h *house) everyWay(t *testing.T, ctx context.Context, req policy.Request, record *tenant) map[string]policy.Code {
	t.Helper()
	codes := map[string]policy.Code{}
	v, err := policy.Read[nameView](ctx, h.guard, req, record)
	codes["read"] = h.refused(t, v, err)
	v, _, err = policy.Permitted[nameView](ctx, h.guard, req, record)
	codes["permitted"] = h.refused(t, v, err)
	rows, err := policy.ReadBatch[nameView](ctx, h.guard, req, []*tenant{record})
	if assert.NoError(t, err) && assert.Len(t, rows, 1) {
		codes["batch"] = h.refused(t, rows[0].View, rows[0].Err)
	}
	return codes
}

func TestRequestsThatSayTooLittleOrTooMuchAreRefused(t *testing.T) {
	long := strings.Repeat(canary, 1_000_000/len(canary))
	many := make([]string, 1_000_000)
	for i := range many {
		many[i] = canary
	}
	for name, x := range map[string]struct {
		change func(*policy.Request)
		record *tenant
		want   policy.Code
	}{
		"nil record":                {func(*policy.Request) {}, nil, policy.CodeRecordNil},
		"nobody in the record":      {func(*policy.Request) {}, &tenant{}, policy.CodeDataSubjectMissing},
		"somebody else":             {func(r *policy.Request) { r.DataSubject = "eve" }, aTenant("ada"), policy.CodeDataSubjectDiffers},
		"somebody unknown":          {func(*policy.Request) {}, aTenant(canary + "-eve"), policy.CodeCapacity},
		"everybody":                 {func(*policy.Request) {}, aTenant(basis.ControllerWide), policy.CodeCapacity},
		"no principal":              {func(r *policy.Request) { r.Principal = policy.Principal{} }, aTenant("ada"), policy.CodePrincipalMissing},
		"no role":                   {func(r *policy.Request) { r.Principal.Roles = nil }, aTenant("ada"), policy.CodeRolesMissing},
		"an empty role":             {func(r *policy.Request) { r.Principal.Roles = []string{"clerk", ""} }, aTenant("ada"), policy.CodeRolesMissing},
		"no purpose":                {func(r *policy.Request) { r.Purpose = "" }, aTenant("ada"), policy.CodePurposeMissing},
		"an unknown purpose":        {func(r *policy.Request) { r.Purpose = canary }, aTenant("ada"), policy.CodePurposeUnknown},
		"the future":                {func(r *policy.Request) { r.At = present.Add(time.Hour) }, aTenant("ada"), policy.CodeTimeStated},
		"the past":                  {func(r *policy.Request) { r.At = present.Add(-time.Hour) }, aTenant("ada"), policy.CodeTimeStated},
		"past knowledge":            {func(r *policy.Request) { r.KnownAt = present.Add(-time.Hour) }, aTenant("ada"), policy.CodeTimeStated},
		"an unknown organisation":   {func(r *policy.Request) { r.Principal.Organisation = canary }, aTenant("ada"), policy.CodeOrganisationUnknown},
		"an unknown dataset":        {func(r *policy.Request) { r.Dataset = canary }, aTenant("ada"), policy.CodeDatasetUnknown},
		"an unknown fact":           {func(r *policy.Request) { r.Facts = purpose.Facts{purpose.Named(canary, purpose.TextValue(canary))} }, aTenant("ada"), policy.CodeFactUndeclared},
		"a fact of another type":    {func(r *policy.Request) { r.Facts = purpose.Facts{purpose.Named("urgent", purpose.TextValue(canary))} }, aTenant("ada"), policy.CodeFactType},
		"a fact without value":      {func(r *policy.Request) { r.Facts = purpose.Facts{{Fact: "urgent"}} }, aTenant("ada"), policy.CodeFactType},
		"an unknown source":         {func(r *policy.Request) { r.Provenance.Source = canary }, aTenant("ada"), policy.CodeSourceUndeclared},
		"obtained for something":    {func(r *policy.Request) { r.Provenance.ObtainedFor = []string{canary} }, aTenant("ada"), policy.CodeObtainedFor},
		"access from far away":      {func(r *policy.Request) { r.Principal.Country = canary }, aTenant("ada"), policy.CodeRemoteAccess},
		"a million roles":           {func(r *policy.Request) { r.Principal.Roles = many }, aTenant("ada"), policy.CodeTooLarge},
		"a million tasks":           {func(r *policy.Request) { r.Principal.Tasks = many }, aTenant("ada"), policy.CodeTooLarge},
		"a million facts":           {func(r *policy.Request) { r.Facts = make(purpose.Facts, 1_000_000) }, aTenant("ada"), policy.CodeTooLarge},
		"a million earlier uses":    {func(r *policy.Request) { r.Provenance.ObtainedFor = many }, aTenant("ada"), policy.CodeTooLarge},
		"a megabyte of purpose":     {func(r *policy.Request) { r.Purpose = long }, aTenant("ada"), policy.CodeTooLarge},
		"a megabyte of trace":       {func(r *policy.Request) { r.TraceID = long }, aTenant("ada"), policy.CodeTooLarge},
		"a megabyte of country":     {func(r *policy.Request) { r.Country = long }, aTenant("ada"), policy.CodeTooLarge},
		"a megabyte of home":        {func(r *policy.Request) { r.Principal.Country = long }, aTenant("ada"), policy.CodeTooLarge},
		"a megabyte of fact":        {func(r *policy.Request) { r.Facts = purpose.Facts{purpose.Named(long, purpose.True())} }, aTenant("ada"), policy.CodeTooLarge},
		"a megabyte in a fact":      {func(r *policy.Request) { r.Facts = purpose.Facts{purpose.Named("urgent", purpose.TextValue(long))} }, aTenant("ada"), policy.CodeTooLarge},
		"a million texts in a fact": {func(r *policy.Request) { r.Facts = purpose.Facts{purpose.Named("urgent", purpose.TextsValue(many...))} }, aTenant("ada"), policy.CodeTooLarge},
		"a megabyte of person":      {func(*policy.Request) {}, aTenant(long), policy.CodeCapacity},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			req := h.request("rent")
			x.change(&req)
			for way, code := range h.everyWay(t, context.Background(), req, x.record) {
				assert.Equal(t, x.want, code, way)
			}
		})
	}
}

func TestSharingThatIsNotInOrderIsRefused(t *testing.T) {
	for name, x := range map[string]struct {
		change func(*policy.Request)
		want   policy.Code
	}{
		"nobody":                {func(*policy.Request) {}, policy.CodeRecipientMissing},
		"somebody unknown":      {func(r *policy.Request) { r.Recipient = canary }, policy.CodeRecipientUnknown},
		"a misspelling":         {func(r *policy.Request) { r.Recipient = "Bank" }, policy.CodeRecipientUnknown},
		"another country":       {func(r *policy.Request) { r.Recipient, r.Country = "bank", canary }, policy.CodeCountryDiffers},
		"a country in words":    {func(r *policy.Request) { r.Recipient, r.Country = "bank", "Germany" }, policy.CodeCountryDiffers},
		"one of two countries":  {func(r *policy.Request) { r.Recipient = "printer" }, policy.CodeCountryMissing},
		"no mechanism like it":  {func(r *policy.Request) { r.Recipient, r.Country, r.Mechanism = "bank", "US", 99 }, policy.CodeCountryDiffers},
		"an unknown law beside": {func(r *policy.Request) { r.Recipient, r.Statute, r.Purpose = "bank", canary, "newsletter" }, policy.CodeConsentMissing},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			req := h.request("rent")
			x.change(&req)
			v, err := policy.Share[nameView](context.Background(), h.guard, req, aTenant("ada"))
			assert.Equal(t, x.want, h.refused(t, v, err))
		})
	}
	h := newHouse(t)
	req := h.request("rent").To("bank")
	v, err := policy.Read[nameView](context.Background(), h.guard, req, aTenant("ada"))
	assert.Equal(t, policy.CodeRecipientUnexpected, h.refused(t, v, err))
	v, err = policy.Share[nameView](context.Background(), h.guard, req, aTenant("ada")) // the control
	require.NoError(t, err)
	require.NotZero(t, v)
}

func TestReleaseStatesNoTime(t *testing.T) {
	h := newHouse(t)
	req := h.request("rent")
	req.At = h.now
	v, err := policy.Read[nameView](context.Background(), h.guard, req, aTenant("ada"))
	require.Equal(t, policy.CodeTimeStated, h.refused(t, v, err))
	req.Action = purpose.Read
	d, err := policy.Decide(context.Background(), h.guard, req, aTenant("ada")) // which asks about any time
	require.NoError(t, err)
	require.Equal(t, policy.OutcomePermitted, h.only(t, d, "Name"))
}

func TestCollectingAndStoringReleaseNothing(t *testing.T) {
	h := newHouse(t)
	for _, a := range []purpose.Action{purpose.Collect, purpose.Store} {
		req := h.request("rent")
		req.Action = a
		v, _, err := policy.Permitted[nameView](context.Background(), h.guard, req, aTenant("ada"))
		require.Equal(t, policy.CodeReleasesNothing, h.refused(t, v, err))
	}
}

// only is the outcome for one field.
func (h *house) only(t *testing.T, d policy.Decision, field string) policy.Outcome {
	if d.Permits(field) {
		return policy.OutcomePermitted
	}
	require.NotEmpty(t, d.Reasons(field))
	return policy.OutcomeDenied
}

func TestTheFutureAndTheZeroTime(t *testing.T) {
	h := newHouse(t)
	req := h.request("rent")
	req.Action = purpose.Read
	for _, ahead := range []time.Duration{time.Nanosecond, time.Hour, 200 * 365 * 24 * time.Hour} {
		for _, field := range []func(*policy.Request) *time.Time{func(r *policy.Request) *time.Time { return &r.At }, func(r *policy.Request) *time.Time { return &r.KnownAt }} {
			r := req
			*field(&r) = h.now.Add(ahead)
			d, err := policy.Decide(context.Background(), h.guard, r, aTenant("ada"))
			require.NoError(t, err)
			require.Equal(t, policy.CodeTimeFuture, d.Because())
		}
	}
	for _, at := range []time.Time{time.Unix(0, 0), time.Unix(-1<<40, 0), time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC), time.Unix(1<<62, 0)} {
		r := req
		r.At = at
		d, _ := policy.Decide(context.Background(), h.guard, r, aTenant("ada"))
		require.Equal(t, policy.OutcomeDenied, d.Outcome, at)
	}
	h.now = time.Time{} // a clock that shows nothing
	v, err := policy.Read[nameView](context.Background(), h.guard, h.request("rent"), aTenant("ada"))
	h.refused(t, v, err)
}

func TestViewsAndRecordsThatDoNotFit(t *testing.T) {
	h := newHouse(t)
	ctx, req, record := context.Background(), h.request("rent"), aTenant("ada")
	type missing struct{ Name, Nome string }
	type otherType struct{ Name int }
	type hidden struct{ name string }
	type none struct{}
	type onlyPlate struct{ Plate string }
	type recursive struct{ Next *recursive }
	refused := func(view any, err error) {
		t.Helper()
		assert.ErrorIs(t, err, policy.ErrBinding)
		assert.Zero(t, view)
		noCanary(t, "error", fmt.Sprintf("%+v", err))
	}
	v1, err := policy.Read[missing](ctx, h.guard, req, record)
	refused(v1, err)
	assert.ErrorContains(t, err, "missing.Nome")
	assert.ErrorContains(t, err, "tenant.Nome")
	v2, err := policy.Read[otherType](ctx, h.guard, req, record)
	refused(v2, err)
	v3, err := policy.Read[hidden](ctx, h.guard, req, record)
	refused(v3, err)
	_ = v3.name
	v4, err := policy.Read[none](ctx, h.guard, req, record)
	refused(v4, err)
	v5, err := policy.Read[string](ctx, h.guard, req, record)
	refused(v5, err)
	v6, err := policy.Read[onlyPlate](ctx, h.guard, req, record)
	refused(v6, err)
	v7, err := policy.Read[recursive](ctx, h.guard, req, record)
	refused(v7, err)
	v8, err := policy.Read[map[string]any](ctx, h.guard, req, record)
	refused(v8, err)
	v9, err := policy.Read[any](ctx, h.guard, req, record)
	refused(v9, err)
	n := 3
	v10, err := policy.Read[nameView](ctx, h.guard, req, &n)
	refused(v10, err)
	var nothing any
	v11, err := policy.Read[nameView](ctx, h.guard, req, &nothing)
	refused(v11, err)
	v12, err := policy.Read[nameView](ctx, h.guard, req, &record)
	refused(v12, err)
	v13, err := policy.Read[nameView](ctx, h.guard, req, &recursive{})
	refused(v13, err)
	_, err = policy.NewGuard(h.reg, h.ledger, h.trail, h.clerk, policy.WithTypes(policy.View[missing, tenant]()))
	assert.ErrorIs(t, err, policy.ErrBinding)
	_, err = policy.Decide(ctx, h.guard, req, &n)
	assert.ErrorIs(t, err, policy.ErrBinding)
}

func TestViewWithoutFields(t *testing.T) {
	h := newHouse(t)
	type nothing struct{}
	_, err := policy.Read[nothing](context.Background(), h.guard, h.request("rent"), aTenant("ada"))
	require.ErrorIs(t, err, policy.ErrBinding)
	_, err = policy.Decide(context.Background(), h.guard, h.request("rent"), &nothing{})
	require.ErrorIs(t, err, policy.ErrBinding)
	req := h.request("rent")
	req.Action = purpose.Read
	d, err := policy.Decide(context.Background(), h.guard, req, aTenant("ada"), strings.Split(strings.Repeat("Nome,", 1_000_000), ",")...)
	require.NoError(t, err)
	require.Equal(t, policy.CodeFieldUnknown, d.Because())
}

func TestNilPointersInsideARecord(t *testing.T) {
	h := newHouse(t)
	req := h.request("audit").With(purpose.Named("urgent", purpose.True()))
	v, err := policy.Read[incomeView](context.Background(), h.guard, req, &tenant{ID: "ada"})
	require.NoError(t, err) // a nil pointer is a value like any other
	require.Nil(t, v.Income)
	n, err := policy.Read[nameView](context.Background(), h.guard, h.request("rent"), &tenant{ID: "ada"})
	if err == nil { // a sealed value that was never sealed is empty
		require.Empty(t, n.Name)
	} else {
		h.refused(t, n, err)
	}

	type flat struct {
		ID    string `subject:"id"`
		Inner *struct {
			Name string `personal:"contact.name"`
		}
	}
	type flatView struct{ Inner struct{ Name string } }
	f, err := policy.Read[flatView](context.Background(), h.guard, h.request("rent"), &flat{ID: "ada"})
	require.Equal(t, policy.CodeProjection, h.refused(t, f, err))
}

func TestContextsThatAreNilOrOver(t *testing.T) {
	h := newHouse(t)
	over, cancel := context.WithCancel(context.Background())
	cancel()
	for name, ctx := range map[string]context.Context{"nil": nil, "over": over} {
		before := len(h.trail.Events())
		v, err := policy.Read[nameView](ctx, h.guard, h.request("rent"), aTenant("ada"))
		h.refused(t, v, err)
		assert.Greater(t, len(h.trail.Events()), before, "%s: the refusal is on record", name)
		h.everyWay(t, ctx, h.request("rent"), aTenant("ada"))
		req := h.request("rent")
		req.Action = purpose.Read
		d, _ := policy.Decide(ctx, h.guard, req, aTenant("ada"))
		assert.Equal(t, policy.OutcomeDenied, d.Outcome, name)
		e, _ := policy.Explain(ctx, h.guard, req, aTenant("ada"))
		if assert.NotNil(t, e, name) {
			assert.Equal(t, policy.OutcomeDenied, e.Outcome, name)
		}
		if ctx == nil {
			g := h.over(h.ledger, h.trail, policy.WithAlert(func(policy.Alert) {}))
			v, err = policy.BreakGlass[nameView](ctx, g, h.request("rent"), aTenant("ada"), policy.Emergency{Reason: "fire", Until: h.now.Add(time.Minute)})
			h.refused(t, v, err)
		}
	}
}

func TestNothingOfARequestIsRepeated(t *testing.T) {
	h := newHouse(t)
	req := policy.Request{Principal: policy.Principal{ID: canary, Roles: []string{canary}, Tasks: []string{canary}, Organisation: canary, Country: canary},
		Action: purpose.Share, Purpose: "rent", DataSubject: canary, Recipient: "bank", Country: canary, Statute: canary, Dataset: canary, Mechanism: 77,
		Provenance: policy.Provenance{Source: canary, ObtainedFor: []string{canary}}, Facts: purpose.Facts{purpose.Named(canary, purpose.TextValue(canary)),
			purpose.Named("urgent", purpose.TextsValue(canary))}, Reviewer: canary, TraceID: strings.Repeat(canary, 6)[:32]}
	for _, change := range []func(*policy.Request){
		func(*policy.Request) {}, func(r *policy.Request) { r.Recipient = canary }, func(r *policy.Request) { r.Purpose = canary },
		func(r *policy.Request) { r.Action = purpose.Read }, func(r *policy.Request) { r.Country = "" },
	} {
		r := req
		change(&r)
		v, err := policy.Share[nameView](context.Background(), h.guard, r, aTenant("ada"))
		h.refused(t, v, err)
		d, err := policy.Decide(context.Background(), h.guard, r, aTenant("ada"))
		require.NoError(t, err)
		noCanary(t, "decision", fmt.Sprintf("%+v", d.Explain()))
		text, err := json.Marshal(d.Explain())
		require.NoError(t, err)
		noCanary(t, "explanation", string(text))
		d, err = policy.Decide(context.Background(), h.guard, r, aTenant("ada"), canary)
		require.NoError(t, err)
		noCanary(t, "explanation", d.Explain().String())
	}
	noCanary(t, "trail", string(h.trail.Bytes()))
	report, err := audit.Verify(strings.NewReader(string(h.trail.Bytes())))
	require.NoError(t, err)
	require.NoError(t, report.Err)
	require.Zero(t, report.BadSeq)
}
