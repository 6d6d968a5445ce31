package bundle

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/policy/live"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/sealed"
	"github.com/purposebound/purposebound/retention"
)

var lender = purpose.Spec{
	Controller: purpose.Controller{Name: "Lender", Country: "DK", Zone: "Europe/Copenhagen"},
	Notices:    []purpose.Notice{{Version: "v1", From: "2026-01-01"}},
	Purposes:   []purpose.Purpose{{Key: "invoicing"}},
	Categories: []purpose.Category{{Key: "contact.name"}},
	Capacities: []purpose.Capacity{{Key: "lessee"}},
	Events:     []purpose.Event{{Key: "signed", Stage: basis.Active, Gives: []string{"lessee"}}},
	Retention: []retention.Rule{{Key: "five-years", Clause: "3", Ceiling: retention.MustPeriod("P5Y"),
		Anchor: retention.Anchor{Kind: retention.OnEvent, Events: []string{"signed"}}}},
	Activities: []purpose.Activity{{Key: "billing", Clause: "2", Purposes: []string{"invoicing"}, Capacities: []string{"lessee"},
		Categories: []string{"contact"}, Claims: []basis.Claim{{Basis: basis.Contract}}, Retention: []string{"five-years"}}},
}

type lessee struct {
	ID   string               `subject:"id"`
	Name sealed.Value[string] `personal:"contact.name"`
}

type nameView struct{ Name string }

// service is a guard over a live policy.
type service struct {
	policy *live.Policy
	guard  *policy.Guard
	trail  *audittest.Recorder
}

func serve(t *testing.T, source live.Source) *service {
	t.Helper()
	at := time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)
	reg := purpose.MustCompile(lender)
	s := &service{trail: audittest.NewRecorder(func() time.Time { return at })}
	ledger := basis.NewMemory(reg.Vocabulary(), basis.WithClock(func() time.Time { return at }))
	require.NoError(t, ledger.Record(ctx, basis.Event{DataSubject: "ada", Body: basis.Occurred{Event: "signed"}}))
	var err error
	s.policy, err = live.Open(ctx, "need-to-know", source, func(files fs.FS) (policy.Decider, error) {
		return celpolicy.Load(reg, "need-to-know", files)
	}, s.trail, live.WithClock(func() time.Time { return at }), live.WithRevisionStore(live.RevisionFile(filepath.Join(t.TempDir(), "revision"))))
	require.NoError(t, err)
	s.guard, err = policy.NewGuard(reg, ledger, s.trail, s.policy, policy.WithClock(func() time.Time { return at.Add(time.Minute) }))
	require.NoError(t, err)
	return s
}

func (s *service) read() error {
	req := policy.Request{Principal: policy.Principal{ID: "u17", Roles: []string{"billing"}}, Purpose: "invoicing"}
	_, err := policy.Read[nameView](ctx, s.guard, req, &lessee{ID: "ada", Name: sealed.Of("Ada")})
	return err
}

func rules(id, effect string) string {
	return fmt.Sprintf("rules:\n  - id: %s\n    effect: %s\n    purposes: [invoicing]\n", id, effect)
}

func revised(revision int, text string) fstest.MapFS {
	return fstest.MapFS{".manifest": {Data: fmt.Appendf(nil, `{"revision":"%d"}`, revision)}, "rules.yaml": {Data: []byte(text)}}
}

// mount lays a signed state into a volume as a kubelet does.
func mount(t *testing.T, dir string, state int, files fstest.MapFS) {
	t.Helper()
	signature, err := Sign(files, releaseSigning())
	require.NoError(t, err)
	files[live.SignatureFile] = &fstest.MapFile{Data: signature}
	name := fmt.Sprintf("..2026_%03d", state)
	require.NoError(t, os.Mkdir(filepath.Join(dir, name), 0o755))
	for file, f := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name, file), f.Data, 0o644))
		_ = os.Symlink("..data/"+file, filepath.Join(dir, file))
	}
	require.NoError(t, os.Symlink(name, filepath.Join(dir, "..tmp")))
	require.NoError(t, os.Rename(filepath.Join(dir, "..tmp"), filepath.Join(dir, "..data")))
}

