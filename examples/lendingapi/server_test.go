package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/policy/jsonview"
)

func TestWhatIsReleasedIsTheViewAndOnRecord(t *testing.T) {
	onEach(t, func(t *testing.T, set settings) {
		w := begin(t, set)
		r := w.get(officerToken, path(karl, "assessment"))
		w.wants(r, 200, "")
		assert.JSONEq(t, `{"name":"Karl Brandstrup","income":438217,"credit":"no remarks recorded"}`, string(r.Body))
		assert.Equal(t, []string{"access.read permitted"}, w.events(r))
	})
}

func TestWhatMayNotBeSeenIsWithheldAndSaidWhy(t *testing.T) {
	w := begin(t, settings{})
	r := w.get(advisorToken, path(karl, "file"))
	w.wants(r, 200, "")
	var doc jsonview.Document
	require.NoError(t, json.Unmarshal(r.Body, &doc))
	assert.JSONEq(t, `{"name":"Karl Brandstrup","email":"karl@brandstrup.example","income":438217,"account":"DK2150510001842277"}`, string(doc.Released))
	require.Len(t, doc.Withheld, 1)
	assert.Equal(t, "cpr", doc.Withheld[0].Field)
	assert.EqualValues(t, "basis.law-unnamed", doc.Withheld[0].Codes[0])
	assert.Equal(t, []string{"access.read partial basis.law-unnamed"}, w.events(r))
}

func TestWhoMayNotIsRefusedWithACode(t *testing.T) {
	onEach(t, func(t *testing.T, set settings) {
		w := begin(t, set)
		for name, tc := range map[string]struct {
			token, path string
			status      int
			code        string
			events      []string
		}{
			"not on the case":    {otherToken, path(karl, "assessment"), 403, "policy.not-permitted", []string{"access.denied denied policy.not-permitted"}},
			"another role":       {advisorToken, path(maja, "testimonial"), 403, "policy.not-permitted", []string{"access.denied denied policy.not-permitted"}},
			"nobody any more":    {officerToken, path(lone, "assessment"), 403, "purpose.capacity", []string{"access.denied denied purpose.capacity"}},
			"nor their file":     {advisorToken, path(lone, "file"), 403, "purpose.capacity", []string{"access.denied denied purpose.capacity"}},
			"no token":           {"", path(karl, "assessment"), 401, "http.unauthenticated", nil},
			"a token of nobody":  {"x", path(karl, "assessment"), 401, "http.unauthenticated", nil},
			"not staff":          {majaToken, path(maja, "assessment"), 401, "http.unauthenticated", nil},
			"no such path":       {officerToken, path(karl, "everything"), 403, "http.route-undeclared", nil},
			"no such record":     {officerToken, path("a-1", "assessment"), 404, "lending.no-application", nil},
			"the root":           {officerToken, "/", 403, "http.route-undeclared", nil},
			"operations, inside": {officerToken, "/metrics", 403, "http.route-undeclared", nil},
		} {
			t.Run(name, func(t *testing.T) {
				r := w.get(tc.token, tc.path)
				w.wants(r, tc.status, tc.code)
				assert.Equal(t, tc.events, w.events(r))
			})
		}
		w.wants(w.ask(officerToken, http.MethodDelete, path(karl, "assessment"), ""), 403, "http.route-undeclared")
	})
}

// A purpose and a fact that a client states are not listened to.
func TestTheClientStatesNeitherPurposeNorFact(t *testing.T) {
	w := begin(t, settings{})
	r, err := http.NewRequest(http.MethodGet, w.clients.base+path(karl, "assessment")+"?purpose=ar.legal_claim&actor_assigned_to_case=true", strings.NewReader(`{"purpose":"ar.legal_claim"}`))
	require.NoError(t, err)
	r.Header = http.Header{"Authorization": {"Bearer " + otherToken}, "Purpose": {"ar.legal_claim"}, "X-Purpose": {"ar.legal_claim"}, "X-Roles": {"legal_counsel"}}
	answer, err := w.clients.http.Do(r)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	assert.Equal(t, http.StatusForbidden, answer.StatusCode)
	all := events(t, w.set.dir)
	assert.Equal(t, "ar.credit_assessment", all[len(all)-1].Purpose)
}

