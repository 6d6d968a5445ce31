package live_test

import (
	"context"
	"errors"
	"io/fs"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/live"
	"github.com/purposebound/purposebound/purpose"
)

func TestAGoodUpdateIsRecordedAndThenInForce(t *testing.T) {
	w := newWorld(t)
	p := w.open()
	first := p.Digest()
	w.clock.advance(time.Hour)
	w.put(2, permits("second"))
	require.NoError(t, p.Trigger(ctx))

	v, err := p.Decide(ctx, w.input())
	require.NoError(t, err)
	require.NotEqual(t, first, p.Digest())
	require.Equal(t, p.Digest(), v.Digest)
	require.Equal(t, "second", v.Hits[0].Rule)
	require.Equal(t, []string{"done", "done"}, w.changes())
	for i, digest := range []string{first, p.Digest()} {
		require.Equal(t, digest, w.trail.Events()[i].PolicyDigest)
		require.Equal(t, "need-to-know", w.trail.Events()[i].PolicyEngine)
	}
	h := p.Health()
	require.True(t, h.OK())
	require.Equal(t, live.Health{Digest: p.Digest(), Files: h.Files, Revision: 2, Signer: "release", Since: w.clock.now(), LastCheck: w.clock.now()}, h)
}

func TestWhatDoesNotChangeIsNotLoadedAgain(t *testing.T) {
	w := newWorld(t)
	p := w.open()
	for range 3 {
		w.clock.advance(time.Minute)
		require.NoError(t, p.Trigger(ctx))
	}
	require.EqualValues(t, 1, w.loads.Load())
	require.Equal(t, []string{"done"}, w.changes())
	require.Equal(t, w.clock.now(), p.Health().LastCheck)
	require.Equal(t, 3*time.Minute, p.Health().LastCheck.Sub(p.Health().Since))
}

// badUpdates are what a source may come up with. Each says why it must not get in.
var badUpdates = map[string]struct {
	reason live.Reason
	break_ func(*world)
}{
	"unsigned": {live.ReasonUnsigned, func(w *world) {
		f := signed(w.t, "release", 2, map[string]string{"rules.yaml": permits("b")})
		delete(f, live.SignatureFile)
		w.shelf.put(f)
	}},
	"signed by a stranger": {live.ReasonSignature, func(w *world) {
		w.shelf.put(signed(w.t, "stranger", 2, map[string]string{"rules.yaml": permits("b")}))
	}},
	"changed behind the signature": {live.ReasonSignature, func(w *world) {
		f := signed(w.t, "release", 2, map[string]string{"rules.yaml": permits("b")})
		f["rules.yaml"] = append(f["rules.yaml"], '#')
		w.shelf.put(f)
	}},
	"a source that claims to be checked by nobody": {live.ReasonUnsigned, func(w *world) {
		files, err := live.NewFiles(map[string][]byte{"rules.yaml": []byte(permits("b"))})
		require.NoError(w.t, err)
		w.shelf.become(func(context.Context) (live.Snapshot, error) { return live.Snapshot{Files: files, Revision: 2}, nil })
	}},
	"without a revision": {live.ReasonRevision, func(w *world) { w.put(0, permits("b")) }},
	"the zero snapshot": {live.ReasonFetch, func(w *world) {
		w.shelf.become(func(context.Context) (live.Snapshot, error) { return live.Snapshot{}, nil })
	}},
	"the same revision with other rules": {live.ReasonConflict, func(w *world) { w.put(10, permits("b")) }},
	"an older revision":                  {live.ReasonRollback, func(w *world) { w.put(9, permits("first")) }},
	"rules that do not compile":          {live.ReasonLoad, func(w *world) { w.put(11, "rules:\n  - id: b\n    effect: permitt\n") }},
	"no rules":                           {live.ReasonLoad, func(w *world) { w.shelf.put(signed(w.t, "release", 11, nil)) }},
	"a loader that panics": {live.ReasonPanic, func(w *world) {
		w.put(11, permits("b"))
		w.load = func(fs.FS) (policy.Decider, error) { panic("of 123-45-6789") }
	}},
	"a loader that returns nothing": {live.ReasonLoad, func(w *world) {
		w.put(11, permits("b"))
		w.load = func(fs.FS) (policy.Decider, error) { return nil, nil }
	}},
	"a policy whose digest is none": {live.ReasonLoad, func(w *world) {
		w.put(11, permits("b"))
		w.load = func(fs.FS) (policy.Decider, error) { return &fake{digest: "sha256:1"}, nil }
	}},
	"a policy that panics when asked what it is": {live.ReasonPanic, func(w *world) {
		w.put(11, permits("b"))
		w.load = func(fs.FS) (policy.Decider, error) { return (*fake)(new(fake)).panicking(), nil }
	}},
	"rules that fail their test": {live.ReasonSelfTest, func(w *world) { w.put(11, permits("wrong")) }},
	"a test that panics":         {live.ReasonPanic, func(w *world) { w.put(11, permits("broken")) }},
	"a source that fails": {live.ReasonFetch, func(w *world) {
		w.shelf.become(func(context.Context) (live.Snapshot, error) {
			return live.Snapshot{}, errors.New("of https://user:secret@host")
		})
	}},
	"a source that panics": {live.ReasonPanic, func(w *world) {
		w.shelf.become(func(context.Context) (live.Snapshot, error) { panic("x") })
	}},
	"too many files": {live.ReasonSize, func(w *world) {
		w.shelf.become(func(context.Context) (live.Snapshot, error) {
			_, err := live.NewFiles(make1025())
			return live.Snapshot{}, err
		})
	}},
}

