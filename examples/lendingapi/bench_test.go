//go:build unix

package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose/sealed"
)

func BenchmarkGuardedReads(b *testing.B) {
	s, err := newService(b.Context(), settings{dir: b.TempDir()})
	require.NoError(b, err)
	defer s.Close(b.Context())
	var apps []*Application
	var past []basis.Event
	for i := range 500 {
		person := fmt.Sprint("p-", i)
		apps = append(apps, &Application{ID: fmt.Sprint("b-", i), Person: person, Officer: officer, Name: sealed.Of("Name Name"), Income: sealed.Of[int64](4711), Credit: sealed.Of("none")})
		past = append(past, basis.Event{ID: "asked-" + person, DataSubject: person, ValidAt: s.clock().AddDate(0, 0, -3), Body: basis.Occurred{Event: "enquiry"}},
			basis.Event{ID: "applied-" + person, DataSubject: person, ValidAt: s.clock().AddDate(0, 0, -2), Body: basis.Occurred{Event: "application_filed"}})
	}
	require.NoError(b, s.seed(b.Context(), apps, past))
	handler, err := s.clients()
	require.NoError(b, err)
	srv := httptest.NewServer(handler)
	defer srv.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
	before := cpu()
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for {
				n := left.Add(-1)
				if n < 0 {
					return
				}
				req, _ := http.NewRequest("GET", fmt.Sprint(srv.URL, "/applications/b-", n%500, "/assessment"), nil)
				req.Header.Set("Authorization", "Bearer "+officerToken)
				resp, err := client.Do(req)
				if err != nil {
					b.Error(err)
					return
				}
				body, _ := io.ReadAll(resp.Body)
				resp.Body.Close()
				if resp.StatusCode != 200 {
					b.Error(resp.StatusCode, string(body))
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/read")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reads/s")
}

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
