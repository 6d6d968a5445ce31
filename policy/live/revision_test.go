package live_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/policy/live"
)

func TestAnOldPolicyStaysOutAcrossRestarts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "revision")
	open := func(revision int, rules string, options ...live.Option) (*live.Policy, error) {
		w := newWorld(t)
		w.put(revision, rules)
		return live.Open(ctx, "need-to-know", w.shelf, w.loader, w.trail, options...)
	}
	kept := live.WithRevisionStore(live.RevisionFile(path))
	_, err := open(5, permits("five"), kept)
	require.NoError(t, err)
	_, err = open(5, permits("five"), kept)
	require.NoError(t, err, "a restart with what was in force")
	_, err = open(4, permits("four"), kept)
	require.Equal(t, live.ReasonRollback, reasonOf(t, err))
	_, err = open(5, permits("other"), kept)
	require.Equal(t, live.ReasonConflict, reasonOf(t, err))
	_, err = open(6, permits("four"), kept)
	require.NoError(t, err, "going back is a new revision")

	_, err = open(4, permits("four"))
	require.NoError(t, err, "the control: without a store a restart forgets")

	require.NoError(t, os.WriteFile(path, []byte("revision 1"), 0o600))
	_, err = open(7, permits("seven"), kept)
	require.Equal(t, live.ReasonStore, reasonOf(t, err), "a damaged store opens nothing")
}

func TestWhatWasNeverInForceTakesNoRevision(t *testing.T) {
	w := newWorld(t)
	w.store = &store{}
	w.options = append(w.options, live.WithRevisionStore(w.store))
	p := w.open()
	w.put(9, "rules: nonsense")
	require.Error(t, p.Trigger(ctx))
	require.EqualValues(t, 1, w.store.mark.Revision)
	w.put(2, permits("second"))
	require.NoError(t, p.Trigger(ctx))
	require.EqualValues(t, 2, w.store.mark.Revision)
	require.Equal(t, p.Health().Files, w.store.mark.Digest)
}

func TestTheSameFilesUnderAHigherRevisionRaiseTheMark(t *testing.T) {
	w := newWorld(t)
	files, err := live.NewFiles(map[string][]byte{"rules.yaml": []byte(permits("a"))})
	require.NoError(t, err)
	at := func(revision uint64) {
		w.shelf.become(func(context.Context) (live.Snapshot, error) {
			return live.Snapshot{Files: files, Revision: revision, Signer: "registry"}, nil
		})
	}
	at(5)
	p := w.open()
	at(7)
	require.NoError(t, p.Trigger(ctx))
	require.EqualValues(t, 7, p.Health().Revision)
	at(6)
	require.Equal(t, live.ReasonRollback, reasonOf(t, p.Trigger(ctx)))
}

func TestAStoreThatFailsKeepsTheOldPolicy(t *testing.T) {
	broken := errors.New("disk")
	for name, fail := range map[string]func(*store){
		"load":        func(s *store) { s.loads = broken },
		"save":        func(s *store) { s.saveFails = broken },
		"not a mark":  func(s *store) { s.mark = live.Mark{Revision: 1, Digest: "x"} },
		"half a mark": func(s *store) { s.mark = live.Mark{Digest: live.NoDigest} },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.store = &store{}
			w.options = append(w.options, live.WithRevisionStore(w.store))
			p := w.open()
			before, mark := p.Digest(), w.store.mark
			fail(w.store)
			w.put(2, permits("second"))
			require.Equal(t, live.ReasonStore, reasonOf(t, p.Trigger(ctx)))
			require.Equal(t, before, p.Digest())
			require.Equal(t, []string{"done", "failed policy.change.store"}, w.changes())
			w.store.loads, w.store.saveFails, w.store.mark = nil, nil, mark
			require.NoError(t, p.Trigger(ctx))
		})
	}
}

// Another process that shares the store was faster.
func TestTheStoreIsAskedWithEveryChange(t *testing.T) {
	w := newWorld(t)
	w.store = &store{}
	w.options = append(w.options, live.WithRevisionStore(w.store))
	p := w.open()
	w.store.mark = live.Mark{Revision: 30, Digest: live.NoDigest}
	w.put(2, permits("second"))
	require.Equal(t, live.ReasonRollback, reasonOf(t, p.Trigger(ctx)))
}

