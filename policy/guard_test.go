package policy_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/sealed"
)

var ctx = context.Background()

func TestAGuardIsNotMadeWithoutItsParts(t *testing.T) {
	w := newWorld(t)
	for name, make := range map[string]func() (*policy.Guard, error){
		"register": func() (*policy.Guard, error) { return policy.NewGuard(nil, w.ledger, w.trail, w.rules) },
		"ledger":   func() (*policy.Guard, error) { return policy.NewGuard(w.reg, nil, w.trail, w.rules) },
		"trail":    func() (*policy.Guard, error) { return policy.NewGuard(w.reg, w.ledger, nil, w.rules) },
		"policy":   func() (*policy.Guard, error) { return policy.NewGuard(w.reg, w.ledger, w.trail, nil) },
		"typed nil": func() (*policy.Guard, error) {
			return policy.NewGuard(w.reg, (*basis.Memory)(nil), w.trail, w.rules)
		},
		"option": func() (*policy.Guard, error) { return policy.NewGuard(w.reg, w.ledger, w.trail, w.rules, nil) },
		"clock": func() (*policy.Guard, error) {
			return policy.NewGuard(w.reg, w.ledger, w.trail, w.rules, policy.WithClock(nil))
		},
		"same name twice": func() (*policy.Guard, error) {
			return policy.NewGuard(w.reg, w.ledger, w.trail, w.rules, policy.WithPolicies(&rules{}))
		},
	} {
		g, err := make()
		require.Error(t, err, name)
		require.Nil(t, g, name)
	}
	_, err := policy.NewGuard(w.reg, w.ledger, w.trail, w.rules)
	require.NoError(t, err, "the control")
}

func TestAReadIsOnRecordBeforeItIsReleased(t *testing.T) {
	w := newWorld(t)
	v, err := policy.Read[debitView](ctx, w.guard, w.request("invoicing"), adaRecord())
	require.NoError(t, err)
	require.Equal(t, debitView{"Ada Lovelace", "DK5000400440116243"}, v)
	events := w.trail.Events()
	require.Len(t, events, 1)
	e := events[0]
	require.Equal(t, audit.AccessRead, e.Name)
	require.Equal(t, audit.Permitted, e.Outcome)
	require.Equal(t, audit.Enforce, e.Mode)
	require.Equal(t, []string{"Name", "IBAN"}, e.Fields)
	require.Equal(t, []string{"contact.name", "finance.iban"}, e.Categories)
	require.Equal(t, "invoicing", e.Purpose)
	require.Equal(t, "gdpr:6-1-b", e.Basis)
	require.NotEmpty(t, e.BasisRef)
	require.Equal(t, "billing", e.Activity)
	require.Equal(t, "2.3", e.Clause)
	require.Equal(t, "1", e.NoticeVersion)
	require.Equal(t, digestA, e.PolicyDigest)
	require.Equal(t, w.reg.Digest(), e.RegisterDigest)
	require.Len(t, e.DataSubjectRefs, 1)
	require.NotContains(t, string(w.trail.Bytes()), ada)
	require.NotContains(t, string(w.trail.Bytes()), "u17")
	require.NotContains(t, string(w.trail.Bytes()), "Lovelace")
}

func TestWhatIsNotRecordedIsNotReleased(t *testing.T) {
	w := newWorld(t)
	w.trail.FailNext(errors.New("disk on fire"))
	v, err := policy.Read[debitView](ctx, w.guard, w.request("invoicing"), adaRecord())
	require.Zero(t, v)
	require.Equal(t, []policy.Code{policy.CodeTrailUnavailable}, codesOf(t, err))
	require.Empty(t, w.trail.Events())
	_, err = policy.Read[debitView](ctx, w.guard, w.request("invoicing"), adaRecord())
	require.NoError(t, err, "the control: the next one is recorded and released")
}

func TestATrailThatHangsReleasesNothing(t *testing.T) {
	w := newWorld(t, policy.WithTrailTimeout(20*time.Millisecond))
	unblock := w.trail.Block()
	v, err := policy.Read[debitView](ctx, w.guard, w.request("invoicing"), adaRecord())
	unblock()
	require.Zero(t, v)
	require.Equal(t, []policy.Code{policy.CodeTrailUnavailable}, codesOf(t, err))
}

