package oracle_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// brokenLedger answers as state says.
type brokenLedger struct {
	state     func(ctx context.Context, who string, at, known time.Time) (*basis.State, error)
	immediate bool
}

func (l brokenLedger) StateAt(ctx context.Context, who string, at, known time.Time) (*basis.State, error) {
	return l.state(ctx, who, at, known)
}

// Immediate is a promise that some of them break.
func (l brokenLedger) Immediate() bool { return l.immediate }

// hang waits for as long as the test lasts.
func hang(t *testing.T) func() {
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	return func() { <-over }
}

func TestLedgerThatLies(t *testing.T) {
	type answer = func(ctx context.Context, h *house, who string, at, known time.Time) (*basis.State, error)
	truth := func(ctx context.Context, h *house, who string, at, known time.Time) basis.State {
		s, err := h.ledger.StateAt(ctx, who, at, known)
		require.NoError(t, err)
		return *s
	}
	wait := hang(t)
	for name, say := range map[string]answer{
		"an error": func(context.Context, *house, string, time.Time, time.Time) (*basis.State, error) {
			return nil, errors.New(canary)
		},
		"an error beside a state": func(ctx context.Context, h *house, who string, at, known time.Time) (*basis.State, error) {
			s := truth(ctx, h, who, at, known)
			return &s, fmt.Errorf("%s: %w", canary, context.Canceled)
		},
		"nothing": func(context.Context, *house, string, time.Time, time.Time) (*basis.State, error) { return nil, nil },
		"panic":   func(context.Context, *house, string, time.Time, time.Time) (*basis.State, error) { panic(canary) },
		"hang": func(context.Context, *house, string, time.Time, time.Time) (*basis.State, error) {
			wait()
			return nil, nil
		},
		"hang until the end": func(ctx context.Context, h *house, who string, at, known time.Time) (*basis.State, error) {
			s := truth(context.Background(), h, who, at, known)
			<-ctx.Done()
			return &s, nil
		},
		"zero": func(context.Context, *house, string, time.Time, time.Time) (*basis.State, error) {
			return &basis.State{}, nil
		},
		"somebody else": func(ctx context.Context, h *house, who string, at, known time.Time) (*basis.State, error) {
			s := truth(ctx, h, who, at, known)
			s.DataSubject = "bob"
			return &s, nil
		},
		"a state that ended": func(ctx context.Context, h *house, who string, at, known time.Time) (*basis.State, error) {
			s := truth(ctx, h, who, at, known)
			s.Until = at
			return &s, nil
		},
		"a state to come": func(ctx context.Context, h *house, who string, at, known time.Time) (*basis.State, error) {
			s := truth(ctx, h, who, at, known)
			s.From = at.Add(1)
			return &s, nil
		},
	} {
		for _, immediate := range []bool{false, true} {
			if immediate && (name == "hang" || name == "hang until the end") {
				continue // who promises to wait for nothing and waits, waits
			}
			t.Run(fmt.Sprint(name, " immediate ", immediate), func(t *testing.T) {
				h := newHouse(t)
				h.guard = h.over(brokenLedger{func(ctx context.Context, who string, at, known time.Time) (*basis.State, error) {
					return say(ctx, h, who, at, known)
				}, immediate}, h.trail, policy.WithAlert(func(policy.Alert) { assert.Fail(t, "no emergency was granted") }))
				for way, code := range h.everyWay(t, context.Background(), h.request("rent"), aTenant("ada")) {
					assert.Contains(t, []policy.Code{policy.CodeStateUnavailable, policy.CodeInternal}, code, way)
				}
				req := h.request("rent")
				req.Action = purpose.Read
				d, err := policy.Decide(context.Background(), h.guard, req, aTenant("ada"))
				require.Error(t, err)
				noCanary(t, "error of a decision", err.Error())
				assert.Equal(t, policy.OutcomeDenied, d.Outcome)
				e, err := policy.Explain(context.Background(), h.guard, req, aTenant("ada"))
				require.Error(t, err)
				noCanary(t, "error of an explanation", err.Error())
				assert.Equal(t, policy.OutcomeDenied, e.Outcome)
				v, err := policy.BreakGlass[nameView](context.Background(), h.guard, h.request("rent"), aTenant("ada"), policy.Emergency{Reason: "fire", Until: h.now.Add(time.Minute)})
				h.refused(t, v, err)
			})
		}
	}
}

// brokenTrail appends as it says.
type brokenTrail struct {
	audit.Trail
	append func(ctx context.Context, events []audit.Event) error
}

func (b brokenTrail) Append(ctx context.Context, events []audit.Event) error {
	return b.append(ctx, events)
}