// selfTest refuses a rule called wrong, and breaks down over one called broken.
func selfTest(_ context.Context, _ fs.FS, rules policy.Decider) error {
	if l, ok := rules.(policy.Listed); ok {
		for _, r := range l.Rules() {
			switch r.ID {
			case "wrong":
				return errors.New("case 7 is permitted")
			case "broken":
				panic("index out of range")
			}
		}
	}
	return nil
}

func TestABadUpdateLeavesTheOldPolicyInForce(t *testing.T) {
	for name, bad := range badUpdates {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, live.WithSelfTest(func(context.Context, fs.FS, policy.Decider) error { return nil }), live.WithSelfTest(selfTest))
			w.put(10, permits("first"))
			p := w.open()
			before := p.Digest()
			bad.break_(w)
			w.clock.advance(time.Minute)
			failing := w.clock.now()
			for range 3 {
				err := p.Trigger(ctx)
				require.Equal(t, bad.reason, reasonOf(t, err))
				require.NotContains(t, err.Error(), "secret")
				require.NotContains(t, err.Error(), "6789")
				w.clock.advance(time.Minute)
			}
			require.Equal(t, before, p.Digest())
			v, err := p.Decide(ctx, w.input())
			require.NoError(t, err)
			require.Equal(t, before, v.Digest)
			require.Equal(t, 2, v.Permit.Len())

			require.Equal(t, []string{"done", "failed " + string(bad.reason)}, w.changes(), "once, not with each look")
			h := p.Health()
			require.False(t, h.OK())
			require.Equal(t, bad.reason, h.Reason)
			require.Equal(t, 3, h.Failures)
			require.Equal(t, failing, h.FailingSince)
			require.Equal(t, before, h.Digest)
			require.EqualValues(t, 10, h.Revision)

			w.load = nil
			w.put(12, permits("third"))
			require.NoError(t, p.Trigger(ctx), "the control: a good one gets in")
			require.True(t, p.Health().OK())
			require.NotEqual(t, before, p.Digest())
		})
	}
}

func TestOpenRefusesWhatAnUpdateRefuses(t *testing.T) {
	for name, bad := range badUpdates {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, live.WithSelfTest(selfTest))
			bad.break_(w)
			p, err := live.Open(ctx, "need-to-know", w.shelf, w.loader, w.trail, w.options...)
			if bad.reason == live.ReasonRollback || bad.reason == live.ReasonConflict {
				require.NoError(t, err, "the first revision of all is not compared with any")
				return
			}
			require.Nil(t, p)
			require.Equal(t, bad.reason, reasonOf(t, err))
			require.Equal(t, []string{"failed " + string(bad.reason)}, w.changes())
		})
	}
}