func TestACallerThatGoesAwayLeavesItsRecord(t *testing.T) {
	w := newWorld(t)
	gone, cancel := context.WithCancel(ctx)
	w.rules.become(func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
		return policy.Verdict{Digest: digestA}, nil
	})
	cancel()
	_, err := policy.Read[debitView](gone, w.guard, w.request("invoicing"), adaRecord())
	require.ErrorIs(t, err, policy.ErrDenied)
	require.Equal(t, []string{"access.denied/denied"}, w.recorded())
}

// trailHook runs f after an append is durable, before the guard looks again.
type trailHook struct {
	audit.Trail
	f func()
}

func (h *trailHook) Append(ctx context.Context, events []audit.Event) error {
	err := h.Trail.Append(ctx, events)
	if f := h.f; err == nil && f != nil && events[0].Name != audit.ReleaseAborted && events[0].Name != audit.AccessDenied {
		h.f = nil
		f()
	}
	return err
}

func TestAChangeBetweenDecisionAndReleaseAborts(t *testing.T) {
	for name, change := range map[string]func(w *world){
		"restriction imposed": func(w *world) { w.happened(ada, basis.RestrictionImposed{Reason: "accuracy-contested"}) },
		"restriction imposed at once": func(w *world) { // before a decision is old enough to be taken anew anyway
			require.NoError(w.t, w.ledger.Record(ctx, basis.Event{DataSubject: ada, Body: basis.RestrictionImposed{Reason: "accuracy-contested"}}))
		},
		"ledger closed": func(w *world) { require.NoError(w.t, w.ledger.Close()) },
		"policy swapped for one that denies": func(w *world) {
			b := digestB
			w.rules.become(func(context.Context, *policy.Input) (policy.Verdict, error) { return policy.Verdict{Digest: b}, nil })
			w.rules.digest.Store(&b)
		},
		"policy swapped for one that shows less": func(w *world) {
			b := digestB
			w.rules.become(masking(b, policy.Remove))
			w.rules.digest.Store(&b)
		},
		"retention ran out": func(w *world) { w.clock.advance(6 * 365 * 24 * time.Hour) },
	} {
		bothWays(t, name, func(t *testing.T, lasting bool) {
			w := newWorld(t)
			if name == "retention ran out" {
				w.happened(ada, basis.Occurred{Event: "ended"})
			}
			if lasting {
				w.lasting()
			}
			if name == "policy swapped for one that shows less" {
				w.rules.become(masking(digestA, policy.LastFour))
			}
			hook := &trailHook{Trail: w.trail}
			g, err := policy.NewGuard(w.reg, w.ledger, hook, w.rules, policy.WithClock(w.clock.now))
			require.NoError(t, err)
			for range 4 { // after which the decision may be one that was kept
				v, err := policy.Read[debitView](ctx, g, w.request("invoicing"), adaRecord())
				require.NoError(t, err, "the control: nothing changes, it is released")
				require.NotZero(t, v)
			}
			hook.f = func() { change(w) }
			v, err := policy.Read[debitView](ctx, g, w.request("invoicing"), adaRecord())
			require.Zero(t, v)
			require.Contains(t, codesOf(t, err), policy.CodeRecheck)
			require.Equal(t, []string{"access.read/permitted", "access.read/permitted", "release.aborted/aborted"}, w.recorded()[3:])
		})
	}
}

// masking permits everything, all of it masked.
func masking(digest string, m policy.Mask) func(context.Context, *policy.Input) (policy.Verdict, error) {
	return func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
		return policy.Verdict{Digest: digest, Permit: in.Fields, Redactions: []policy.Redaction{{Fields: in.Fields, Mask: m}}, Lasting: true}, nil
	}
}

func TestAChangeThatStillPermitsIsReleased(t *testing.T) {
	w := newWorld(t)
	hook := &trailHook{Trail: w.trail, f: func() { w.happened(ada, basis.ConsentGiven{Scope: "newsletter", Quality: basis.GoodConsent()}) }}
	g, err := policy.NewGuard(w.reg, w.ledger, hook, w.rules, policy.WithClock(w.clock.now))
	require.NoError(t, err)
	v, err := policy.Read[debitView](ctx, g, w.request("invoicing"), adaRecord())
	require.NoError(t, err)
	require.NotZero(t, v)
}

