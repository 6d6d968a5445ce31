package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/filetrail"
)

// childArgs are the arguments of a process that the test binary becomes, a line each.
const childArgs = "LENDINGAPI_TEST_ARGS"

func TestMain(m *testing.M) {
	if args := os.Getenv(childArgs); args != "" {
		os.Args = append(os.Args[:1], strings.Split(args, "\n")...)
		main()
	}
	os.Exit(m.Run())
}

// world is a service that listens, and its clients.
type world struct {
	t          testing.TB
	set        settings
	service    *service
	clients    *client
	operations *client
	log        *buffer
	stop       func()
}

// begin starts a service in set.dir, or in a new one, with the people of the demonstration.
func begin(t testing.TB, set settings) *world {
	t.Helper()
	if set.dir == "" {
		set.dir = t.TempDir()
	}
	w := &world{t: t, log: &buffer{}}
	set.log = slog.New(slog.NewTextHandler(w.log, nil))
	w.set = set
	s, err := newService(t.Context(), set)
	require.NoError(t, err)
	w.service = s
	require.NoError(t, s.seed(t.Context(), applications(), history(s.clock())))
	front, err := listen("127.0.0.1:0")
	require.NoError(t, err)
	back, err := listen("127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.run(ctx, front, back) }()
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	c := &http.Client{Transport: transport, Timeout: 20 * time.Second}
	w.clients, w.operations = &client{"http://" + front.Addr().String(), c}, &client{"http://" + back.Addr().String(), c}
	w.stop = sync.OnceFunc(func() {
		transport.CloseIdleConnections()
		cancel()
		assert.NoError(t, <-ended)
		_ = s.Close(context.Background()) // a test may have broken it
	})
	t.Cleanup(w.stop)
	return w
}

// onEach runs a test over SQLite and over PostgreSQL.
func onEach(t *testing.T, test func(t *testing.T, set settings)) {
	t.Run("sqlite", func(t *testing.T) { test(t, settings{}) })
	t.Run("postgres", func(t *testing.T) { test(t, settings{postgres: postgres(t)}) })
}

// postgres is a schema of its own, dropped at the end.
func postgres(t *testing.T) string {
	t.Helper()
	server := os.Getenv("PURPOSEBOUND_POSTGRES")
	if server == "" {
		server = "postgres://postgres@127.0.0.1:5432/test?sslmode=disable&connect_timeout=3"
	}
	address, drop, err := apart(t.Context(), server)
	if err != nil {
		require.Empty(t, os.Getenv("PURPOSEBOUND_REQUIRE_SERVERS"), "no PostgreSQL server answers")
		t.Skip("no PostgreSQL server answers at PURPOSEBOUND_POSTGRES or 127.0.0.1:5432")
	}
	t.Cleanup(func() { assert.NoError(t, drop()) })
	return address
}

// ask makes a request that gets an answer.
func (w *world) ask(token, method, path, body string) reply {
	w.t.Helper()
	r, err := w.clients.ask(w.t.Context(), token, method, path, body)
	require.NoError(w.t, err)
	return r
}

func (w *world) get(token, path string) reply {
	w.t.Helper()
	return w.ask(token, http.MethodGet, path, "")
}

// wants checks status and code.
func (w *world) wants(r reply, status int, code string) {
	w.t.Helper()
	require.Equal(w.t, fmt.Sprint(status, " ", code), fmt.Sprint(r.Status, " ", r.Code), string(r.Body))
	if status >= 400 {
		assert.Equal(w.t, status, r.Problem.Status)
		assert.NotEmpty(w.t, r.Problem.Title)
	}
	assert.Equal(w.t, status == http.StatusServiceUnavailable, r.Retry != "", "whether to come back")
}

// events are those of a request, in the words of the trail.
func (w *world) events(r reply) (list []string) {
	w.t.Helper()
	for _, e := range events(w.t, w.set.dir) {
		if e.TraceID == r.Trace {
			list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s %s", e.Name, e.Outcome, e.Reason)))
		}
	}
	return list
}

// events are all of a trail, from its files.
func events(t testing.TB, dir string) (list []audit.Event) {
	t.Helper()
	for line, err := range filetrail.Lines(t.Context(), filepath.Join(dir, "trail")) {
		require.NoError(t, err)
		e, err := audit.ParseLine(line)
		require.NoError(t, err)
		list = append(list, e)
	}
	return list
}

// path of something about an application.
func path(id, what string) string { return "/applications/" + id + "/" + what }

// buffer may be written to by several.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// What a test waits for, at most, and how often it looks.
const (
	patient = 20 * time.Second
	tick    = 2 * time.Millisecond
)

func codeOf(r reply) string { return fmt.Sprint(r.Status, " ", r.Code) }

// clean wants a trail that its checkpoints prove whole.
func clean(t testing.TB, dir string) {
	t.Helper()
	report, err := verify(t.Context(), &settings{dir: dir})
	require.NoError(t, err)
	require.Equal(t, audit.Pass, report.Verdict, "%+v", report)
	require.Equal(t, report.Count, report.Proved)
}