func TestEachBadContentIsRecordedOnce(t *testing.T) {
	w := newWorld(t)
	p := w.open()
	for i := range 6 {
		w.put(2+i%2, "rules: nonsense")
		require.Error(t, p.Trigger(ctx))
	}
	require.Equal(t, []string{"done", "failed policy.change.load", "failed policy.change.load"}, w.changes())
	events := w.trail.Events()
	require.NotEqual(t, events[1].PolicyDigest, events[2].PolicyDigest)

	down := func(context.Context) (live.Snapshot, error) { return live.Snapshot{}, errors.New("down") }
	for range 2 { // an outage is recorded once, and the next one again
		w.shelf.become(down)
		require.Error(t, p.Trigger(ctx))
		require.Error(t, p.Trigger(ctx))
		w.put(1, permits("first"))
		require.NoError(t, p.Trigger(ctx))
	}
	require.Equal(t, []string{"failed policy.change.fetch", "failed policy.change.fetch"}, w.changes()[3:])
	require.Equal(t, live.NoDigest, w.trail.Events()[3].PolicyDigest)
}

func TestWithoutARecordThereIsNoSwap(t *testing.T) {
	for name, broken := range map[string]error{"fails": errors.New("disk"), "does not know": audit.ErrUnknown} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			p := w.open()
			before := p.Digest()
			w.put(2, permits("second"))
			w.trail.FailNext(broken)
			require.Equal(t, live.ReasonTrail, reasonOf(t, p.Trigger(ctx)))
			require.Equal(t, before, p.Digest())
			require.Equal(t, live.ReasonTrail, p.Health().Reason)
			require.Equal(t, []string{"done", "failed policy.change.trail"}, w.changes())

			require.NoError(t, p.Trigger(ctx), "the same revision is tried again")
			require.NotEqual(t, before, p.Digest())
			require.Equal(t, []string{"done", "failed policy.change.trail", "done"}, w.changes())
		})
	}
	w := newWorld(t)
	require.NoError(t, w.trail.Close())
	_, err := live.Open(ctx, "need-to-know", w.shelf, w.loader, w.trail)
	require.ErrorIs(t, err, audit.ErrClosed)
	require.Equal(t, live.ReasonTrail, reasonOf(t, err))
}

func TestAFailureThatWasNotRecordedIsRecordedLater(t *testing.T) {
	w := newWorld(t)
	p := w.open()
	w.put(2, "rules: nonsense")
	w.trail.FailNext(errors.New("disk"))
	require.Error(t, p.Trigger(ctx))
	require.Equal(t, []string{"done"}, w.changes())
	require.Error(t, p.Trigger(ctx))
	require.Equal(t, []string{"done", "failed policy.change.load"}, w.changes())
}

func TestACallerThatGivesUpIsNobodysFault(t *testing.T) {
	w := newWorld(t)
	p := w.open()
	w.put(2, permits("second"))
	gone, cancel := context.WithCancel(ctx)
	cancel()
	require.ErrorIs(t, p.Trigger(gone), context.Canceled)
	require.True(t, p.Health().OK())
	require.Equal(t, []string{"done"}, w.changes())

	midway, cancel := context.WithCancel(ctx)
	w.load = func(files fs.FS) (policy.Decider, error) { cancel(); <-midway.Done(); return w.cel(files) }
	if err := p.Trigger(midway); err != nil { // the loader may win
		require.ErrorIs(t, err, context.Canceled)
	}
	require.True(t, p.Health().OK())
	require.NoError(t, p.Trigger(ctx)) // midway is over, so the loader does not wait
	require.EqualValues(t, 2, p.Health().Revision)
}