func TestReleasesAreAsOfNow(t *testing.T) {
	w := newWorld(t)
	w.happened(ada, basis.ConsentGiven{Scope: "newsletter", Quality: basis.GoodConsent()})
	given := w.clock.now()
	w.happened(ada, basis.ConsentWithdrawn{Scope: "newsletter"})
	req := w.request("newsletter")
	req.At = given.Add(-time.Second / 2)
	type view struct{ Email string }
	v, err := policy.Read[view](ctx, w.guard, req, adaRecord())
	require.Zero(t, v)
	require.Equal(t, []policy.Code{policy.CodeTimeStated}, codesOf(t, err))
	req.Action = purpose.Read
	d, err := policy.Decide(ctx, w.guard, req, adaRecord(), "Email")
	require.NoError(t, err)
	require.True(t, d.Permits("Email"), "deciding about the past is for Decide: %s", d.Explain())
	req.At = time.Time{}
	d, err = policy.Decide(ctx, w.guard, req, adaRecord(), "Email")
	require.NoError(t, err)
	require.False(t, d.Permits("Email"))
	require.Equal(t, policy.CodeConsentWithdrawn, d.Because())
}

func TestSharingIsHeldToTheRecipientsMask(t *testing.T) {
	w := newWorld(t)
	_, err := policy.Share[debitView](ctx, w.guard, w.request("invoicing").To("hausbank"), adaRecord())
	require.NoError(t, err)
	type wide struct {
		Name   string
		Income int64
	}
	_, err = policy.Share[wide](ctx, w.guard, w.request("invoicing").To("hausbank"), adaRecord())
	require.Equal(t, []policy.Code{policy.CodeRecipientMask}, codesOf(t, err))
	_, err = policy.Share[debitView](ctx, w.guard, w.request("invoicing").To("broker"), adaRecord())
	require.Equal(t, []policy.Code{policy.CodeRecipientNotDeclared}, codesOf(t, err))
	_, err = policy.Share[debitView](ctx, w.guard, w.request("invoicing").To("data_broker"), adaRecord())
	require.Equal(t, []policy.Code{policy.CodeRecipientNotDeclared, policy.CodeRecipientUnknown}, sorted(codesOf(t, err)))
	_, err = policy.Share[debitView](ctx, w.guard, w.request("invoicing"), adaRecord())
	require.Contains(t, codesOf(t, err), policy.CodeRecipientMissing)
}

func sorted(c []policy.Code) []policy.Code {
	for i := range c {
		for j := i + 1; j < len(c); j++ {
			if c[j] < c[i] {
				c[i], c[j] = c[j], c[i]
			}
		}
	}
	return c
}

func TestPermittedKeepsWhatIsAllowedAndSaysWhatIsNot(t *testing.T) {
	w := newWorld(t)
	type view struct {
		Name  string
		Email string
		IBAN  string
	}
	req := w.request("improvement").With(purpose.Named("overdue", purpose.False()))
	v, d, err := policy.Permitted[view](ctx, w.guard, req, adaRecord())
	require.NoError(t, err)
	require.Equal(t, view{Name: "Ada Lovelace"}, v)
	require.Equal(t, policy.OutcomePartial, d.Outcome)
	require.Equal(t, []string{"Name"}, d.Permitted())
	require.Equal(t, []string{"Email", "IBAN"}, d.Denied())
	require.Equal(t, policy.CodeNotCovered, d.Reasons("IBAN")[0].Code)
	require.Equal(t, []string{"access.read/partial"}, w.recorded())
	require.Equal(t, []string{"Name"}, w.trail.Events()[0].Fields)

	v, _, err = policy.Permitted[view](ctx, w.guard, w.request("improvement"), adaRecord())
	require.Contains(t, codesOf(t, err), policy.CodeFactMissing)
	require.Zero(t, v)
	_, err = policy.Read[view](ctx, w.guard, req, adaRecord())
	require.ErrorIs(t, err, policy.ErrDenied, "Read is all or nothing")
}

func TestRedactionMasksWhatIsReleased(t *testing.T) {
	w := newWorld(t)
	w.rules.become(func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
		v := policy.Verdict{Digest: digestA, Permit: in.Fields}
		for path, mask := range map[string]policy.Mask{"IBAN": policy.LastFour, "Name": policy.Initials, "Born": policy.YearOnly, "Income": policy.LastFour} {
			if i, ok := in.Plan.Index(path); ok {
				var fs purpose.FieldSet
				fs.Add(i)
				v.Redactions = append(v.Redactions, policy.Redaction{Fields: fs, Mask: mask})
			}
		}
		return v, nil
	})
	type view struct {
		Name, Email, IBAN string
		Born              time.Time
		Income            int64
	}
	v, err := policy.Read[view](ctx, w.guard, w.request("invoicing"), adaRecord())
	require.NoError(t, err)
	require.Equal(t, view{"A. L.", "ada@example.org", "**************6243", time.Date(1985, 1, 1, 0, 0, 0, 0, time.UTC), 0}, v,
		"a mask that does not fit the type hides the value")
}