func TestTrailThatFails(t *testing.T) {
	wait := hang(t)
	for name, fail := range map[string]func(context.Context, []audit.Event) error{
		"an error":           func(context.Context, []audit.Event) error { return errors.New(canary) },
		"panic":              func(context.Context, []audit.Event) error { panic(canary) },
		"hang":               func(context.Context, []audit.Event) error { wait(); return nil },
		"hang until the end": func(ctx context.Context, _ []audit.Event) error { <-ctx.Done(); return ctx.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.guard = h.over(h.ledger, brokenTrail{h.trail, fail}, policy.WithAlert(func(policy.Alert) {}))
			for way, code := range h.everyWay(t, context.Background(), h.request("rent"), aTenant("ada")) {
				assert.Equal(t, policy.CodeTrailUnavailable, code, way)
			}
			v, err := policy.Read[nameView](context.Background(), h.guard, h.request("newsletter"), aTenant("ada")) // a refusal that cannot be recorded
			assert.Equal(t, policy.CodeConsentMissing, h.refused(t, v, err))
			v, err = policy.BreakGlass[nameView](context.Background(), h.guard, h.request("rent"), aTenant("ada"), policy.Emergency{Reason: "fire", Until: h.now.Add(time.Minute)})
			h.refused(t, v, err)
			observing := h.over(h.ledger, brokenTrail{h.trail, fail}, policy.Observing())
			v, err = policy.Read[nameView](context.Background(), observing, h.request("newsletter"), aTenant("ada"))
			h.refused(t, v, err)
		})
	}
}

type brokenAlias func() (string, error)

func (b brokenAlias) Alias(context.Context, audit.Class, string) (string, error) { return b() }

func TestPseudonymsThatFail(t *testing.T) {
	wait := hang(t)
	for name, fail := range map[string]brokenAlias{
		"an error": func() (string, error) { return "", errors.New(canary) },
		"nothing":  func() (string, error) { return "", nil },
		"in clear": func() (string, error) { return canary, nil },
		"panic":    func() (string, error) { panic(canary) },
		"hang":     func() (string, error) { wait(); return "", nil },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.guard = h.over(h.ledger, h.trail, policy.WithPseudonyms(fail))
			for way, code := range h.everyWay(t, context.Background(), h.request("rent"), aTenant("ada")) {
				assert.Equal(t, policy.GateRelease, code.Gate(), "%s: %s", way, code)
			}
			v, err := policy.Read[nameView](context.Background(), h.guard, h.request("newsletter"), aTenant("ada"))
			h.refused(t, v, err)
		})
	}
}

func TestPolicyThatMisbehaves(t *testing.T) {
	wait := hang(t)
	many := make([]string, 1_000_000)
	for i := range many {
		many[i] = "do-this"
	}
	all := func(in *policy.Input) policy.Verdict { return policy.Verdict{Permit: in.Fields} }
	for name, x := range map[string]struct {
		decide func(context.Context, *policy.Input) (policy.Verdict, error)
		digest string
		want   policy.Code
	}{
		"an error beside a permit": {func(_ context.Context, in *policy.Input) (policy.Verdict, error) { return all(in), errors.New(canary) }, "", policy.CodePolicyError},
		"panic":                    {func(context.Context, *policy.Input) (policy.Verdict, error) { panic(canary) }, "", policy.CodePolicyPanic},
		"panic with nil":           {func(context.Context, *policy.Input) (policy.Verdict, error) { panic(nil) }, "", policy.CodePolicyPanic},
		"hang":                     {func(_ context.Context, in *policy.Input) (policy.Verdict, error) { wait(); return all(in), nil }, "", policy.CodePolicyTimeout},
		"late": {func(ctx context.Context, in *policy.Input) (policy.Verdict, error) {
			<-ctx.Done()
			return all(in), nil
		}, "", policy.CodePolicyTimeout},
		"a deadline of its own": {func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
			return all(in), context.DeadlineExceeded
		}, "", policy.CodePolicyTimeout},
		"nothing": {func(context.Context, *policy.Input) (policy.Verdict, error) { return policy.Verdict{}, nil }, "", policy.CodePolicyPermit},
		"other fields": {func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
			return policy.Verdict{Permit: purpose.AllFields(purpose.MaxFields).Without(in.Fields)}, nil
		}, "", policy.CodePolicyPermit},
		"every field denied": {func(context.Context, *policy.Input) (policy.Verdict, error) {
			return policy.Verdict{Permit: purpose.AllFields(purpose.MaxFields), Deny: purpose.AllFields(purpose.MaxFields)}, nil
		}, "", policy.CodePolicyDeny},
		"a digest in words": {func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
			v := all(in)
			v.Digest = canary
			return v, nil
		}, "", policy.CodePolicyError},
		"an unknown mask": {func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
			v := all(in)
			v.Redactions = []policy.Redaction{{Fields: in.Fields, Mask: math.MaxUint8}}
			return v, nil
		}, "", policy.CodePolicyMask},
		"an obligation in words": {func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
			v := all(in)
			v.Obligations = []string{canary + " must be told"}
			return v, nil
		}, "", policy.CodePolicyError},
		"a million obligations": {func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
			v := all(in)
			v.Obligations = many
			return v, nil
		}, "", policy.CodePolicyError},
		"a rule in words": {func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
			v := all(in)
			v.Deny, v.Hits = in.Fields, []policy.Hit{{Rule: canary, Effect: policy.EffectDeny, Fields: in.Fields, File: canary, Line: -1}}
			return v, nil
		}, "", policy.CodePolicyDeny},
		"an input that it changes": {func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
			in.Fields, in.Purpose, in.Plan = purpose.FieldSet{}, 99, nil
			*in.Request = policy.Request{Purpose: canary}
			return policy.Verdict{}, nil
		}, "", policy.CodePolicyPermit},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.clerk.decide, h.clerk.digest = x.decide, x.digest
			for way, code := range h.everyWay(t, context.Background(), h.request("rent"), aTenant("ada")) {
				assert.Equal(t, x.want, code, way)
			}
		})
	}
	h := newHouse(t)
	h.clerk.digest = "panic" // from now on
	h.clerk.decide = func(_ context.Context, in *policy.Input) (policy.Verdict, error) { return all(in), nil }
	for _, req := range []policy.Request{h.request("rent"), h.request(""), h.request("newsletter")} {
		h.everyWay(t, context.Background(), req, aTenant("ada"))
		d, err := policy.Decide(context.Background(), h.guard, req, aTenant("ada"))
		if err != nil {
			noCanary(t, "error", err.Error())
		}
		assert.Equal(t, policy.OutcomeDenied, d.Outcome)
		d, err = policy.Decide(context.Background(), h.guard, req, aTenant("ada"), "Nome")
		if err != nil {
			noCanary(t, "error", err.Error())
		}
		assert.Equal(t, policy.OutcomeDenied, d.Outcome)
	}
}