func TestAVolumeOfSignedRulesIsFollowed(t *testing.T) {
	dir := t.TempDir()
	mount(t, dir, 1, revised(1, rules("all", "permit")))
	v, err := Verifier(release(t))
	require.NoError(t, err)
	source, err := live.Directory(dir, v)
	require.NoError(t, err)
	s := serve(t, source)
	require.NoError(t, s.read())

	mount(t, dir, 2, revised(2, rules("nobody", "deny")))
	require.NoError(t, s.policy.Trigger(ctx))
	require.ErrorIs(t, s.read(), policy.ErrDenied)

	// Somebody with access to the volume wants the old rules back.
	mount(t, dir, 3, revised(1, rules("all", "permit")))
	require.Equal(t, live.ReasonRollback, reasonOf(t, s.policy.Trigger(ctx)))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "..2026_002", "rules.yaml"), []byte(rules("all", "permit")), 0o644))
	require.NoError(t, os.Remove(filepath.Join(dir, "..data")))
	require.NoError(t, os.Symlink("..2026_002", filepath.Join(dir, "..data")))
	require.Equal(t, live.ReasonSignature, reasonOf(t, s.policy.Trigger(ctx)))
	require.NoError(t, os.Remove(filepath.Join(dir, "..2026_002", live.SignatureFile)))
	require.Equal(t, live.ReasonUnsigned, reasonOf(t, s.policy.Trigger(ctx)))
	require.ErrorIs(t, s.read(), policy.ErrDenied)

	mount(t, dir, 4, revised(4, rules("all", "permit")))
	require.NoError(t, s.policy.Trigger(ctx))
	require.NoError(t, s.read())
	require.Equal(t, "release", s.policy.Health().Signer)

	var changes []string
	for _, e := range s.trail.Events() {
		if e.Name == audit.PolicyChanged {
			changes = append(changes, string(e.Outcome)+" "+e.Reason)
		}
	}
	require.Equal(t, []string{"done ", "done ", "failed policy.change.rollback", "failed policy.change.signature", "failed policy.change.unsigned", "done "}, changes)
}

func TestATarballThatIsReplacedWhileItIsInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.tar.gz")
	place := func(revision int, text string) {
		var out bytes.Buffer
		require.NoError(t, Write(&out, revised(revision, text), releaseSigning()))
		require.NoError(t, os.WriteFile(path+".new", out.Bytes(), 0o600))
		require.NoError(t, os.Rename(path+".new", path))
	}
	place(1, rules("r1", "permit"))
	source, err := File(path, release(t))
	require.NoError(t, err)
	s := serve(t, source)

	swaps := 30
	if testing.Short() {
		swaps = 10
	}
	done := make(chan struct{})
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if err := s.read(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := 2; i <= swaps; i++ {
		place(i, rules(fmt.Sprintf("r%d", i), "permit"))
		require.NoError(t, s.policy.Trigger(ctx))
	}
	close(done)
	group.Wait()
	require.EqualValues(t, swaps, s.policy.Health().Revision)

	inForce := map[string]bool{}
	reads := 0
	for _, e := range s.trail.Events() {
		switch e.Name {
		case audit.PolicyChanged:
			inForce[e.PolicyDigest] = true
		case audit.AccessRead:
			reads++
			require.True(t, inForce[e.PolicyDigest], "a read under a policy that was not on record yet")
		}
	}
	require.Len(t, inForce, swaps)
	require.NotZero(t, reads)

	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, whole[:len(whole)/2], 0o600))
	require.Equal(t, live.ReasonFiles, reasonOf(t, s.policy.Trigger(ctx)), "half written")
	require.NoError(t, s.read())
	require.NoError(t, os.WriteFile(path, whole, 0o600))
	require.NoError(t, s.policy.Trigger(ctx))
	require.True(t, s.policy.Health().OK())
}

// The same rules signed anew, as with a change of keys, are no conflict.
func TestSigningAnewIsNoOtherPolicy(t *testing.T) {
	other, err := PublicKey("next", "ES384", pairs()["ES384"].public)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "policy.tar.gz")
	place := func(k SigningKey) {
		var out bytes.Buffer
		require.NoError(t, Write(&out, revised(1, rules("all", "permit")), k))
		require.NoError(t, os.WriteFile(path, out.Bytes(), 0o600))
	}
	place(releaseSigning())
	source, err := File(path, release(t), other)
	require.NoError(t, err)
	s := serve(t, source)
	before := s.policy.Digest()
	place(SigningKey{ID: "next", Algorithm: "ES384", PEM: pairs()["ES384"].pem})
	require.NoError(t, s.policy.Trigger(ctx))
	require.Equal(t, "next", s.policy.Health().Signer)
	require.Equal(t, before, s.policy.Digest())
}
