package policy_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/purpose"
)

// lasting makes the world's policy one whose verdicts last; it counts how often it is asked.
func (w *world) lasting() *int {
	asked := 0
	w.rules.become(func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
		asked++
		return policy.Verdict{Digest: w.rules.Digest(), Permit: in.Fields, Lasting: true}, nil
	})
	return &asked
}

func (w *world) decide(t *testing.T, req policy.Request, fields ...string) policy.Decision {
	d, err := policy.Decide(context.Background(), w.guard, req, adaRecord(), fields...)
	require.NoError(t, err)
	return d
}

func (w *world) reading() policy.Request {
	req := w.request("invoicing")
	req.Action = purpose.Read
	return req
}

// leaves are the places of all that a request can say.
func leaves(v reflect.Value, path string) map[string]reflect.Value {
	all := map[string]reflect.Value{}
	if v.Kind() != reflect.Struct || v.Type() == reflect.TypeFor[time.Time]() {
		all[path] = v
		return all
	}
	for i := range v.NumField() {
		for k, leaf := range leaves(v.Field(i), path+"."+v.Type().Field(i).Name) {
			all[k] = leaf
		}
	}
	return all
}

// change makes something else of what stands there.
func change(t *testing.T, v reflect.Value) {
	switch x := v.Addr().Interface().(type) {
	case *string:
		*x = map[bool]string{true: ada, false: "else"}[*x == ""]
	case *[]string:
		*x = append(*x, "else")
	case *bool:
		*x = !*x
	case *purpose.Action:
		*x = purpose.Use
	case *purpose.Mechanism:
		*x = purpose.SCC
	case *time.Time:
		*x = newClock().now()
	case *purpose.Facts:
		*x = purpose.Facts{purpose.Named("overdue", purpose.True())}
	default:
		t.Fatalf("a request has something of type %s: does the guard remember by it?", v.Type())
	}
}

// TestADecisionIsGivenAgainToEqualRequestsAlone changes each thing that a request can say after it was decided. What a
// decision does not rest on is listed here: whoever adds to a request has to think of it.
func TestADecisionIsGivenAgainToEqualRequestsAlone(t *testing.T) {
	same := map[string]bool{".Principal.ID": true, ".Principal.Tasks": true, ".DataSubject": true, ".TraceID": true}
	var req policy.Request
	n := 0
	for path := range leaves(reflect.ValueOf(&req).Elem(), "") {
		w := newWorld(t)
		asked := w.lasting()
		req = w.reading()
		for range 4 { // seen, remembered, concluded, given again
			require.Equal(t, policy.OutcomePermitted, w.decide(t, req, "Name").Outcome)
		}
		require.LessOrEqual(t, *asked, 3, "nothing was remembered")
		before := *asked
		change(t, leaves(reflect.ValueOf(&req).Elem(), "")[path])
		d := w.decide(t, req, "Name")
		if same[path] {
			assert.Equal(t, before, *asked, "%s: asked again", path)
			assert.Equal(t, policy.OutcomePermitted, d.Outcome, path)
			n++
			continue
		}
		again := *asked
		fresh, err := policy.NewGuard(w.reg, w.ledger, w.trail, w.rules, policy.WithClock(w.clock.now))
		require.NoError(t, err)
		w.guard = fresh
		want := w.decide(t, req, "Name")
		assert.Equal(t, want.Explain(), d.Explain(), path)
		if d.Outcome != policy.OutcomeDenied || d.Because().Gate() != policy.GateRequest { // else policies are not asked
			assert.Greater(t, again, before, "%s: the decision on another request was given", path)
		}
	}
	require.Len(t, same, n)
}

