package live_test

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/policy/live"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var ctx = context.Background()

// lender is a register that rules are checked against.
var lender = purpose.Spec{
	Controller: purpose.Controller{Name: "Lender", Country: "DK", Zone: "Europe/Copenhagen"},
	Notices:    []purpose.Notice{{Version: "v1", From: "2026-01-01"}},
	Purposes:   []purpose.Purpose{{Key: "invoicing"}},
	Categories: []purpose.Category{{Key: "contact.name"}, {Key: "finance.iban"}},
	Capacities: []purpose.Capacity{{Key: "lessee"}},
	Events:     []purpose.Event{{Key: "signed", Stage: basis.Active, Gives: []string{"lessee"}}},
	Retention: []retention.Rule{{Key: "five-years", Clause: "3", Ceiling: retention.MustPeriod("P5Y"),
		Anchor: retention.Anchor{Kind: retention.OnEvent, Events: []string{"signed"}}}},
	Activities: []purpose.Activity{{Key: "billing", Clause: "2", Purposes: []string{"invoicing"}, Capacities: []string{"lessee"},
		Categories: []string{"contact", "finance"}, Claims: []basis.Claim{{Basis: basis.Contract}}, Retention: []string{"five-years"}}},
}

// permits is a rule file whose only rule is called id.
func permits(id string) string {
	return fmt.Sprintf("rules:\n  - id: %s\n    effect: permit\n    purposes: [invoicing]\n", id)
}

// signers are key pairs by name, for a signature that needs no engine: over the digest of everything else.
var signers = sync.OnceValue(func() map[string]ed25519.PrivateKey {
	all := map[string]ed25519.PrivateKey{}
	for i, name := range []string{"release", "stranger"} {
		seed := make([]byte, ed25519.SeedSize)
		seed[0] = byte(i + 1)
		all[name] = ed25519.NewKeyFromSeed(seed)
	}
	return all
})

// signed adds a manifest with a revision and a signature to files.
func signed(t testing.TB, by string, revision int, files map[string]string) map[string][]byte {
	t.Helper()
	contents := map[string][]byte{live.ManifestFile: []byte(strconv.Itoa(revision))}
	for name, text := range files {
		contents[name] = []byte(text)
	}
	all, err := live.NewFiles(contents)
	require.NoError(t, err)
	contents[live.SignatureFile] = []byte(hex.EncodeToString(ed25519.Sign(signers()[by], []byte(all.Digest()))))
	return contents
}

// checker verifies what signed signs, if release did.
type checker struct{}

func (checker) Verify(files *live.Files) (live.Snapshot, error) {
	contents := files.Contents()
	signature, err := hex.DecodeString(string(contents[live.SignatureFile]))
	if err != nil || len(signature) == 0 {
		return live.Snapshot{}, &live.Error{Reason: live.ReasonUnsigned}
	}
	delete(contents, live.SignatureFile)
	rest, err := live.NewFiles(contents)
	if err != nil {
		return live.Snapshot{}, err
	}
	if !ed25519.Verify(signers()["release"].Public().(ed25519.PublicKey), []byte(rest.Digest()), signature) {
		return live.Snapshot{}, errors.New("the signature does not hold")
	}
	revision, err := strconv.ParseUint(string(contents[live.ManifestFile]), 10, 64)
	return live.Snapshot{Files: rest, Revision: revision, Signer: "release"}, err
}

// shelf is a source that tests fill. It verifies as a directory does.
type shelf struct {
	mu    sync.Mutex
	files map[string][]byte
	fetch func(context.Context) (live.Snapshot, error)
	calls atomic.Int64
}

func (s *shelf) put(files map[string][]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files, s.fetch = maps.Clone(files), nil
}

func (s *shelf) become(f func(context.Context) (live.Snapshot, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fetch = f
}

func (s *shelf) Fetch(ctx context.Context) (live.Snapshot, error) {
	s.calls.Add(1)
	s.mu.Lock()
	files, fetch := s.files, s.fetch
	s.mu.Unlock()
	if fetch != nil {
		return fetch(ctx)
	}
	all, err := live.NewFiles(files)
	if err != nil {
		return live.Snapshot{}, err
	}
	return live.Verify(checker{}, all)
}

// clock is a clock that tests move.
type clock struct{ nanos atomic.Int64 }

func (c *clock) now() time.Time          { return time.Unix(0, c.nanos.Load()).UTC() }
func (c *clock) advance(d time.Duration) { c.nanos.Add(int64(d)) }

// world is a policy with everything around it within reach.
type world struct {
	t       testing.TB
	reg     *purpose.Register
	clock   *clock
	trail   *audittest.Recorder
	shelf   *shelf
	loads   atomic.Int64
	load    live.Loader // unless nil, instead of celpolicy
	policy  *live.Policy
	test    *live.SelfTest
	store   *store
	hung    chan struct{} // the trail waits for it
	options []live.Option
}

func newWorld(t testing.TB, options ...live.Option) *world {
	t.Helper()
	w := &world{t: t, reg: purpose.MustCompile(lender), clock: &clock{}, shelf: &shelf{}}
	w.clock.nanos.Store(time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC).UnixNano())
	w.trail = audittest.NewRecorder(w.clock.now)
	w.options = append([]live.Option{live.WithClock(w.clock.now)}, options...)
	w.put(1, permits("first"))
	return w
}

// put places a signed rule file on the shelf.
func (w *world) put(revision int, rules string) {
	w.t.Helper()
	w.shelf.put(signed(w.t, "release", revision, map[string]string{"rules.yaml": rules}))
}

func (w *world) open() *live.Policy {
	w.t.Helper()
	p, err := live.Open(ctx, "need-to-know", w.shelf, w.loader, w.trail, w.options...)
	require.NoError(w.t, err)
	w.policy = p
	return p
}

func (w *world) loader(files fs.FS) (policy.Decider, error) {
	w.loads.Add(1)
	if w.load != nil {
		return w.load(files)
	}
	return w.cel(files)
}

func (w *world) cel(files fs.FS) (policy.Decider, error) {
	p, err := celpolicy.Load(w.reg, "need-to-know", files)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// changes lists what the trail says of policies.
func (w *world) changes() (all []string) {
	for _, e := range w.trail.Events() {
		if e.Name == audit.PolicyChanged {
			all = append(all, strings.TrimSuffix(string(e.Outcome)+" "+e.Reason, " "))
		}
	}
	return all
}

// reasonOf is the reason of a refused change.
func reasonOf(t testing.TB, err error) live.Reason {
	t.Helper()
	var e *live.Error
	require.ErrorAs(t, err, &e)
	return e.Reason
}

// input asks for both fields.
func (w *world) input() *policy.Input {
	w.t.Helper()
	plan, err := w.reg.BindSchema(purpose.Schema{Name: "lessee", Fields: []purpose.SchemaField{
		{Name: "name", Tags: purpose.Tags{Personal: "contact.name"}}, {Name: "iban", Tags: purpose.Tags{Personal: "finance.iban"}},
	}})
	require.NoError(w.t, err)
	id, _ := w.reg.Purposes().ID("invoicing")
	return &policy.Input{Plan: plan, Purpose: id, Fields: purpose.AllFields(2), Notice: "v1", Explain: true,
		Request: &policy.Request{Principal: policy.Principal{ID: "u17", Roles: []string{"billing"}}, Action: purpose.Read,
			Purpose: "invoicing", At: w.clock.now()}}
}