// TestALatePolicySeesNobodyElse leaves late policies behind that go on reading what they were given, while the guard
// answers others: with -race, what is shared shows.
func TestALatePolicySeesNobodyElse(t *testing.T) {
	h := newHouse(t)
	late := make(chan struct{})
	seen := make(chan string, 64)
	h.clerk.decide = func(ctx context.Context, in *policy.Input) (policy.Verdict, error) {
		<-ctx.Done()
		<-late
		seen <- in.Request.Principal.ID + fmt.Sprint(in.Capacities, in.Request.Facts, in.Request.Principal.Roles)
		return policy.Verdict{}, nil
	}
	g := h.over(h.ledger, h.trail, policy.WithPolicyTimeout(time.Millisecond))
	ask := func(id string) {
		req := h.request("rent").With(purpose.Named("urgent", purpose.True()))
		req.Principal.ID = id
		_, err := policy.Read[nameView](context.Background(), g, req, aTenant("ada"))
		require.ErrorIs(t, err, policy.ErrDenied)
	}
	for i := range 8 {
		ask(fmt.Sprint("u", i))
	}
	close(late)
	for i := range 24 {
		ask(fmt.Sprint("v", i))
	}
	ids := map[string]bool{}
	for range 32 {
		text := <-seen
		require.Contains(t, text, "[tenant]")
		ids[text] = true
	}
	require.Len(t, ids, 32, "every policy saw its own request")
}

func TestAnAlertThatFailsReleasesNothing(t *testing.T) {
	h := newHouse(t)
	wrong := policy.Emergency{Reason: "fire", Until: h.now.Add(policy.MaxEmergency + time.Second)}
	right := policy.Emergency{Reason: "fire", Until: h.now.Add(time.Minute)}
	for name, x := range map[string]struct {
		options []policy.Option
		why     policy.Emergency
	}{
		"no alert":        {nil, right},
		"a panic":         {[]policy.Option{policy.WithAlert(func(policy.Alert) { panic(canary) })}, right},
		"no reason":       {[]policy.Option{policy.WithAlert(func(policy.Alert) {})}, policy.Emergency{Until: right.Until}},
		"a reason a text": {[]policy.Option{policy.WithAlert(func(policy.Alert) {})}, policy.Emergency{Reason: canary, Until: right.Until}},
		"too long":        {[]policy.Option{policy.WithAlert(func(policy.Alert) {})}, wrong},
		"over":            {[]policy.Option{policy.WithAlert(func(policy.Alert) {})}, policy.Emergency{Reason: "fire", Until: h.now}},
		"no end":          {[]policy.Option{policy.WithAlert(func(policy.Alert) {})}, policy.Emergency{Reason: "fire"}},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := policy.BreakGlass[nameView](context.Background(), h.over(h.ledger, h.trail, x.options...), h.request("rent"), aTenant("ada"), x.why)
			h.refused(t, v, err)
		})
	}
	alerted := 0
	g := h.over(h.ledger, h.trail, policy.WithAlert(func(policy.Alert) { alerted++ }))
	v, err := policy.BreakGlass[nameView](context.Background(), g, h.request("rent"), aTenant("ada"), right)
	require.NoError(t, err)
	require.NotZero(t, v)
	require.Equal(t, 1, alerted)
	v, err = policy.BreakGlass[nameView](context.Background(), g, h.request("newsletter"), aTenant("ada"), right) // it opens no law
	require.Equal(t, policy.CodeConsentMissing, h.refused(t, v, err))
	require.Equal(t, 1, alerted)
}
