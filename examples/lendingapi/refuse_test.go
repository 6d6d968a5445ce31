package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// nothing wants a refused request that released nothing: no view in its answer, and no release on record.
func (w *world) nothing(r reply, status int, code string) {
	w.t.Helper()
	w.wants(r, status, code)
	assert.NotContains(w.t, string(r.Body), "Karl")
	for _, e := range w.events(r) {
		assert.NotContains(w.t, e, "permitted")
	}
}

// With as many requests under way as there may be, the next is turned away at once and undecided. It finds room later.
func TestAnOverloadedServiceTurnsAway(t *testing.T) {
	const room = 4
	come, release := make(chan struct{}, room), make(chan struct{})
	recipient := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { come <- struct{}{}; <-release }))
	defer recipient.Close()
	letGo := sync.OnceFunc(func() { close(release) })
	defer letGo()
	w := begin(t, settings{bureau: recipient.URL, atOnce: room})
	var slow sync.WaitGroup
	for range room {
		slow.Go(func() {
			r, err := w.clients.ask(t.Context(), officerToken, http.MethodPost, path(karl, "credit-enquiry"), "")
			assert.NoError(t, err)
			assert.Equal(t, "200 ", codeOf(r))
		})
	}
	for range room {
		<-come
	}
	for range 3 {
		r := w.get(officerToken, path(karl, "assessment"))
		w.nothing(r, 503, "http.overloaded")
		assert.Empty(t, w.events(r), "nothing was decided")
	}
	w.wants(w.ask(majaToken, http.MethodPost, "/withdrawals", `{"scope":"ext.testimonial"}`), 200, "")
	up, err := w.operations.ask(t.Context(), "", http.MethodGet, "/health", "")
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, up.Status, "who runs it still sees it")
	letGo()
	slow.Wait()
	w.wants(w.get(officerToken, path(karl, "assessment")), 200, "")
}

// The database is closed under the service.
func TestWithoutADatabaseNothingIsReleased(t *testing.T) {
	onEach(t, func(t *testing.T, set settings) {
		w := begin(t, set)
		w.wants(w.get(officerToken, path(karl, "assessment")), 200, "")
		require.NoError(t, w.service.db.Close())
		w.nothing(w.get(officerToken, path(karl, "assessment")), 503, "http.unavailable")
		w.nothing(w.ask(majaToken, http.MethodPost, "/withdrawals", `{"scope":"ext.testimonial"}`), 503, "http.unavailable")
		w.unwell("ledger")
		assert.NotContains(t, w.log.String(), "closed", "what the driver says goes nowhere")
	})
}

// The record can be read, but not what is known of the person. That goes on record.
func TestWithoutTheLedgerNothingIsReleased(t *testing.T) {
	w := begin(t, settings{})
	require.NoError(t, w.service.ledger.Close())
	r := w.get(officerToken, path(karl, "assessment"))
	w.nothing(r, 503, "state.unavailable")
	assert.Equal(t, []string{"access.denied denied state.unavailable"}, w.events(r))
	w.unwell("ledger")
}

// The way to PostgreSQL is cut, in the midst of connections, and mended: the service recovers by itself.
func TestTheDatabaseComesBack(t *testing.T) {
	direct := postgres(t)
	u, err := url.Parse(direct)
	require.NoError(t, err)
	way := newWay(t, u.Host)
	u.Host = way.address()
	w := begin(t, settings{postgres: u.String()})
	w.wants(w.get(officerToken, path(karl, "assessment")), 200, "")
	way.cut()
	w.nothing(w.get(officerToken, path(karl, "assessment")), 503, "http.unavailable")
	w.unwell("ledger")
	way.mend()
	require.Eventually(t, func() bool {
		r, err := w.clients.ask(t.Context(), officerToken, http.MethodGet, path(karl, "assessment"), "")
		return err == nil && r.Status == http.StatusOK
	}, patient, tick)
	w.stop()
	clean(t, w.set.dir)
}

// unwell wants health to say that a part fails, and that nothing can be released.
func (w *world) unwell(part string) {
	w.t.Helper()
	h := w.health()
	assert.Equal(w.t, http.StatusServiceUnavailable, h.status)
	assert.Equal(w.t, "fail", h.Status)
	assert.Equal(w.t, "fail", h.part(part))
}

// way is a way to a server that can be cut.
type way struct {
	t       *testing.T
	to      string
	at      net.Listener
	mu      sync.Mutex
	open    bool
	conns   map[net.Conn]bool
	serving sync.WaitGroup
}

func newWay(t *testing.T, to string) *way {
	at, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := &way{t: t, to: to, at: at, open: true, conns: map[net.Conn]bool{}}
	w.serving.Go(w.serve)
	t.Cleanup(func() { _ = at.Close(); w.cut(); w.serving.Wait() })
	return w
}

func (w *way) address() string { return w.at.Addr().String() }

func (w *way) serve() {
	for {
		in, err := w.at.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", w.to)
		if err != nil || !w.keep(in, out) {
			_ = in.Close()
			if err == nil {
				_ = out.Close()
			}
			continue
		}
		w.serving.Go(func() { w.pipe(in, out) })
		w.serving.Go(func() { w.pipe(out, in) })
	}
}

func (w *way) keep(conns ...net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range conns {
		w.conns[c] = w.open
	}
	return w.open
}

func (w *way) pipe(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.Close()
	_ = from.Close()
}

func (w *way) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open = false
	for c := range w.conns {
		_ = c.Close()
	}
	clear(w.conns)
}

func (w *way) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open = true
}