func TestAPolicyCanOnlyNarrow(t *testing.T) {
	w := newWorld(t)
	w.happened(ada, basis.RestrictionImposed{Categories: []string{"finance"}, Reason: "accuracy-contested"})
	_, err := policy.Read[debitView](ctx, w.guard, w.request("invoicing"), adaRecord())
	require.Equal(t, []policy.Code{policy.CodeRestricted}, codesOf(t, err))
}

func TestPoliciesThatFailPermitNothing(t *testing.T) {
	for name, c := range map[string]struct {
		decide func(context.Context, *policy.Input) (policy.Verdict, error)
		slow   bool
		code   policy.Code
	}{
		"silent": {func(context.Context, *policy.Input) (policy.Verdict, error) { return policy.Verdict{}, nil }, false, policy.CodePolicyPermit},
		"error": {func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
			return policy.Verdict{Permit: in.Fields}, errors.New("quotes Ada Lovelace")
		}, false, policy.CodePolicyError},
		"panic": {func(context.Context, *policy.Input) (policy.Verdict, error) { panic("Ada Lovelace") }, false, policy.CodePolicyPanic},
		"hang": {func(ctx context.Context, in *policy.Input) (policy.Verdict, error) {
			select {} //nolint // never returns
		}, true, policy.CodePolicyTimeout},
		"late": {func(ctx context.Context, in *policy.Input) (policy.Verdict, error) {
			time.Sleep(30 * time.Millisecond)
			return policy.Verdict{Permit: in.Fields}, nil
		}, false, policy.CodePolicyTimeout},
		"deny wins": {func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
			return policy.Verdict{Permit: in.Fields, Deny: in.Fields}, nil
		}, false, policy.CodePolicyDeny},
		"unknown mask": {func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
			return policy.Verdict{Permit: in.Fields, Redactions: []policy.Redaction{{Fields: in.Fields, Mask: 99}}}, nil
		}, false, policy.CodePolicyMask},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, policy.WithPolicyTimeout(10*time.Millisecond))
			w.rules.slow = c.slow
			w.rules.become(c.decide)
			v, err := policy.Read[debitView](ctx, w.guard, w.request("invoicing"), adaRecord())
			require.Zero(t, v)
			require.Contains(t, codesOf(t, err), c.code)
			require.NotContains(t, err.Error(), "Lovelace")
			require.Equal(t, []string{"access.denied/denied"}, w.recorded())
		})
	}
}

// brokenLedger answers wrongly.
type brokenLedger struct {
	basis.Ledger
	answer func(ctx context.Context) (*basis.State, error)
}

func (l *brokenLedger) StateAt(ctx context.Context, _ string, _, _ time.Time) (*basis.State, error) {
	return l.answer(ctx)
}

func TestALedgerThatFailsDenies(t *testing.T) {
	w := newWorld(t)
	other, err := w.ledger.StateAt(ctx, bob, w.clock.now(), time.Time{})
	require.NoError(t, err)
	for name, answer := range map[string]func(ctx context.Context) (*basis.State, error){
		"error":        func(context.Context) (*basis.State, error) { return nil, fmt.Errorf("row of %s", ada) },
		"nil":          func(context.Context) (*basis.State, error) { return nil, nil },
		"panic":        func(context.Context) (*basis.State, error) { panic(ada) },
		"hang":         func(ctx context.Context) (*basis.State, error) { select {} },
		"someone else": func(context.Context) (*basis.State, error) { return other, nil },
	} {
		t.Run(name, func(t *testing.T) {
			g, err := policy.NewGuard(w.reg, &brokenLedger{w.ledger, answer}, w.trail, w.rules, policy.WithClock(w.clock.now),
				policy.WithStateTimeout(10*time.Millisecond))
			require.NoError(t, err)
			v, err := policy.Read[debitView](ctx, g, w.request("invoicing"), adaRecord())
			require.Zero(t, v)
			require.Contains(t, codesOf(t, err), policy.CodeStateUnavailable)
		})
	}
}

// aliases is a pseudonymizer that goes wrong.
type aliases func(ctx context.Context) (string, error)

func (a aliases) Alias(ctx context.Context, _ audit.Class, _ string) (string, error) { return a(ctx) }