func TestSharingOverHTTPRecordsWhatBecameOfIt(t *testing.T) {
	var mu sync.Mutex
	var got []string
	answers := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			got = append(got, string(body))
		}
		w.WriteHeader(http.StatusAccepted)
	})
	for name, tc := range map[string]struct {
		recipient http.Handler
		status    int
		code      string
		delivered string
	}{
		"taken":       {answers, 200, "", "share.delivered done"},
		"turned away": {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }), 502, "release.delivery-failed", "share.delivered failed release.delivery-failed"},
		"broken":      {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }), 504, "release.delivery-unknown", "share.delivered failed release.delivery-unknown"},
		"cut off":     {http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), 504, "release.delivery-unknown", "share.delivered failed release.delivery-unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			recipient := httptest.NewServer(tc.recipient)
			defer recipient.Close()
			w := begin(t, settings{bureau: recipient.URL})
			r := w.ask(officerToken, http.MethodPost, path(karl, "credit-enquiry"), "")
			w.wants(r, tc.status, tc.code)
			assert.Equal(t, []string{"access.share permitted", tc.delivered}, w.events(r))

			refused := w.ask(otherToken, http.MethodPost, path(karl, "credit-enquiry"), "")
			w.wants(refused, 403, "policy.not-permitted")
			assert.Equal(t, []string{"access.denied denied policy.not-permitted"}, w.events(refused))
		})
	}
	assert.Equal(t, []string{`{"name":"Karl Brandstrup","cpr":"110379-9993"}`}, got, "what the recipient knows, once, and nothing of the refused")
}

// An enquiry of which nobody knows whether it arrived is repeated under its key, and the bureau takes it once.
func TestARepeatedEnquiryHasTheKeyOfTheFirst(t *testing.T) {
	var mu sync.Mutex
	keys := map[string]int{}
	recipient := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		key := r.Header.Get("Idempotency-Key")
		if keys[key]++; keys[key] == 1 {
			panic(http.ErrAbortHandler)
		}
	}))
	defer recipient.Close()
	w := begin(t, settings{bureau: recipient.URL})
	enquire := func(id, key string) int {
		r, err := http.NewRequest(http.MethodPost, w.clients.base+path(id, "credit-enquiry"), nil)
		require.NoError(t, err)
		r.Header = http.Header{"Authorization": {"Bearer " + officerToken}, "Idempotency-Key": {key}}
		answer, err := w.clients.http.Do(r)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		return answer.StatusCode
	}
	assert.Equal(t, 504, enquire(karl, "one"))
	assert.Equal(t, 200, enquire(karl, "one"))
	assert.Equal(t, 504, enquire(karl, "two"))
	assert.Equal(t, 504, enquire(maja, "one"), "another person's")
	assert.Equal(t, 504, enquire(karl, ""))
	assert.Equal(t, 504, enquire(karl, ""), "without a key each is another")
	mu.Lock()
	defer mu.Unlock()
	assert.Len(t, keys, 5)
	for key := range keys {
		assert.NotContains(t, key, "one")
	}
}

func TestWithoutABureauNothingIsShared(t *testing.T) {
	w := begin(t, settings{})
	r := w.ask(officerToken, http.MethodPost, path(karl, "credit-enquiry"), "")
	w.wants(r, 501, "lending.no-bureau")
	assert.Empty(t, w.events(r))
}

func TestTheNextRequestSeesAWithdrawal(t *testing.T) {
	onEach(t, func(t *testing.T, set settings) {
		w := begin(t, set)
		var acknowledged atomic.Bool
		var before, after atomic.Int64
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var readers sync.WaitGroup
		for range 8 {
			readers.Go(func() {
				for ctx.Err() == nil && after.Load() < 40 {
					told := acknowledged.Load()
					r, err := w.clients.ask(ctx, marketingToken, http.MethodGet, path(maja, "testimonial"), "")
					switch {
					case !assert.NoError(t, err):
						return
					case told:
						after.Add(1)
						assert.Equal(t, "403 basis.consent-withdrawn", codeOf(r))
					case r.Status == http.StatusOK:
						before.Add(1)
					}
				}
			})
		}
		require.Eventually(t, func() bool { return before.Load() > 0 }, patient, tick)
		withdrawn := w.ask(majaToken, http.MethodPost, "/withdrawals", `{"scope":"ext.testimonial"}`)
		acknowledged.Store(true)
		w.wants(withdrawn, 200, "")
		readers.Wait()
		assert.GreaterOrEqual(t, after.Load(), int64(40))
		assert.Equal(t, []string{"rights.withdrawal permitted", "rights.withdrawal done"}, rightsOf(t, w.set.dir))
	})
}

