package policy

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// maxTries bounds how often states are read again because the ledger's clock is ahead of the guard's.
const maxTries = 3

// states reads the state of every person whose fields are asked for. A request for now is judged no earlier than the
// latest recording that it rests on: with a ledger whose clock is ahead, on another machine say, a withdrawal that was
// acknowledged would else be valid from a moment that has not come here.
func (g *Guard) states(ctx context.Context, s *session, e *evaluation) error {
	if s.changes = s.glance.changes; s.glance.now.IsZero() {
		s.changes = g.changes()
	}
	for try := 1; ; try++ {
		e.facts.empty()
		s.until, s.states, e.people, e.findings, e.blocked = time.Time{}, wipe(s.states), wipe(e.people), wipe(e.findings), purpose.FieldSet{}
		if err := g.readStates(ctx, s, e); err != nil {
			return err
		}
		latest := e.req.At
		for i := range s.states {
			if k := s.states[i].state.KnownAt; k.After(latest) {
				latest = k
			}
		}
		if !s.req.At.IsZero() || !s.req.KnownAt.IsZero() || latest.Equal(e.req.At) || try == maxTries {
			return nil
		}
		e.req.At, e.req.KnownAt = latest, latest
		e.d.At, e.d.KnownAt = latest, latest
	}
}

// changes of a ledger in memory.
func (g *Guard) changes() uint64 {
	if g.memory == nil {
		return 0
	}
	return g.memory.Changes()
}

// unchanged reports whether the ledger would certainly answer as it did.
func (g *Guard) unchanged(s *session, at time.Time) bool {
	if g.memory == nil || g.memory.Changes() != s.changes {
		return false
	}
	return s.until.IsZero() || at.Before(s.until)
}

func (g *Guard) readStates(ctx context.Context, s *session, e *evaluation) error {
	t := s.target
	for role := range t.plan.People {
		fields := e.pc.people[role].And(e.want)
		if fields.Empty() {
			continue
		}
		found := false
		for i := range t.people {
			p := &t.people[i]
			if p.role != role {
				continue
			}
			if p.id == "" {
				found = false
				break
			}
			found = true
			if role == 0 && t.claimed != "" && t.claimed != p.id {
				e.block(CodeDataSubjectDiffers, fields, "", "")
			}
			st, err := g.stateOf(ctx, s, p.id, e.req.At)
			if err != nil {
				return err
			}
			view := g.views.of(st, e.t)
			e.people = append(e.people, person{role, p.id, st, view, e.factsOf(st, view)})
		}
		if !found && !(role > 0 && role < len(t.absent) && t.absent[role]) {
			e.block(CodeDataSubjectMissing, fields, "", "")
		}
	}
	if g.orgState {
		st, err := g.stateOf(ctx, s, basis.ControllerWide, e.req.At)
		if err != nil {
			return err
		}
		e.org = st
	}
	return nil
}

// stateOf asks the ledger, remembers the answer for the recheck, and refuses one that is about somebody or
// sometime else. It asks for what is known now unless the request states another time.
func (g *Guard) stateOf(ctx context.Context, s *session, id string, at time.Time) (*basis.State, error) {
	st := s.glance.state(id, at)
	if st == nil {
		var err error
		if st, err = g.stateAt(ctx, id, at, s.req.KnownAt); err != nil {
			return nil, err
		}
	}
	if st == nil || st.DataSubject != id || !st.Covers(at) {
		return nil, errState
	}
	s.see(id, st)
	return st, nil
}

// stateAt asks the ledger, and leaves one behind that does not answer in time.
func (g *Guard) stateAt(ctx context.Context, id string, at, known time.Time) (st *basis.State, err error) {
	defer func() {
		if recover() != nil {
			st, err = nil, &failure{errState, errInternal}
		}
		g.vitals.ledger.note(err, g.now)
	}()
	if g.instant {
		st, err := g.ledger.StateAt(ctx, id, at, known)
		if err != nil {
			return nil, &failure{errState, err}
		}
		return st, nil
	}
	ask := &asking{ledger: g.ledger, id: id, at: at, known: known}
	ask.begin(ctx, g.stateTimeout, false)
	defer ask.end()
	err = g.crew.do(&ask.term, ask)
	if err == nil {
		err = ask.Err()
	}
	if err != nil {
		return nil, &failure{errState, err}
	}
	return ask.state, nil
}

// asking is a question to a ledger that may hang.
type asking struct {
	term
	ledger    basis.Ledger
	id        string
	at, known time.Time
	state     *basis.State
}

func (a *asking) do() (err error) {
	a.state, err = a.ledger.StateAt(&a.term, a.id, a.at, a.known)
	return err
}

var errState = errors.New("policy: the state of a data subject could not be read")

// factsOf is what retention rules ask about a person.
func (e *evaluation) factsOf(st *basis.State, view *stateView) *retention.Facts {
	r := &e.req
	plain := r.Provenance.CollectedAt.IsZero() && r.Provenance.Record == "" && !slices.ContainsFunc(r.Facts, isInstant)
	if plain && view != nil {
		return &view.facts
	}
	own := e.facts.next()
	e.t.reg.FillRetentionFacts(own, st, "", r.Provenance.Record)
	if at := r.Provenance.CollectedAt; !at.IsZero() {
		own.Events = append(own.Events, retention.Event{Key: purpose.EventCollected, At: at})
	}
	for i := range r.Facts { // a rule that counts from a given date finds it among the facts
		if n := &r.Facts[i]; n.Value.Type() == purpose.Instant {
			own.Days = append(own.Days, retention.GivenDay{Key: n.Fact, Day: retention.DateOf(n.Value.Instant(), e.t.reg.Zone())})
		}
	}
	return own
}

// factsPool has room for the facts of the people of one request.
type factsPool struct {
	list []*retention.Facts
	used int
}

func (p *factsPool) next() *retention.Facts {
	if p.used == len(p.list) {
		p.list = append(p.list, new(retention.Facts))
	}
	p.used++
	return p.list[p.used-1]
}

// maxPooled is how many keep their room.
const maxPooled = 8

// empty forgets what the facts held.
func (p *factsPool) empty() {
	for _, f := range p.list[:p.used] {
		*f = retention.Facts{Events: wipe(f.Events), Days: wipe(f.Days), Answers: wipe(f.Answers), Holds: wipe(f.Holds), Restrictions: wipe(f.Restrictions)}
	}
	p.list, p.used = p.list[:min(len(p.list), maxPooled)], 0
}