// The ledger of another machine may be ahead of ours, or behind.
func TestAnAcknowledgedWithdrawalIsSeenWhateverTheClocks(t *testing.T) {
	type view struct{ Email string }
	for _, ahead := range []time.Duration{-time.Hour, -time.Second, 0, time.Second, time.Hour} {
		w := newWorld(t)
		w.lasting()
		ledger := basis.NewMemory(w.reg.Vocabulary(), basis.WithClock(func() time.Time { return w.clock.now().Add(ahead) }))
		g, err := policy.NewGuard(w.reg, ledger, w.trail, w.rules, policy.WithClock(w.clock.now))
		require.NoError(t, err)
		who := bob
		record := func(b basis.Body) {
			require.NoError(t, ledger.Record(ctx, basis.Event{DataSubject: who, Body: b}))
		}
		for _, who = range []string{bob, ada} {
			record(basis.Occurred{Event: "signed"})
			record(basis.ConsentGiven{Scope: "newsletter", Quality: basis.GoodConsent()})
			if who == ada {
				break
			}
			w.clock.advance(2 * time.Hour)
			for range 4 { // so that decisions of the kind are looked for
				_, err = policy.Read[view](ctx, g, w.request("newsletter"), &lessee{ID: bob, Email: sealed.Of("bob@example.org")})
				require.NoError(t, err, "ahead by %s", ahead)
			}
		}
		for range 4 { // after which the decision may be one that was kept
			_, err = policy.Read[view](ctx, g, w.request("newsletter"), adaRecord())
			require.NoError(t, err, "ahead by %s", ahead)
		}
		record(basis.ConsentWithdrawn{Scope: "newsletter"})
		_, err = policy.Read[view](ctx, g, w.request("newsletter"), adaRecord())
		require.Contains(t, codesOf(t, err), policy.CodeConsentWithdrawn, "ahead by %s", ahead)
	}
}

func TestCollectingAndStoringReleaseNothing(t *testing.T) {
	w := newWorld(t)
	for _, a := range []purpose.Action{purpose.Collect, purpose.Store} {
		req := w.request("invoicing")
		req.Action = a
		v, _, err := policy.Permitted[debitView](ctx, w.guard, req, adaRecord())
		require.Equal(t, []policy.Code{policy.CodeReleasesNothing}, codesOf(t, err), "collecting looks at no retention period")
		require.Zero(t, v)
	}
	req := w.request("invoicing")
	req.Action = purpose.Use
	_, _, err := policy.Permitted[debitView](ctx, w.guard, req, adaRecord())
	require.NoError(t, err, "the control")
}

func TestATraceIDFromOutsideCannotStopARecord(t *testing.T) {
	w := newWorld(t)
	for trace, kept := range map[string]bool{"4bf92f3577b34da6a3ce929d0e0e4736": true, "4BF92F3577B34DA6A3CE929D0E0E4736": false,
		"00000000000000000000000000000000": false, "x": false, "": false, "4bf92f3577b34da6a3ce929d0e0e473\n": false} {
		req := w.request("invoicing")
		req.TraceID = trace
		_, err := policy.Read[debitView](ctx, w.guard, req, adaRecord())
		require.NoError(t, err, trace)
		events := w.trail.Events()
		require.Equal(t, kept, events[len(events)-1].TraceID != "", trace)
	}
}

func TestPseudonymsThatFailReleaseNothing(t *testing.T) {
	for name, alias := range map[string]aliases{
		"error":   func(context.Context) (string, error) { return "", fmt.Errorf("no row for %s", ada) },
		"raw id":  func(context.Context) (string, error) { return ada, nil },
		"nothing": func(context.Context) (string, error) { return "", nil },
		"panic":   func(context.Context) (string, error) { panic(ada) },
		"hang":    func(context.Context) (string, error) { select {} },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, policy.WithPseudonyms(alias), policy.WithTrailTimeout(20*time.Millisecond))
			v, err := policy.Read[debitView](ctx, w.guard, w.request("invoicing"), adaRecord())
			require.Zero(t, v)
			require.ErrorIs(t, err, policy.ErrDenied)
			require.NotContains(t, err.Error(), ada)
			require.NotContains(t, string(w.trail.Bytes()), ada)
			results, err := policy.ReadBatch[debitView](ctx, w.guard, w.request("invoicing"), []*lessee{adaRecord()})
			require.NoError(t, err)
			require.ErrorIs(t, results[0].Err, policy.ErrDenied)
			require.Zero(t, results[0].View)
		})
	}
}

