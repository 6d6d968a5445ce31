package filetrail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
)

const (
	childTurns    = "turns"    // takes its turn at a directory again and again
	childUnlocked = "unlocked" // the control: does so without a lock

	turns = 10 // of each process, each with a batch of three
)

// unlocked is a disk whose lock everybody gets.
type unlocked struct{ disk }

func (unlocked) Lock() (io.Closer, error) { return io.NopCloser(nil), nil }

// takeTurns opens the trail in dir, appends and closes it, as often as it is to; while another process has it, it tries
// again. It ends with what went wrong.
func takeTurns(dir string, opts Options) error {
	number, err := strconv.Atoi(os.Getenv(childNumber))
	if err != nil {
		return err
	}
	fmt.Println("ready")
	if _, err := fmt.Scanln(); err != nil {
		return err
	}
	for n := 0; n < turns; {
		trail, err := Open(dir, opts)
		if errors.Is(err, ErrLocked) {
			continue
		}
		if err != nil {
			return err
		}
		err = trail.Append(context.Background(), samples((number*turns+n)*3, 3))
		if err := errors.Join(err, trail.Close()); err != nil {
			return err
		}
		n++
	}
	return nil
}

// eight lets eight processes take turns at one directory at once, and returns how many of them failed.
func eight(t *testing.T, dir, mode string) (failed int) {
	var all []*process
	for i := range 8 {
		t.Setenv(childNumber, strconv.Itoa(i))
		p := spawn(t, dir, mode)
		require.True(t, p.out.Scan())
		require.Equal(t, "ready", p.out.Text())
		all = append(all, p)
	}
	for _, p := range all {
		_, err := io.WriteString(p.in, "\n")
		require.NoError(t, err)
	}
	for _, p := range all {
		if p.output(); !p.cmd.ProcessState.Success() {
			failed++
		}
	}
	return failed
}

// Eight processes at one directory are one writer after the other: no gap, no fork, and every batch there once and whole.
// The control: without the lock the same processes spoil the trail.
func TestEightProcessesLeaveNoGapAndNoFork(t *testing.T) {
	dir := newDir(t)
	require.Zero(t, eight(t, dir, childTurns))
	trail := open(t, dir, Options{})
	got := map[string]int{}
	for i, e := range events(t, trail) {
		require.EqualValues(t, i+1, e.Seq)
		if e.Name == audit.AccessRead {
			got[e.DecisionID]++
		}
	}
	require.NoError(t, trail.Close())
	assert.Len(t, got, 8*turns*3)
	for id, n := range got {
		assert.Equal(t, 1, n, id)
	}
	assert.Equal(t, audit.Consistent, verified(t, dir).Verdict)

	for range 5 {
		dir := newDir(t)
		if failed := eight(t, dir, childUnlocked); failed > 0 || verified(t, dir).Verdict != audit.Consistent {
			return
		}
	}
	t.Error("the control: eight processes without a lock, and nothing spoilt")
}
