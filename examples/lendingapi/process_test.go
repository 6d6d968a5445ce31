package main

import (
	"bufio"
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// process is the service as a process of its own.
type process struct {
	t                   *testing.T
	cmd                 *exec.Cmd
	out                 io.ReadCloser
	clients, operations *client
}

func spawn(t *testing.T, set settings) *process {
	t.Helper()
	args := []string{"-serve", "127.0.0.1:0", "-dir", set.dir, "-postgres", set.postgres}
	p := &process{t: t, cmd: exec.Command(os.Args[0])}
	p.cmd.Env = append(os.Environ(), childArgs+"="+strings.Join(args, "\n"))
	var err error
	p.out, err = p.cmd.StdoutPipe()
	require.NoError(t, err)
	p.cmd.Stderr = os.Stderr
	require.NoError(t, p.cmd.Start())
	lines := bufio.NewScanner(p.out)
	address := func(word string) *client {
		require.True(t, lines.Scan(), "the service did not start")
		at, ok := strings.CutPrefix(lines.Text(), word+" ")
		require.True(t, ok, lines.Text())
		return &client{at, &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: 20 * time.Second}}
	}
	p.clients, p.operations = address("serving"), address("operations")
	return p
}

// end sends a signal and waits.
func (p *process) end(with os.Signal) error {
	p.clients.http.CloseIdleConnections()
	p.operations.http.CloseIdleConnections()
	_ = p.cmd.Process.Signal(with)
	return p.cmd.Wait()
}

// seen is what clients got before the service was gone.
type seen struct {
	mu       sync.Mutex
	released []string // trace ids of 200
	refused  []string // of 403
	first    chan struct{}
	once     sync.Once
}

// traffic keeps asking until the service is gone.
func (s *seen) traffic(ctx context.Context, c *client, token, path string) {
	for {
		r, err := c.ask(ctx, token, http.MethodGet, path, "")
		if err != nil {
			return // cut off: whether it was released nobody knows, the trail may say so
		}
		s.mu.Lock()
		switch r.Status {
		case http.StatusOK:
			s.released = append(s.released, r.Trace)
			s.once.Do(func() { close(s.first) })
		case http.StatusForbidden:
			s.refused = append(s.refused, r.Trace)
		}
		s.mu.Unlock()
	}
}

// A service that is killed in the midst of traffic has on record whatever a client got from it, and knows after a restart
// what it acknowledged.
func TestAKilledServiceHasOnRecordWhatClientsSaw(t *testing.T) {
	kills := 4
	if os.Getenv("PURPOSEBOUND_NIGHTLY") != "" {
		kills = 60
	}
	onEach(t, func(t *testing.T, set settings) {
		set.dir = t.TempDir()
		var released, refused []string
		for i := range kills {
			p := spawn(t, set)
			s := &seen{first: make(chan struct{})}
			var clients sync.WaitGroup
			for range 6 {
				clients.Go(func() { s.traffic(t.Context(), p.clients, officerToken, path(karl, "assessment")) })
				clients.Go(func() { s.traffic(t.Context(), p.clients, advisorToken, path(karl, "file")) })
				clients.Go(func() { s.traffic(t.Context(), p.clients, otherToken, path(karl, "assessment")) })
			}
			<-s.first
			want := "200 "
			if i > 0 {
				want = "403 basis.consent-withdrawn"
			}
			quoted, err := p.clients.ask(t.Context(), marketingToken, http.MethodGet, path(maja, "testimonial"), "")
			require.NoError(t, err)
			require.Equal(t, want, codeOf(quoted), "kill %d", i)
			if i == 0 {
				withdrawn, err := p.clients.ask(t.Context(), majaToken, http.MethodPost, "/withdrawals", `{"scope":"ext.testimonial"}`)
				require.NoError(t, err)
				require.Equal(t, "200 ", codeOf(withdrawn))
			}
			time.Sleep(time.Duration(rand.Int64N(int64(60 * time.Millisecond)))) // so that kills hit anywhere
			require.Error(t, p.end(syscall.SIGKILL))
			clients.Wait()
			released, refused = append(released, s.released...), append(refused, s.refused...)
		}
		p := spawn(t, set)
		require.NoError(t, p.end(syscall.SIGTERM), "it ends by itself when told")
		clean(t, set.dir)
		_, traces, err := told(filepath.Join(set.dir, "trail"))
		require.NoError(t, err)
		missing := 0
		for _, trace := range released {
			if !traces[trace] {
				missing++
			}
		}
		assert.Zero(t, missing, "releases that clients saw and the trail does not know")
		require.NotEmpty(t, refused)
		for _, trace := range refused {
			require.False(t, traces[trace], "the control: a refusal is not taken for a release")
		}
		t.Logf("%d kills, %d releases and %d refusals that clients saw", kills, len(released), len(refused))
	})
}