func TestObservingReleasesAndSaysSo(t *testing.T) {
	w := newWorld(t, policy.Observing())
	w.rules.become(func(context.Context, *policy.Input) (policy.Verdict, error) {
		return policy.Verdict{Digest: digestA}, nil
	})
	v, err := policy.Read[debitView](ctx, w.guard, w.request("invoicing"), adaRecord())
	require.NoError(t, err)
	require.Equal(t, "Ada Lovelace", v.Name)
	e := w.trail.Events()[0]
	require.Equal(t, audit.Observe, e.Mode)
	require.Equal(t, audit.Denied, e.Outcome)
	require.Equal(t, string(policy.CodePolicyPermit), e.Reason)
	require.Equal(t, []string{"Name", "IBAN"}, e.Fields)

	w.trail.FailNext(errors.New("no space"))
	_, err = policy.Read[debitView](ctx, w.guard, w.request("invoicing"), adaRecord())
	require.Equal(t, []policy.Code{policy.CodePolicyPermit, policy.CodeTrailUnavailable}, codesOf(t, err), "observing still records or refuses")
	_, err = policy.Read[debitView](ctx, w.guard, policy.Request{}, adaRecord())
	require.ErrorIs(t, err, policy.ErrDenied, "observing passes over gates, not over malformed requests")
}

func TestBreakGlassSkipsNeedToKnowAndNothingElse(t *testing.T) {
	var alerts []policy.Alert
	w := newWorld(t, policy.WithAlert(func(a policy.Alert) { alerts = append(alerts, a) }))
	w.rules.become(func(context.Context, *policy.Input) (policy.Verdict, error) {
		return policy.Verdict{Digest: digestA}, nil
	})
	why := policy.Emergency{Reason: "emergency.roadside", Until: w.clock.now().Add(time.Hour)}
	v, err := policy.BreakGlass[debitView](ctx, w.guard, w.request("invoicing"), adaRecord(), why)
	require.NoError(t, err)
	require.Equal(t, "Ada Lovelace", v.Name)
	require.Len(t, alerts, 1)
	require.Equal(t, "emergency.roadside", alerts[0].Reason)
	require.Equal(t, []string{"Name", "IBAN"}, alerts[0].Fields)
	e := w.trail.Events()[0]
	require.Equal(t, audit.AccessBreakGlass, e.Name)
	require.Equal(t, audit.BreakGlass, e.Mode)
	require.Equal(t, "emergency.roadside", e.Reason, "the trail keeps why")

	for name, bad := range map[string]policy.Emergency{
		"no reason": {Until: why.Until}, "no end": {Reason: why.Reason}, "ended": {why.Reason, w.clock.now()},
		"too long": {why.Reason, w.clock.now().Add(policy.MaxEmergency + 1)},
	} {
		v, err := policy.BreakGlass[debitView](ctx, w.guard, w.request("invoicing"), adaRecord(), bad)
		require.Zero(t, v, name)
		require.Equal(t, []policy.Code{policy.CodeEmergency}, codesOf(t, err), name)
	}
	w.happened(ada, basis.RestrictionImposed{Reason: "unlawful"})
	_, err = policy.BreakGlass[debitView](ctx, w.guard, w.request("invoicing"), adaRecord(), why)
	require.Equal(t, []policy.Code{policy.CodeRestricted}, codesOf(t, err), "the law does not give way")
	require.Len(t, alerts, 1)

	silent := newWorld(t)
	_, err = policy.BreakGlass[debitView](ctx, silent.guard, silent.request("invoicing"), adaRecord(), why)
	require.Equal(t, []policy.Code{policy.CodeEmergency}, codesOf(t, err), "nobody to alert, no emergency")
}

func TestABatchDecidesEachRecordForItself(t *testing.T) {
	w := newWorld(t)
	records := []*lessee{adaRecord(), {ID: bob, Name: sealed.Of("Bob"), IBAN: sealed.Of("DK99")}, nil, adaRecord()}
	results, err := policy.ReadBatch[debitView](ctx, w.guard, w.request("invoicing"), records)
	require.NoError(t, err)
	require.Len(t, results, 4)
	require.NoError(t, results[0].Err)
	require.Equal(t, "Ada Lovelace", results[0].View.Name)
	require.Contains(t, codesOf(t, results[1].Err), policy.CodeCapacity)
	require.Zero(t, results[1].View)
	require.Contains(t, codesOf(t, results[2].Err), policy.CodeRecordNil)
	require.NoError(t, results[3].Err)
	require.Equal(t, []string{"access.read/permitted", "access.denied/denied", "access.denied/denied", "access.read/permitted"}, w.recorded())

	w.trail.FailNext(errors.New("no space"))
	results, err = policy.ReadBatch[debitView](ctx, w.guard, w.request("invoicing"), records)
	require.NoError(t, err)
	for i := range results {
		require.ErrorIs(t, results[i].Err, policy.ErrDenied)
		require.Zero(t, results[i].View)
	}
}

