package filetrail

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/internal/mortal"
)

// The test binary is also the process that gets killed.
const (
	childDir    = "PURPOSEBOUND_TEST_DIR"
	childMode   = "PURPOSEBOUND_TEST_MODE"
	childNumber = "PURPOSEBOUND_TEST_NUMBER"

	childOpens   = "open"   // opens once and says how that went
	childAppends = "append" // acknowledges ids after Append
	childLies    = "early"  // acknowledges ids before Append
)

func child(dir string) {
	mode := os.Getenv(childMode)
	if mode == childTurns || mode == childUnlocked {
		opts := Options{SegmentSize: 16 << 10}
		if mode == childUnlocked {
			opts.disk = func(d disk) disk { return unlocked{d} }
		}
		if err := takeTurns(dir, opts); err != nil {
			fmt.Println(err)
			os.Exit(3)
		}
		os.Exit(0)
	}
	trail, err := Open(dir, Options{SegmentSize: 1 << 20})
	if err != nil {
		fmt.Println(err)
		os.Exit(3)
	}
	if mode == childOpens {
		fmt.Println("opened")
		os.Exit(0)
	}
	ids := audit.NewIDs(nil)
	for w := range 4 {
		go func() {
			for {
				batch := samples(0, []int{1, 3, 64, 256}[w])
				var said strings.Builder
				for i := range batch {
					batch[i].ID, _ = ids.Next()
					fmt.Fprintln(&said, batch[i].ID)
				}
				if mode == childLies {
					os.Stdout.WriteString(said.String())
				}
				if err := trail.Append(context.Background(), batch); err != nil {
					os.Exit(4)
				}
				if mode == childAppends {
					os.Stdout.WriteString(said.String())
				}
			}
		}()
	}
	select {}
}

type process struct {
	t   testing.TB
	cmd *exec.Cmd
	in  io.Writer
	out *bufio.Scanner
}

func spawn(t testing.TB, dir, mode string) *process {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir, childMode+"="+mode)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	return &process{t, cmd, in, bufio.NewScanner(out)}
}

// output waits for the process to end.
func (p *process) output() string {
	var b strings.Builder
	for p.out.Scan() {
		b.WriteString(p.out.Text() + "\n")
	}
	var exit *exec.ExitError
	if err := p.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		p.t.Error(err)
	}
	return b.String()
}

// afterKill opens what a killed process left and returns how many of its acknowledged ids are not there, and whether
// its last line was torn.
func afterKill(t *testing.T, dir string, acknowledged []string) (lost int, torn bool) {
	trail, err := Open(dir, Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, trail.Close()) }()
	missing := map[string]bool{}
	for _, id := range acknowledged {
		missing[id] = true
	}
	last := audit.Event{}
	for e, err := range trail.Read(t.Context(), 1) {
		require.NoError(t, err)
		require.Equal(t, last.Seq+1, e.Seq)
		delete(missing, e.ID)
		torn = last.Name == audit.TrailRecovered
		last = e
	}
	require.Equal(t, audit.TrailOpened, last.Name)
	return len(missing), torn
}

// A killed process loses nothing that it acknowledged. (What the machine loses with its power is up to fsync, which
// other tests see called before every acknowledgement.)
func TestAKilledProcessLosesNothingAcknowledged(t *testing.T) {
	n := 25
	nightly := os.Getenv("PURPOSEBOUND_NIGHTLY") != ""
	if nightly {
		n = 500
	}
	acknowledged, tornTails := 0, 0
	dir := ""
	for i := range n {
		if i%10 == 0 {
			dir = newDir(t)
		}
		ids := mortal.Kill(t, rand.N(40*time.Millisecond), childDir+"="+dir, childMode+"="+childAppends)
		lost, torn := afterKill(t, dir, ids)
		assert.Zero(t, lost)
		acknowledged += len(ids)
		if torn {
			tornTails++
		}
	}
	t.Logf("%d kills, %d events acknowledged, %d torn tails", n, acknowledged, tornTails)
	assert.Greater(t, acknowledged, n)
	if nightly {
		assert.Positive(t, tornTails, "the kills never hit a write")
	}
}

// The control: the same check finds the losses of a process that acknowledges before it appends.
func TestTheKillTestFindsEarlyAcknowledgement(t *testing.T) {
	for range 50 {
		dir := newDir(t)
		ids := mortal.Kill(t, 5*time.Millisecond, childDir+"="+dir, childMode+"="+childLies)
		if lost, _ := afterKill(t, dir, ids); lost > 0 {
			return
		}
	}
	t.Error("50 kills of a process that acknowledges too early, and nothing lost")
}
