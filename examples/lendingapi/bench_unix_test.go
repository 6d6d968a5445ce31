//go:build unix

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy/httpguard"
	"github.com/purposebound/purposebound/purpose/sealed"
)

// borrowers are whom the benchmark reads.
const borrowers = 500

// BenchmarkReads is 64 clients that ask over HTTP as fast as they get answers. "guarded" is the service: each read is decided
// on the ledger, durably on record and looked at again before it leaves. Beside it stand what a service costs that finds the
// record and asks nobody ("found"), and one that only answers ("bare"). Clients and service share the processors: cpu-µs/read
// is what both take.
func BenchmarkReads(b *testing.B) {
	w := begin(b, settings{})
	var list []*Application
	var past []basis.Event
	for i := range borrowers {
		person := fmt.Sprint("borrower-", i)
		list = append(list, &Application{ID: fmt.Sprint("b-", i), Person: person, Officer: officer, Name: sealed.Of("Ada Lovelace"), Income: sealed.Of[int64](471_100), Credit: sealed.Of("no remarks")})
		past = append(past, basis.Event{ID: "asked-" + person, DataSubject: person, ValidAt: time.Now().AddDate(0, 0, -3), Body: basis.Occurred{Event: "enquiry"}},
			basis.Event{ID: "applied-" + person, DataSubject: person, ValidAt: time.Now().AddDate(0, 0, -2), Body: basis.Occurred{Event: "application_filed"}})
	}
	require.NoError(b, w.service.seed(b.Context(), list, past))
	answer := func(out http.ResponseWriter) {
		_ = httpguard.WriteJSON(out, AssessmentView{"Ada Lovelace", 471_100, "no remarks"})
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /bare/{id}", func(out http.ResponseWriter, _ *http.Request) { answer(out) })
	mux.HandleFunc("GET /found/{id}", func(out http.ResponseWriter, r *http.Request) {
		if _, err := w.service.store.Find(r.Context(), r.PathValue("id")); err != nil {
			problem(out, http.StatusServiceUnavailable, "", "")
			return
		}
		answer(out)
	})
	peer := httptest.NewServer(mux)
	defer peer.Close()
	other := *w.clients
	other.base = peer.URL
	for _, way := range []struct {
		name string
		c    *client
		path func(id string) string
	}{
		{"guarded", w.clients, func(id string) string { return path(id, "assessment") }},
		{"found", &other, func(id string) string { return "/found/" + id }},
		{"bare", &other, func(id string) string { return "/bare/" + id }},
	} {
		b.Run(way.name, func(b *testing.B) { reads(b, way.c, way.path) })
	}
	w.stop()
	clean(b, w.set.dir)
}

// reads asks b.N times.
func reads(b *testing.B, c *client, path func(id string) string) {
	const clients = 64
	var left, failed atomic.Int64
	left.Store(int64(b.N))
	spent := cpu(b)
	b.ResetTimer()
	var working sync.WaitGroup
	for range clients {
		working.Go(func() {
			for n := left.Add(-1); n >= 0; n = left.Add(-1) {
				r, err := c.ask(b.Context(), officerToken, http.MethodGet, path(fmt.Sprint("b-", n%borrowers)), "")
				if err != nil || r.Status != http.StatusOK {
					failed.Add(1)
				}
			}
		})
	}
	working.Wait()
	b.StopTimer()
	require.Zero(b, failed.Load(), "answers other than a view")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reads/s")
	b.ReportMetric(float64((cpu(b)-spent).Microseconds())/float64(b.N), "cpu-µs/read")
}

// cpu is the time that this process has spent on processors.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
