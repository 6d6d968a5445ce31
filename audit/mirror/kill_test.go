package mirror_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/filetrail"
	"github.com/purposebound/purposebound/audit/mirror"
)

const childDir = "PURPOSEBOUND_MIRROR_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		fmt.Println(child(dir))
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

// child appends and mirrors until it is killed. Its receiver is a file of seqs and ids.
func child(dir string) error {
	trail, err := filetrail.Open(filepath.Join(dir, "trail"), filetrail.Options{Stream: "s-1"})
	if err != nil {
		return err
	}
	out, err := os.OpenFile(filepath.Join(dir, "received"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	sink := mirror.SinkFunc(func(_ context.Context, events []audit.Event) error {
		for _, e := range events {
			if _, err := fmt.Fprintf(out, "%d %s\n", e.Seq, e.ID); err != nil {
				return err
			}
		}
		return nil
	})
	m, err := mirror.New(trail, sink, mirror.NewFileCursor(filepath.Join(dir, "cursor")), mirror.Options{Batch: 5})
	if err != nil {
		return err
	}
	ctx := context.Background()
	for {
		if err := trail.Append(ctx, []audit.Event{{Name: audit.TrailHeartbeat}, {Name: audit.TrailHeartbeat}}); err != nil {
			return err
		}
		if n, err := m.Tick(ctx); err != nil {
			return err
		} else if n > 0 {
			fmt.Println("sent")
		}
	}
}

// TestKilledProcessesLeaveNoGap: a process that appends and mirrors is killed again and again; at the end the receiver has
// every event of the trail, in order of first arrival.
func TestKilledProcessesLeaveNoGap(t *testing.T) {
	kills := 12
	if os.Getenv("PURPOSEBOUND_NIGHTLY") == "1" {
		kills = 300
	} else if testing.Short() {
		kills = 3
	}
	dir := t.TempDir()
	for i := range kills {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), childDir+"="+dir)
		stdout, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		lines := bufio.NewScanner(stdout)
		for range 2 + i%7 {
			require.True(t, lines.Scan(), "the child ended by itself")
			require.Equal(t, "sent", lines.Text())
		}
		time.Sleep(time.Duration(i%5) * 300 * time.Microsecond) // into another place of its work
		require.NoError(t, cmd.Process.Kill())
		_ = cmd.Wait()
		cancel()
	}

	trail, err := filetrail.Open(filepath.Join(dir, "trail"), filetrail.Options{})
	require.NoError(t, err)
	defer func() { assert.NoError(t, trail.Close()) }()
	text, err := os.ReadFile(filepath.Join(dir, "received"))
	require.NoError(t, err)
	var got []string
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if !seen[line] {
			seen[line] = true
			got = append(got, line)
		}
	}
	last := &receiver{}
	m := newMirror(t, trail, last, mirror.NewFileCursor(filepath.Join(dir, "cursor")), mirror.Options{})
	_, err = m.Tick(t.Context())
	require.NoError(t, err)
	for _, e := range last.got {
		if line := fmt.Sprintf("%d %s\n", e.Seq, e.ID); !seen[line] {
			got = append(got, line)
		}
	}
	var want []string
	for e, err := range trail.Read(t.Context(), 0) {
		require.NoError(t, err)
		want = append(want, fmt.Sprintf("%d %s\n", e.Seq, e.ID))
	}
	assert.Equal(t, want, got)
	t.Logf("%d events, %d arrived, %d of them again", len(want), len(strings.Split(string(text), "\n"))-1, len(strings.Split(string(text), "\n"))-1-len(seen))
}