func TestEveryPersonInARecordIsChecked(t *testing.T) {
	w := newWorld(t)
	type person struct{ Name string }
	type view struct {
		Name      string
		Guarantor *person
		Household []person
	}
	rec := adaRecord()
	v, err := policy.Read[view](ctx, w.guard, w.request("invoicing"), rec)
	require.NoError(t, err, "nobody else is in the record")
	require.Equal(t, view{Name: "Ada Lovelace"}, v)

	rec.Guarantor = &guarantor{ID: bob, Name: sealed.Of("Bob Hopper")}
	_, err = policy.Read[view](ctx, w.guard, w.request("invoicing"), rec)
	require.Contains(t, codesOf(t, err), policy.CodeCapacity, "the guarantor has no part in it yet")
	w.happened(bob, basis.Occurred{Event: "vouched"})
	v, err = policy.Read[view](ctx, w.guard, w.request("invoicing"), rec)
	require.NoError(t, err)
	require.Equal(t, "Bob Hopper", v.Guarantor.Name)
	require.Len(t, w.trail.Events()[len(w.trail.Events())-1].DataSubjectRefs, 2)

	w.happened(bob, basis.RestrictionImposed{Reason: "accuracy-contested"})
	d, err := policy.Decide(ctx, w.guard, read(w.request("invoicing")), rec)
	require.NoError(t, err)
	require.True(t, d.Permits("Name"))
	require.False(t, d.Permits("Guarantor.Name"), "his restriction, not hers")

	rec.Guarantor = nil
	rec.Household = []member{{ID: ada, Name: sealed.Of("Ada")}, {Name: sealed.Of("who?")}}
	_, err = policy.Read[view](ctx, w.guard, w.request("invoicing"), rec)
	require.Contains(t, codesOf(t, err), policy.CodeDataSubjectMissing, "somebody in the household is nobody we know")
}

func read(r policy.Request) policy.Request {
	r.Action = purpose.Read
	return r
}

func TestTheRequestNamesWhomTheRecordDoesNot(t *testing.T) {
	w := newWorld(t)
	type row struct {
		Name sealed.Value[string] `personal:"contact.name"`
	}
	type view struct{ Name string }
	req := w.request("invoicing")
	_, err := policy.Read[view](ctx, w.guard, req, &row{sealed.Of("Ada")})
	require.Equal(t, []policy.Code{policy.CodeDataSubjectMissing}, codesOf(t, err))
	req.DataSubject = ada
	_, err = policy.Read[view](ctx, w.guard, req, &row{sealed.Of("Ada")})
	require.NoError(t, err)
	req.DataSubject = bob
	_, err = policy.Read[view](ctx, w.guard, req, adaRecord())
	require.Equal(t, []policy.Code{policy.CodeDataSubjectDiffers}, codesOf(t, err))
}

func TestErrorsNameGateClauseAndFieldAndNoValue(t *testing.T) {
	w := newWorld(t)
	w.happened(ada, basis.ConsentGiven{Scope: "newsletter", Quality: basis.GoodConsent()})
	w.happened(ada, basis.ConsentWithdrawn{Scope: "newsletter"})
	type view struct{ Email string }
	_, err := policy.Read[view](ctx, w.guard, w.request("newsletter"), adaRecord())
	require.EqualError(t, err, "policy: denied for newsletter: policy_test.lessee.Email: basis.consent-withdrawn: "+
		"consent newsletter was withdrawn (GDPR Art. 7(3)) [2.4]")
	for _, canary := range []string{"Lovelace", "ada@", ada} {
		require.NotContains(t, fmt.Sprintf("%v %+v %#v %q", err, err, err, err), canary)
	}
}