func TestOpenNeedsEverything(t *testing.T) {
	w := newWorld(t)
	open := func(change func(name *string, s *live.Source, l *live.Loader, tr *audit.Trail, o *[]live.Option)) error {
		name, s, l, tr, o := "p", live.Source(w.shelf), live.Loader(w.loader), audit.Trail(w.trail), []live.Option{}
		change(&name, &s, &l, &tr, &o)
		p, err := live.Open(ctx, name, s, l, tr, o...)
		if err == nil {
			require.NotNil(t, p)
		}
		return err
	}
	require.NoError(t, open(func(*string, *live.Source, *live.Loader, *audit.Trail, *[]live.Option) {}))
	for name, change := range map[string]func(*string, *live.Source, *live.Loader, *audit.Trail, *[]live.Option){
		"name":       func(n *string, _ *live.Source, _ *live.Loader, _ *audit.Trail, _ *[]live.Option) { *n = "No Key" },
		"source":     func(_ *string, s *live.Source, _ *live.Loader, _ *audit.Trail, _ *[]live.Option) { *s = nil },
		"nil source": func(_ *string, s *live.Source, _ *live.Loader, _ *audit.Trail, _ *[]live.Option) { *s = (*shelf)(nil) },
		"loader":     func(_ *string, _ *live.Source, l *live.Loader, _ *audit.Trail, _ *[]live.Option) { *l = nil },
		"trail":      func(_ *string, _ *live.Source, _ *live.Loader, tr *audit.Trail, _ *[]live.Option) { *tr = nil },
		"option": func(_ *string, _ *live.Source, _ *live.Loader, _ *audit.Trail, o *[]live.Option) {
			*o = []live.Option{nil}
		},
		"store": func(_ *string, _ *live.Source, _ *live.Loader, _ *audit.Trail, o *[]live.Option) {
			*o = []live.Option{live.WithRevisionStore(nil)}
		},
		"self-test": func(_ *string, _ *live.Source, _ *live.Loader, _ *audit.Trail, o *[]live.Option) {
			*o = []live.Option{live.WithSelfTest(nil)}
		},
		"clock": func(_ *string, _ *live.Source, _ *live.Loader, _ *audit.Trail, o *[]live.Option) {
			*o = []live.Option{live.WithClock(nil)}
		},
		"wait": func(_ *string, _ *live.Source, _ *live.Loader, _ *audit.Trail, o *[]live.Option) {
			*o = []live.Option{live.WithWait(nil)}
		},
		"interval": func(_ *string, _ *live.Source, _ *live.Loader, _ *audit.Trail, o *[]live.Option) {
			*o = []live.Option{live.WithInterval(0)}
		},
		"time-out": func(_ *string, _ *live.Source, _ *live.Loader, _ *audit.Trail, o *[]live.Option) {
			*o = []live.Option{live.WithTimeout(-1)}
		},
	} {
		require.Error(t, open(change), name)
	}
	_, err := live.Open(nil, "p", w.shelf, w.loader, w.trail) //nolint:staticcheck // what a careless caller does
	require.Error(t, err)
}

func TestThePolicyThatOpenDidNotMakePermitsNothing(t *testing.T) {
	w := newWorld(t)
	for _, p := range []*live.Policy{nil, {}} {
		v, err := p.Decide(ctx, w.input())
		require.Error(t, err)
		require.True(t, v.Permit.Empty())
		assert.Empty(t, p.Name())
		assert.Empty(t, p.Digest())
		assert.False(t, p.Immediate())
		assert.Empty(t, p.Rules())
		assert.Nil(t, p.Current())
		assert.Equal(t, live.Health{}, p.Health())
		assert.False(t, p.Health().OK())
		_, err = p.Foresee(ctx, policy.Prospect{})
		assert.Error(t, err)
		assert.Error(t, p.Trigger(ctx))
		assert.Error(t, p.Run(ctx))
	}
	p := w.open()
	for _, in := range []*policy.Input{nil, {}} {
		v, err := p.Decide(ctx, in)
		require.Error(t, err)
		require.True(t, v.Permit.Empty())
	}
	require.Equal(t, purpose.FieldSet{}, policy.Verdict{}.Permit)
}

func make1025() map[string][]byte {
	m := map[string][]byte{}
	for i := range live.MaxFiles + 1 {
		m["f"+string(rune('a'+i%26))+string(rune('a'+i/26))] = nil
	}
	return m
}