// TestADecisionEndsWithWhatItRestsOn changes the person's state, the policy, the person and the record.
func TestADecisionEndsWithWhatItRestsOn(t *testing.T) {
	for name, c := range map[string]struct {
		spec   func(*purpose.Spec)
		before func(*world, *policy.Request)
		change func(*world, *policy.Request)
		code   policy.Code
	}{
		"recorded of the controller": {
			spec: func(s *purpose.Spec) {
				s.Recipients[0].Kind, s.Recipients[0].Agreement = purpose.Processor, &purpose.Agreement{Reference: "dpa", From: "2024-01-01", Ledger: true}
			},
			before: func(w *world, r *policy.Request) {
				require.NoError(t, w.ledger.Record(context.Background(), basis.Event{ID: "dpa", DataSubject: basis.ControllerWide,
					Body: basis.AgreementSigned{Recipient: "hausbank", Purposes: []string{"invoicing"}, Reference: "dpa"}}))
				r.Action, r.Recipient = purpose.Share, "hausbank"
			},
			change: func(w *world, _ *policy.Request) {
				w.happened(basis.ControllerWide, basis.AgreementEnded{Agreement: "dpa"})
			}, code: policy.CodeAgreement},
		"recorded": {change: func(w *world, _ *policy.Request) {
			w.happened(ada, basis.RestrictionImposed{Reason: "accuracy-contested"})
		},
			code: policy.CodeRestricted},
		"swapped": {change: func(w *world, _ *policy.Request) {
			digest := digestB
			w.rules.digest.Store(&digest)
			w.rules.become(func(context.Context, *policy.Input) (policy.Verdict, error) {
				return policy.Verdict{Digest: digestB}, nil
			})
		}, code: policy.CodePolicyPermit},
		"somebody else": {change: func(_ *world, r *policy.Request) { r.DataSubject = bob }, code: policy.CodeDataSubjectDiffers},
		"nobody asks":   {change: func(_ *world, r *policy.Request) { r.Principal.ID = "" }, code: policy.CodePrincipalMissing},
		"too large":     {change: func(_ *world, r *policy.Request) { r.Principal.Tasks = make([]string, 65) }, code: policy.CodeTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			spec := testSpec()
			if c.spec != nil {
				c.spec(&spec)
			}
			w := newWorldOf(t, spec)
			w.lasting()
			req := w.reading()
			if c.before != nil {
				c.before(w, &req)
			}
			for range 4 {
				require.Equal(t, policy.OutcomePermitted, w.decide(t, req, "Name").Outcome)
			}
			c.change(w, &req)
			d := w.decide(t, req, "Name")
			require.Equal(t, policy.OutcomeDenied, d.Outcome)
			require.Equal(t, c.code, d.Because())
		})
	}
}

// TestKeptDecisionsAreKeptApart asks, of one person, more different questions than are kept, again and again.
func TestKeptDecisionsAreKeptApart(t *testing.T) {
	w := newWorld(t)
	w.happened(bob, basis.RestrictionImposed{Reason: "accuracy-contested"})
	w.rules.become(func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
		v := policy.Verdict{Digest: w.rules.Digest(), Permit: in.Fields, Lasting: true}
		if in.Request.Action == purpose.Decide {
			v.Permit = purpose.FieldSet{}
		}
		return v, nil
	})
	alone, backed, nameless := adaRecord(), adaRecord(), adaRecord()
	backed.Guarantor, nameless.Guarantor = &guarantor{ID: bob}, &guarantor{}
	wants := [][]string{{"Name"}, {"Email"}, {"IBAN"}, {"Income"}, {"Born"}, {"Name", "Email"}, {"Name", "Income"}, {"Name", "Guarantor.Name"}, {"Guarantor.Name"}}
	outcomes := map[policy.Code]int{}
	for round := range 4 {
		for _, action := range []purpose.Action{purpose.Read, purpose.Decide, purpose.Share} {
			for _, want := range wants {
				for _, record := range []*lessee{alone, backed, nameless} {
					for _, p := range []string{"invoicing", "improvement", "newsletter"} {
						for range 3 {
							req := w.request(p)
							req.Action = action
							d, err := policy.Decide(context.Background(), w.guard, req, record, want...)
							require.NoError(t, err)
							fresh, err := policy.NewGuard(w.reg, w.ledger, w.trail, w.rules, policy.WithClock(w.clock.now))
							require.NoError(t, err)
							expected, err := policy.Decide(context.Background(), fresh, req, record, want...)
							require.NoError(t, err)
							require.Equal(t, expected.Explain(), d.Explain(), "round %d, %s for %s of %v", round, action, p, want)
							outcomes[d.Because()]++
						}
					}
				}
			}
		}
	}
	require.GreaterOrEqual(t, len(outcomes), 6, outcomes)
}

// TestOnePersonsDecisionIsNotAnothers asks about more people than decisions are kept of, every other of whom is restricted.
func TestOnePersonsDecisionIsNotAnothers(t *testing.T) {
	w := newWorld(t)
	w.lasting()
	const people = 6_000
	who := func(i int) string { return fmt.Sprint("person-", i) }
	for i := range people {
		events := []basis.Event{{DataSubject: who(i), Body: basis.Occurred{Event: "signed"}}}
		if i%2 == 0 {
			events = append(events, basis.Event{DataSubject: who(i), Body: basis.RestrictionImposed{Reason: "accuracy-contested"}})
		}
		require.NoError(t, w.ledger.Record(context.Background(), events...))
	}
	w.clock.advance(time.Hour)
	req := w.reading()
	for range 3 {
		for i := range people {
			for range 3 { // so that it is kept before the next comes
				d, err := policy.Decide(context.Background(), w.guard, req, &lessee{ID: who(i)}, "Name")
				require.NoError(t, err)
				require.Equal(t, map[bool]policy.Code{true: policy.CodeRestricted, false: ""}[i%2 == 0], d.Because())
			}
		}
	}
}