func TestRevisionFileKeepsTheHighest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "revision")
	s := live.RevisionFile(path)
	m, err := s.Load(ctx)
	require.NoError(t, err)
	require.Equal(t, live.Mark{}, m)
	for _, revision := range []uint64{1, 2, 2, 1 << 63} {
		want := live.Mark{Revision: revision, Digest: live.NoDigest}
		require.NoError(t, s.Save(ctx, want))
		m, err = live.RevisionFile(path).Load(ctx)
		require.NoError(t, err)
		require.Equal(t, want, m)
	}
	require.Error(t, s.Save(ctx, live.Mark{Revision: 3, Digest: live.NoDigest}), "lower than what is kept")
	for _, bad := range []live.Mark{{}, {Revision: 1}, {Digest: live.NoDigest}, {Revision: 1, Digest: "sha256:\nrevision"}} {
		require.Error(t, s.Save(ctx, bad))
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	require.Error(t, s.Save(gone, live.Mark{Revision: 1<<63 + 1, Digest: live.NoDigest}))
	require.Error(t, live.RevisionFile(filepath.Join(path, "below")).Save(ctx, m))
	names, err := filepath.Glob(path + "*")
	require.NoError(t, err)
	require.Len(t, names, 1, "nothing is left lying about")

	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for n := range text {
		require.NoError(t, os.WriteFile(path, text[:n], 0o600))
		_, err := s.Load(ctx)
		require.Error(t, err, "cut at %d", n)
		for bit := range 8 {
			bent := []byte(strings.Clone(string(text)))
			bent[n] ^= 1 << bit
			require.NoError(t, os.WriteFile(path, bent, 0o600))
			if m, err := s.Load(ctx); err == nil { // another number or digest
				require.Equal(t, string(bent), "revision "+utoa(m.Revision)+" "+m.Digest+"\n")
			}
		}
	}
	require.NoError(t, os.WriteFile(path, append(text, ' '), 0o600))
	_, err = s.Load(ctx)
	require.Error(t, err)
}

func utoa(n uint64) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return utoa(n/10) + utoa(n%10)
}

// Whatever comes, what gets in force is never older than anything before, and the store never falls behind it.
func TestRevisionsOnlyRise(t *testing.T) {
	type state struct {
		revision int
		content  string
	}
	in, out, restarts := 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		w.store = &store{}
		w.options = append(w.options, live.WithRevisionStore(w.store))
		p := w.open()
		lies := state{1, "first"}
		inForce, highest := lies, lies
		judge := func(err error) {
			kept := w.store.mark
			switch {
			case err == nil && lies == inForce: // nothing was to be done
			case err == nil:
				in++
				inForce = lies
				if lies.revision < highest.revision || lies.revision == highest.revision && lies != highest {
					rt.Fatalf("%v came after %v", lies, highest)
				}
				highest = lies
			default:
				out++
				if int(kept.Revision) > highest.revision { // stored, and then not recorded
					highest = lies
				}
			}
			if int(kept.Revision) != highest.revision || inForce.revision > highest.revision || int(p.Health().Revision) != inForce.revision {
				rt.Fatalf("kept %d, highest %v, in force %v and %d", kept.Revision, highest, inForce, p.Health().Revision)
			}
		}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			switch rapid.IntRange(0, 5).Draw(rt, "event") {
			case 0:
				if again, err := live.Open(ctx, "need-to-know", w.shelf, w.loader, w.trail, w.options...); err == nil {
					restarts++
					p = again
					inForce = state{}
					judge(nil)
				}
			case 1:
				w.store.saveFails = errors.New("disk")
			case 2:
				w.trail.FailNext(errors.New("disk"))
			}
			lies = state{rapid.IntRange(0, 6).Draw(rt, "revision"), rapid.SampledFrom([]string{"first", "second", "third"}).Draw(rt, "content")}
			w.put(lies.revision, permits(lies.content))
			judge(p.Trigger(ctx))
			w.store.saveFails = nil
		}
	})
	require.NotZero(t, in)
	require.NotZero(t, out)
	require.NotZero(t, restarts)
}

func FuzzRevisionFile(f *testing.F) {
	for _, s := range []string{"", "revision 1 " + live.NoDigest + "\n", "revision 01 " + live.NoDigest + "\n", "revision -1 x\n", "revision 18446744073709551616 " + live.NoDigest + "\n"} {
		f.Add([]byte(s))
	}
	path := filepath.Join(f.TempDir(), "revision")
	f.Fuzz(func(t *testing.T, text []byte) {
		require.NoError(t, os.WriteFile(path, text, 0o600))
		m, err := live.RevisionFile(path).Load(ctx)
		if err != nil {
			require.Equal(t, live.Mark{}, m)
			return
		}
		require.Equal(t, string(text), "revision "+utoa(m.Revision)+" "+m.Digest+"\n")
		require.NotZero(t, m.Revision)
	})
}
