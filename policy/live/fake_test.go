package live_test

import (
	"context"
	"io/fs"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
)

// fake is a decider that does what tests say.
type fake struct {
	digest    string
	immediate bool
	boom      bool
	decide    func(context.Context, *policy.Input) (policy.Verdict, error)
}

const (
	digestA = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	digestB = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

func (f *fake) panicking() *fake { f.boom = true; return f }
func (f *fake) Name() string     { return "fake" }
func (f *fake) Immediate() bool  { return f.immediate }

func (f *fake) Digest() string {
	if f.boom {
		panic("no digest")
	}
	return f.digest
}

func (f *fake) Decide(ctx context.Context, in *policy.Input) (policy.Verdict, error) {
	if f.decide == nil {
		return policy.Verdict{Permit: in.Fields}, nil
	}
	return f.decide(ctx, in)
}

func (w *world) loads_(f policy.Decider) {
	w.load = func(fs.FS) (policy.Decider, error) { return f, nil }
}

func TestEveryVerdictNamesItsGeneration(t *testing.T) {
	w := newWorld(t)
	f := &fake{digest: digestA, immediate: true}
	w.loads_(f)
	p := w.open()
	v, err := p.Decide(ctx, w.input())
	require.NoError(t, err)
	require.Equal(t, digestA, v.Digest, "what the policy leaves out is filled in")
	require.Equal(t, 2, v.Permit.Len())

	for name, decide := range map[string]func(context.Context, *policy.Input) (policy.Verdict, error){
		"answers for another": func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
			return policy.Verdict{Digest: digestB, Permit: in.Fields}, nil
		},
		"panics": func(context.Context, *policy.Input) (policy.Verdict, error) { panic("123-45-6789") },
		"fails beside a permit": func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
			return policy.Verdict{Permit: in.Fields}, context.DeadlineExceeded
		},
	} {
		f.decide = decide
		v, err := p.Decide(ctx, w.input())
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "6789")
		require.Equal(t, policy.Verdict{}, v, name)
	}
}

// A guard asks whether a policy is immediate and then calls it on its own goroutine. A slow generation that is swapped in
// between the two must not hold it up.
func TestASlowGenerationBehindAnImmediateOneHoldsUpNobody(t *testing.T) {
	w := newWorld(t)
	w.loads_(&fake{digest: digestA, immediate: true})
	p := w.open()
	require.True(t, p.Immediate())

	release := make(chan struct{})
	seen := make(chan string, 1)
	w.loads_(&fake{digest: digestB, decide: func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
		<-release
		seen <- in.Request.Principal.ID + in.Capacities[0]
		return policy.Verdict{Permit: in.Fields}, nil
	}})
	w.put(2, permits("second"))
	require.NoError(t, p.Trigger(ctx))
	require.False(t, p.Immediate())

	in := w.input()
	in.Capacities = []string{"lessee"}
	v, err := p.Decide(ctx, in) // no deadline of the caller's
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.True(t, v.Permit.Empty())
	*in.Request, in.Capacities[0] = policy.Request{}, "" // they are valid during the call only
	*in = policy.Input{}
	close(release)
	require.Equal(t, "u17lessee", <-seen)

	w.loads_(&fake{digest: digestA})
	w.put(3, permits("third"))
	require.NoError(t, p.Trigger(ctx))
	soon, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	v, err = p.Decide(soon, w.input())
	require.NoError(t, err, "the control: a slow one that answers in time is heard")
	require.Equal(t, 2, v.Permit.Len())
}

func TestWhatTheGenerationInForceCanSayIsPassedOn(t *testing.T) {
	w := newWorld(t)
	p := w.open()
	rules := p.Rules()
	require.Len(t, rules, 1)
	require.Equal(t, "first", rules[0].ID)
	in := w.input()
	reach, err := p.Foresee(ctx, policy.Prospect{Action: in.Request.Action, Purpose: in.Purpose, Plan: in.Plan})
	require.NoError(t, err)
	require.Equal(t, 2, reach.Permit.Len())
	require.Equal(t, p.Digest(), p.Current().Digest())
	require.Equal(t, "need-to-know", p.Name())

	w.loads_(&fake{digest: digestA})
	w.put(2, permits("second"))
	old := p.Current()
	require.NoError(t, p.Trigger(ctx))
	require.Empty(t, p.Rules(), "this one cannot say")
	_, err = p.Foresee(ctx, policy.Prospect{})
	require.Error(t, err)
	require.NotEqual(t, p.Digest(), old.Digest(), "what Current returned does not change")
}
