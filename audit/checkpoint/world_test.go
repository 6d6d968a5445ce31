package checkpoint_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/mod/sumdb/note"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/audit/checkpoint"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	operator = "acme.example/audit"
	origin   = operator + "/recorder"
)

// keys makes a signer and its verifiers.
func keys(t testing.TB, name string) (note.Signer, note.Verifier) {
	private, public, err := note.GenerateKey(rand.Reader, name)
	require.NoError(t, err)
	signer, err := note.NewSigner(private)
	require.NoError(t, err)
	verifier, err := note.NewVerifier(public)
	require.NoError(t, err)
	return signer, verifier
}

// clock stands still until it is told to move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 26, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func denied(n int) audit.Event {
	return audit.Event{
		Name: audit.AccessDenied, Outcome: audit.Denied, Mode: audit.Enforce, Reason: "role.unknown",
		DecisionID: fmt.Sprintf("%032x", n+1),
	}
}

func fill(t testing.TB, trail audit.Trail, n int) {
	events := make([]audit.Event, n)
	for i := range events {
		events[i] = denied(i)
	}
	require.NoError(t, trail.Append(context.Background(), events))
}

// world is a trail with a keeper.
type world struct {
	t        testing.TB
	clock    *clock
	trail    *audittest.Recorder
	signer   note.Signer
	verifier note.Verifiers
	anchor   *shelf
	opts     checkpoint.Options
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, clock: newClock(), anchor: newShelf()}
	signer, verifier := keys(t, origin)
	w.trail, w.signer, w.verifier = audittest.NewRecorder(w.clock.Now), signer, note.VerifierList(verifier)
	w.opts = checkpoint.Options{
		Operator: operator, Signers: []note.Signer{signer}, Verifiers: w.verifier,
		Anchors: map[string]checkpoint.Anchor{"shelf": w.anchor}, Clock: w.clock.Now,
	}
	return w
}

func (w *world) keeper() *checkpoint.Keeper {
	w.t.Helper()
	k, err := checkpoint.New(w.t.Context(), w.trail, w.opts)
	require.NoError(w.t, err)
	return k
}

func (w *world) tick(k *checkpoint.Keeper) {
	w.t.Helper()
	require.NoError(w.t, k.Tick(w.t.Context()))
}

// sign signs any tree with the keeper's key.
func (w *world) sign(c checkpoint.Checkpoint) []byte {
	signed, err := c.Sign(w.signer)
	require.NoError(w.t, err)
	return signed
}

// headOf is the tree over the recorded events.
func headOf(t testing.TB, r *audittest.Recorder) audit.TreeHead {
	var tree audit.Tree
	for _, e := range r.Events() {
		line, err := audit.AppendLine(nil, &e)
		require.NoError(t, err)
		tree.Append(audit.HashLine(line))
	}
	return tree.Head()
}