func TestMapsAreReadThroughASchema(t *testing.T) {
	w := newWorld(t)
	plan, err := w.guard.Schema(purpose.Schema{Name: "lessee_row", Fields: []purpose.SchemaField{
		{Name: "id", Tags: purpose.Tags{DataSubject: "id"}},
		{Name: "name", Tags: purpose.Tags{Personal: "contact.name"}},
		{Name: "income", Tags: purpose.Tags{Personal: "finance.income"}},
	}})
	require.NoError(t, err)
	row := map[string]any{"id": ada, "name": "Ada Lovelace", "income": 7, "extra": "untagged"}
	got, err := policy.ReadMap(ctx, w.guard, w.request("invoicing"), plan, row)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"name": "Ada Lovelace", "income": 7}, got, "what the schema does not know stays in")
	_, err = policy.ReadMap(ctx, w.guard, w.request("invoicing"), plan, row, "extra")
	require.Equal(t, []policy.Code{policy.CodeFieldUnknown}, codesOf(t, err))
	_, err = policy.ReadMap(ctx, w.guard, w.request("newsletter"), plan, row, "name")
	require.Equal(t, []policy.Code{policy.CodeConsentMissing}, codesOf(t, err))
	_, err = policy.ReadMap[any](ctx, w.guard, w.request("invoicing"), plan, nil)
	require.ErrorIs(t, err, policy.ErrDenied)
	_, err = policy.ReadMap(ctx, w.guard, w.request("invoicing"), nil, row)
	require.ErrorIs(t, err, policy.ErrBinding)
	delete(row, "id")
	_, err = policy.ReadMap(ctx, w.guard, w.request("invoicing"), plan, row)
	require.Contains(t, codesOf(t, err), policy.CodeDataSubjectMissing)
}

func TestCategoriesThatNoTypeHasAreReported(t *testing.T) {
	type part struct {
		ID   string `subject:"id"`
		Name string `personal:"contact.name"`
	}
	w := newWorld(t, policy.WithTypes(policy.Type[part]()))
	require.Equal(t, []string{"contact.born", "contact.email", "finance.iban", "finance.income"}, w.guard.Untagged())
	_, err := w.guard.Schema(purpose.Schema{Name: "row", Fields: []purpose.SchemaField{{Name: "iban", Tags: purpose.Tags{Personal: "finance.iban"}}}})
	require.NoError(t, err)
	require.Equal(t, []string{"contact.born", "contact.email", "finance.income"}, w.guard.Untagged())
	_, err = policy.Decide(ctx, w.guard, read(w.request("invoicing")), adaRecord())
	require.NoError(t, err)
	require.Empty(t, w.guard.Untagged(), "everything the register declares has a field")
}

func TestRowsAreReadByColumn(t *testing.T) {
	w := newWorld(t)
	plan, err := w.guard.Schema(purpose.Schema{Name: "lessee_row", Fields: []purpose.SchemaField{
		{Name: "id", Tags: purpose.Tags{DataSubject: "id"}}, {Name: "iban", Tags: purpose.Tags{Personal: "finance.iban"}}}})
	require.NoError(t, err)
	columns, row, asked := []string{"id", "iban", "secret"}, []string{ada, "DK5000400440116243", "untagged"}, []string(nil)
	byColumn := func(name string) (string, bool) {
		asked = append(asked, name)
		i := slices.Index(columns, name)
		return row[max(i, 0)], i >= 0
	}
	got, err := policy.ReadFrom(ctx, w.guard, w.request("invoicing"), plan, byColumn)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"iban": "DK5000400440116243"}, got)
	asked = nil
	_, err = policy.ReadFrom(ctx, w.guard, w.request("newsletter"), plan, byColumn)
	require.ErrorIs(t, err, policy.ErrDenied)
	require.Equal(t, []string{"id"}, asked, "what is denied is not even read")
	_, err = policy.ReadFrom[string](ctx, w.guard, w.request("invoicing"), plan, nil)
	require.Contains(t, codesOf(t, err), policy.CodeRecordNil)
}

func TestExplanationsSayWhyInTextAndJSON(t *testing.T) {
	w := newWorld(t)
	w.happened(ada, basis.ObjectionRaised{Ground: basis.OwnSituation, Purposes: []string{"improvement"}})
	req := read(w.request("improvement").With(purpose.Named("overdue", purpose.False())))
	e, err := policy.Explain(ctx, w.guard, req, adaRecord(), "Name", "IBAN")
	require.NoError(t, err)
	text := e.String()
	for _, want := range []string{"DENIED  read for improvement", "Name  deny      contact.name", "because: purpose.category", "basis.objection-standing", "[2.2]",
		"purpose.category: no activity of the purpose covers the category finance.iban", "gates failed: purpose, basis"} {
		require.Contains(t, text, want)
	}
	require.NotContains(t, text, "\x1b[", "plain text has no colour")
	var b strings.Builder
	require.NoError(t, e.WriteText(&b))
	require.Equal(t, text, b.String(), "nor has what is no terminal")
}
