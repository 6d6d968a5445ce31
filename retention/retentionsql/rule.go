package retentionsql

import (
	"strings"

	"github.com/purposebound/purposebound/retention"
)

// permit is what a rule says about using the data, and duty about having to keep it, both weakest first.
type (
	permit uint8
	duty   uint8
)

const (
	absent permit = iota
	silent
	open
	unknown
	closed
)

const (
	noDuty duty = iota
	pending
	unclear
	running
)

// state is one of the things that a rule can say of a row, and when it does. The states of a rule exclude each other.
type state struct {
	permit permit
	reason retention.Reason
	duty   duty
	ceils  bool // has a known ceiling
	when   node
}

// states lists what a rule can say.
func (k *compiler) states(r *retention.Rule) []state {
	applies := k.applies(r.When)
	var list []state
	if !r.Criterion.IsZero() {
		list = k.criterion(r)
	} else {
		list = k.counted(r)
	}
	for i := range list {
		list[i].when = and(applies, list[i].when)
	}
	return append(list, state{permit: absent, when: not(applies)})
}

func (k *compiler) applies(c retention.Condition) node {
	var all []node
	for _, e := range c.Happened {
		all = append(all, k.events([]string{e}).occurred())
	}
	if len(c.NotHappened) > 0 {
		all = append(all, not(k.events(c.NotHappened).occurred()))
	}
	return and(all...)
}

func (k *compiler) counted(r *retention.Rule) (list []state) {
	c := k.clock(r)
	floor := !r.Floor.IsZero()
	for _, u := range c.unknown {
		if floor {
			u.duty = unclear
		}
		list = append(list, u)
	}
	waiting := state{permit: open, reason: retention.NotStarted, when: c.pending}
	if r.Transient {
		waiting.reason = retention.InTransit
	}
	if floor {
		waiting.duty = pending
	}
	list = append(list, waiting)
	keeps := node(constant(false)) // the floor is running
	if floor {
		keeps = not(c.passed(r.Floor))
	}
	add := func(s state) {
		when := s.when
		s.when = and(c.started, when, not(keeps))
		list = append(list, s)
		if floor {
			s.duty, s.when = running, and(c.started, when, keeps)
			if s.permit == silent {
				s.permit, s.reason = open, retention.FloorRunning
			}
			list = append(list, s)
		}
	}
	ceiling := func(p retention.Period, when node) {
		over := c.passed(p)
		add(state{permit: closed, reason: retention.CeilingPassed, ceils: true, when: and(when, over)})
		add(state{permit: open, reason: retention.CeilingRunning, ceils: true, when: and(when, not(over))})
	}
	switch {
	case r.Transient:
		list = append(list, state{permit: closed, reason: retention.CeilingPassed, ceils: true, when: c.started})
	case r.Table != "":
		col := k.lengths[r.Table]
		missing := []node{col.null()}
		for _, p := range k.src.Lengths {
			if is := col.equals(p.String()); r.Unit == retention.ElapsedTime && hasMonths(p) {
				missing = append(missing, is)
			} else {
				ceiling(p, is)
			}
		}
		add(state{permit: unknown, reason: retention.LengthMissing, when: or(missing...)})
	case !r.Ceiling.IsZero():
		ceiling(r.Ceiling, constant(true))
	default:
		add(state{permit: silent, reason: retention.FloorOver, when: constant(true)})
	}
	return list
}

func hasMonths(p retention.Period) bool { return strings.ContainsAny(p.String(), "YM") }

// criterion reads the answers. A row with several answers known by now is looked at in memory.
func (k *compiler) criterion(r *retention.Rule) []state {
	overdue, some := lastDay(0, span, func(d retention.Date) bool { return ended(r.Criterion.Review.From(d), k.zone, k.at) })
	today, past := lastDay(0, span, func(d retention.Date) bool { return ended(d, k.zone, k.at) })
	var refused, stale, stands, answered []node
	for _, a := range k.answers[r.Criterion.Question] {
		known := a.at.before(k.known)
		for _, other := range answered {
			k.memory = append(k.memory, and(other, known))
		}
		answered = append(answered, known)
		refused = append(refused, and(known, not(a.necessary.isTrue())))
		old := node(constant(false))
		if some {
			x := upTo(overdue, k.zone)
			if x.lo < x.hi {
				k.memory = append(k.memory, and(a.at.from(x.lo), a.at.before(x.hi)))
			}
			old = a.at.before(min(x.lo, k.known))
		}
		if a.reviewBy != nil && past {
			old = or(old, a.reviewBy.compare("<=", arg{kind: dayArg, text: today.String()}))
		}
		stale = append(stale, and(known, a.necessary.isTrue(), old))
		stands = append(stands, and(known, a.necessary.isTrue(), not(old)))
	}
	return []state{
		{permit: unknown, reason: retention.Unanswered, when: not(or(answered...))},
		{permit: closed, reason: retention.NotNecessary, ceils: true, when: or(refused...)},
		{permit: unknown, reason: retention.ReviewOverdue, when: or(stale...)},
		{permit: open, reason: retention.Necessary, when: or(stands...)},
	}
}