// TestAnEmergencyIsNotAnsweredWithWhatThePolicySaid that it goes past.
func TestAnEmergencyIsNotAnsweredWithWhatThePolicySaid(t *testing.T) {
	w := newWorld(t, policy.WithAlert(func(policy.Alert) {}))
	w.rules.become(func(context.Context, *policy.Input) (policy.Verdict, error) {
		return policy.Verdict{Digest: w.rules.Digest(), Lasting: true}, nil
	})
	read := func() error {
		_, err := policy.Read[debitView](context.Background(), w.guard, w.request("invoicing"), adaRecord())
		return err
	}
	for range 4 {
		require.Equal(t, []policy.Code{policy.CodePolicyPermit}, codesOf(t, read()))
	}
	why := policy.Emergency{Reason: "emergency.roadside", Until: w.clock.now().Add(time.Hour)}
	_, err := policy.BreakGlass[debitView](context.Background(), w.guard, w.request("invoicing"), adaRecord(), why)
	require.NoError(t, err)
	require.Equal(t, []policy.Code{policy.CodePolicyPermit}, codesOf(t, read()))
}

// heedless is a ledger that answers whoever asks.
type heedless struct{ *basis.Memory }

func (l heedless) StateAt(ctx context.Context, id string, at, known time.Time) (*basis.State, error) {
	return l.Memory.StateAt(context.WithoutCancel(ctx), id, at, known)
}

// TestACallerThatWentAwayIsNotAnswered though the answer is known.
func TestACallerThatWentAwayIsNotAnswered(t *testing.T) {
	w := newWorld(t)
	w.lasting()
	var err error
	w.guard, err = policy.NewGuard(w.reg, heedless{w.ledger}, w.trail, w.rules, policy.WithClock(w.clock.now))
	require.NoError(t, err)
	req := w.reading()
	for range 4 {
		w.decide(t, req, "Name")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	d, err := policy.Decide(ctx, w.guard, req, adaRecord(), "Name")
	require.NoError(t, err)
	require.Equal(t, policy.CodePolicyTimeout, d.Because())
}

// TestRulesThatAskForMoreAreAskedAgain permits by task and by a condition, which no kept decision may.
func TestRulesThatAskForMoreAreAskedAgain(t *testing.T) {
	nothing := func(*policy.Request) {}
	for name, c := range map[string]struct {
		rule         celpolicy.Rule
		first, other func(*policy.Request)
		end          time.Time // of what the condition says
	}{
		"task":  {rule: celpolicy.Rule{Tasks: []string{"case-1"}}, first: func(r *policy.Request) { r.Principal.Tasks = []string{"case-1"} }, other: nothing},
		"roles": {rule: celpolicy.Rule{Roles: []string{"billing"}}, first: nothing, other: func(r *policy.Request) { r.Principal.Roles = []string{"visitor"} }},
		"fact": {rule: celpolicy.Rule{When: `facts.overdue`}, first: func(r *policy.Request) { *r = r.With(purpose.Named("overdue", purpose.True())) },
			other: func(r *policy.Request) { *r = r.With(purpose.Named("overdue", purpose.False())) }},
		"hour":     {rule: celpolicy.Rule{When: `hour < 15`}, first: nothing, end: time.Date(2026, 5, 1, 13, 0, 0, 0, time.UTC)},
		"minute":   {rule: celpolicy.Rule{When: `minute < 1`}, first: nothing, end: time.Date(2026, 5, 1, 12, 1, 0, 0, time.UTC)},
		"date":     {rule: celpolicy.Rule{When: `date == "2026-05-01"`}, first: nothing, end: time.Date(2026, 5, 1, 22, 0, 0, 0, time.UTC)},
		"at":       {rule: celpolicy.Rule{When: `at < timestamp("2026-05-01T12:00:30Z")`}, first: nothing, end: time.Date(2026, 5, 1, 12, 0, 30, 0, time.UTC)},
		"asker":    {rule: celpolicy.Rule{When: `principal == "u17"`}, first: nothing, other: func(r *policy.Request) { r.Principal.ID = "u18" }},
		"reviewer": {rule: celpolicy.Rule{When: `reviewer == "u20"`}, first: func(r *policy.Request) { r.Reviewer = "u20" }, other: func(r *policy.Request) { r.Reviewer = "u21" }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.rule.ID, c.rule.Effect = "r", policy.EffectPermit
			rules, err := celpolicy.New(w.reg, "team", c.rule)
			require.NoError(t, err)
			w.guard, err = policy.NewGuard(w.reg, w.ledger, w.trail, rules, policy.WithClock(w.clock.now))
			require.NoError(t, err)
			first, other := w.reading(), w.reading()
			c.first(&first)
			for range 4 {
				require.Equal(t, policy.OutcomePermitted, w.decide(t, first, "Name").Outcome)
			}
			if c.other == nil {
				w.clock.nanos.Store(c.end.UnixNano() - 1)
				d := w.decide(t, first, "Name")
				require.Equal(t, policy.OutcomePermitted, d.Outcome)
				w.clock.nanos.Store(c.end.UnixNano())
			} else {
				c.other(&other)
			}
			d := w.decide(t, other, "Name")
			require.Equal(t, policy.CodePolicyPermit, d.Because())
		})
	}
}