func TestAWithdrawalNeedsThePersonAndAScope(t *testing.T) {
	w := begin(t, settings{})
	for name, tc := range map[string]struct {
		token, body string
		status      int
		code        string
	}{
		"staff":         {officerToken, `{"scope":"ext.testimonial"}`, 401, "http.unauthenticated"},
		"nobody":        {"", `{"scope":"ext.testimonial"}`, 401, "http.unauthenticated"},
		"no body":       {majaToken, ``, 400, "lending.scope-missing"},
		"no scope":      {majaToken, `{}`, 400, "lending.scope-missing"},
		"misspelt":      {majaToken, `{"scopes":"ext.testimonial"}`, 400, "lending.scope-missing"},
		"and more":      {majaToken, `{"scope":"ext.testimonial","from":"tomorrow"}`, 400, "lending.scope-missing"},
		"unknown scope": {majaToken, `{"scope":"ext.nothing"}`, 400, "lending.scope-unknown"},
		"too long":      {majaToken, `{"scope":"` + strings.Repeat("x", 2000) + `"}`, 400, "lending.scope-missing"},
	} {
		t.Run(name, func(t *testing.T) {
			w.wants(w.ask(tc.token, http.MethodPost, "/withdrawals", tc.body), tc.status, tc.code)
		})
	}
	w.wants(w.get(marketingToken, path(maja, "testimonial")), 200, "")
}

// After a restart the service knows what it knew, and goes on with the same trail and the same pseudonyms.
func TestARestartForgetsNothing(t *testing.T) {
	onEach(t, func(t *testing.T, set settings) {
		first := begin(t, set)
		read := first.get(officerToken, path(karl, "assessment"))
		first.wants(read, 200, "")
		first.wants(first.ask(majaToken, http.MethodPost, "/withdrawals", `{"scope":"ext.testimonial"}`), 200, "")
		first.stop()

		second := begin(t, first.set)
		second.wants(second.get(marketingToken, path(maja, "testimonial")), 403, "basis.consent-withdrawn")
		again := second.get(officerToken, path(karl, "assessment"))
		second.wants(again, 200, "")
		people := map[string][]string{}
		for _, e := range events(t, second.set.dir) {
			people[e.TraceID] = e.DataSubjectRefs
		}
		require.NotEmpty(t, people[read.Trace])
		assert.Equal(t, people[read.Trace], people[again.Trace])
		second.stop()
		clean(t, second.set.dir)
	})
}

// rightsOf lists what the trail says of what people asked for.
func rightsOf(t *testing.T, dir string) (list []string) {
	for _, e := range events(t, dir) {
		if e.Name == audit.RightsWithdrawal {
			list = append(list, string(e.Name)+" "+string(e.Outcome))
		}
	}
	return list
}

// A trail that somebody cut at the end, or changed, does not pass.
func TestAChangedTrailDoesNotPass(t *testing.T) {
	w := begin(t, settings{})
	for range 3 {
		w.wants(w.get(officerToken, path(karl, "assessment")), 200, "")
	}
	w.stop()
	clean(t, w.set.dir)
	files, err := filepath.Glob(filepath.Join(w.set.dir, "trail", "*.jsonl"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	whole, err := os.ReadFile(files[0])
	require.NoError(t, err)
	lines := bytes.SplitAfter(whole, []byte("\n"))
	for verdict, text := range map[audit.Verdict][]byte{
		audit.Pass:      whole, // the control
		audit.Truncated: bytes.Join(lines[:len(lines)-2], nil),
		audit.Edited:    bytes.Replace(whole, []byte("credit_officer"), []byte("credit_offices"), 1),
	} {
		require.NoError(t, os.WriteFile(files[0], text, 0o600))
		report, err := verify(t.Context(), &w.set)
		require.NoError(t, err)
		assert.Equal(t, verdict, report.Verdict)
	}
}
