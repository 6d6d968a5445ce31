package oracle_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// world is one register with the histories of its people, guards over both, and the oracle.
type world struct {
	seed     uint64
	spec     purpose.Spec
	reg      *purpose.Register
	ledger   *basis.Memory
	events   []basis.Event
	instants map[string][]time.Time // at which something changes
	policies int
	clerks   []*clerk
	guard    *policy.Guard
	oracle   *oracle
}

// newWorld is the world of a seed.
func newWorld(seed uint64) *world {
	w := &world{seed: seed}
	for attempt := uint64(0); w.reg == nil; attempt++ {
		w.spec = generateSpec(newDice(seed, attempt))
		w.reg, _ = purpose.Compile(w.spec)
	}
	d := newDice(seed, 1000)
	h := &historian{dice: d, spec: &w.spec}
	w.ledger = basis.NewMemory(w.reg.Vocabulary(), basis.WithClock(func() time.Time { return h.clock }))
	h.ledger = w.ledger
	w.events = h.live()
	w.policies = pick(d, 1, 1, 1, 2)
	for i := range w.policies {
		w.clerks = append(w.clerks, &clerk{name: fmt.Sprintf("clerk-%d", i), script: &script{}})
	}
	w.guard = w.guardOf(w.reg, w.ledger, w.clerks)
	w.oracle = newOracle(&w.spec, w.events)
	w.instants = w.changes()
	return w
}

func clock() time.Time { return present }

func (w *world) guardOf(reg *purpose.Register, ledger basis.Ledger, clerks []*clerk) *policy.Guard {
	options := []policy.Option{policy.WithClock(clock), policy.WithPseudonyms(plain{}), policy.WithPolicyTimeout(time.Minute)}
	for _, c := range clerks[1:] {
		options = append(options, policy.WithPolicies(c))
	}
	g, err := policy.NewGuard(reg, ledger, audittest.NewRecorder(clock), clerks[0], options...)
	if err != nil {
		panic(err)
	}
	return g
}

// plain gives everybody the same alias: generated people need none.
type plain struct{}

func (plain) Alias(_ context.Context, class audit.Class, _ string) (string, error) {
	return class.Alias([16]byte{1}), nil
}

// changes lists the instants at which an answer may turn: for a person, and under "" for all.
func (w *world) changes() map[string][]time.Time {
	all := map[string][]time.Time{"": {present.Add(-time.Hour)}}
	add := func(who string, t time.Time) {
		if t.Before(present) && t.Year() > 1 {
			all[who] = append(all[who], t)
		}
	}
	for _, e := range w.events {
		who := e.DataSubject
		add(who, e.ValidAt)
		add(who, e.RecordedAt)
		switch b := e.Body.(type) {
		case basis.ConsentGiven:
			add(who+"/until", b.Until)
		case basis.RestrictionExcepted:
			add(who, b.Until)
		case basis.IncidentOpened:
			add(who, b.Until)
		case basis.AgreementSigned:
			add("", b.Until)
		case basis.NecessityJudged:
			add(who, b.ReviewAt)
		case basis.Occurred:
			for _, r := range w.spec.Retention {
				months, days := length(r.Ceiling)
				y, m, d := e.ValidAt.In(w.reg.Zone()).Date()
				if months+days > 0 { // the end of the last day, but for the months that lack it
					add(who+"/ends", time.Date(y, m+time.Month(months), d+days+1, 0, 0, 0, 0, w.reg.Zone()))
				}
			}
		}
	}
	days := func(from, through string) {
		for i, day := range []string{from, through} {
			if t, err := time.ParseInLocation(time.DateOnly, day, w.reg.Zone()); err == nil {
				add("", t.AddDate(0, 0, i))
			}
		}
	}
	for _, n := range w.spec.Notices {
		days(n.From, n.Through)
	}
	for _, l := range w.spec.Laws {
		days(l.From, l.Through)
	}
	for _, a := range w.spec.Assessments {
		days(a.From, a.Through)
	}
	for _, r := range w.spec.Recipients {
		if r.Agreement != nil {
			days(r.Agreement.From, r.Agreement.Through)
		}
	}
	return all
}

// ask asks the guard of the world.
func (w *world) ask(g *policy.Guard, q *question) (policy.Decision, error) {
	for i, s := range q.scripts {
		w.clerks[i].script = s
	}
	return q.target.ask(context.Background(), g, q.req, q.paths)
}

// askMap asks by releasing a map: a refusal carries its decision, a release permits all.
func askMap(ctx context.Context, g *policy.Guard, req policy.Request, plan *purpose.Plan, record map[string]any, fields []string) (policy.Decision, error) {
	out, err := policy.ReadMap(ctx, g, req, plan, record, fields...)
	var denied *policy.DeniedError
	if errors.As(err, &denied) {
		if out != nil {
			return policy.Decision{}, errors.New("a map was released with a denial")
		}
		return denied.Decision, denied.Cause
	}
	if err != nil {
		return policy.Decision{}, err
	}
	return policy.Decision{Outcome: policy.OutcomePermitted, ID: released}, nil
}
