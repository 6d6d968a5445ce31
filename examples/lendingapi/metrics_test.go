package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// series is what OpenTelemetry has of one metric and one set of labels.
type series struct {
	Attributes []struct {
		Key   string
		Value struct{ Value any }
	}
	Value, Count int
}

func (s *series) label(key string) any {
	for _, a := range s.Attributes {
		if a.Key == key {
			return a.Value.Value
		}
	}
	return nil
}

// measured are the metrics of a service, by name.
func (w *world) measured() map[string][]series {
	w.t.Helper()
	r, err := w.operations.ask(w.t.Context(), "", http.MethodGet, "/metrics", "")
	require.NoError(w.t, err)
	require.Equal(w.t, http.StatusOK, r.Status)
	var scopes []struct {
		Metrics []struct {
			Name string
			Data struct{ DataPoints []series }
		}
	}
	require.NoError(w.t, json.Unmarshal(r.Body, &scopes))
	all := map[string][]series{}
	for _, scope := range scopes {
		for _, m := range scope.Metrics {
			all[m.Name] = m.Data.DataPoints
		}
	}
	return all
}

func TestOpenTelemetryCountsWhatTheGuardDid(t *testing.T) {
	recipient := httptest.NewServer(http.NotFoundHandler())
	defer recipient.Close()
	w := begin(t, settings{bureau: recipient.URL})
	assert.Empty(t, w.measured()["purposebound.operations"])
	for range 3 {
		w.wants(w.get(officerToken, path(karl, "assessment")), 200, "")
	}
	for range 2 {
		w.wants(w.get(otherToken, path(karl, "assessment")), 403, "policy.not-permitted")
	}
	w.wants(w.get(advisorToken, path(karl, "file")), 200, "")
	w.wants(w.ask(officerToken, http.MethodPost, path(karl, "credit-enquiry"), ""), 502, "release.delivery-failed")

	type row struct{ operation, outcome, reason, purpose, recipient, released any }
	want := map[row]int{
		{"release", "permitted", "", "ar.credit_assessment", "", true}:                                      3,
		{"release", "denied", "policy.not-permitted", "ar.credit_assessment", "", false}:                    2,
		{"release", "partial", "basis.law-unnamed", "ar.handle_application", "", true}:                      1,
		{"authorise", "permitted", "", "ar.credit_assessment", "credit_bureau", false}:                      1,
		{"open", "permitted", "", "ar.credit_assessment", "credit_bureau", true}:                            1,
		{"deliver", "permitted", "release.delivery-failed", "ar.credit_assessment", "credit_bureau", false}: 1,
	}
	for name, of := range map[string]func(series) int{
		"purposebound.operations": func(s series) int { return s.Value },
		"purposebound.duration":   func(s series) int { return s.Count },
	} {
		got := map[row]int{}
		for _, s := range w.measured()[name] {
			got[row{s.label("operation"), s.label("outcome"), s.label("reason"), s.label("purpose"), s.label("recipient"), s.label("released")}] += of(s)
		}
		assert.Equal(t, want, got, name)
	}
}

func TestOpenTelemetryMeasuresPolicyAndTrail(t *testing.T) {
	var later atomic.Int64 // seconds
	w := begin(t, settings{clock: func() time.Time { return time.Now().Add(time.Duration(later.Load()) * time.Second) }})
	w.wants(w.get(officerToken, path(karl, "assessment")), 200, "")
	later.Store(3600)
	gauge := func(name string) int {
		s := w.measured()["purposebound."+name]
		require.Len(t, s, 1, name)
		return s[0].Value
	}
	assert.GreaterOrEqual(t, gauge("policy.age"), 3600)
	assert.EqualValues(t, w.service.trail.Health().Head.Seq, gauge("trail.events"))
	assert.Zero(t, gauge("trail.queued"))
	assert.EqualValues(t, w.service.trail.Health().Free, gauge("trail.free"))
	require.NoError(t, w.service.seals.keeper.Tick(t.Context())) // an hour is over: a checkpoint is due
	assert.Zero(t, gauge("trail.unproved"))
}
