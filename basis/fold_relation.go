package basis

import (
	"cmp"
	"slices"
)

// lives folds relationship events. Events may name the contract or case they belong to; each case is
// folded by itself and has a number, 0 for events that name none. What ends, ends narrowly: an end
// without a case ends all of them, and an end with one also ends what began without.
type lives struct {
	t          *Timeline
	events     []*eventFold // by the number of their key, less 1
	relations  map[string]*relationFold
	capacities map[string]*capacityFold
}

type eventFold struct {
	key         string
	cases       []Occurrence // without an ID: has not happened
	stage       Stage
	relation    *relationFold // set if stage is
	gives, ends []*capacityFold
}

type relationFold struct{ cases []stageFold }

// stageFold is the stage of one case and the event that entered it; none if the case has not begun.
type stageFold struct {
	stage Stage
	event *Event
}

type capacityFold struct{ cases []*Event } // that gave it; nil: not held

func (l *lives) occurred(e *Event, about note) {
	o := l.events[about.key-1]
	if o == nil {
		o = l.declare(l.t.keys.name(about.key))
		l.events[about.key-1] = o
	}
	n := int(about.reference)
	c := reach(&o.cases, n)
	if c.ID == "" {
		c.First = e.ValidAt
	}
	c.Last, c.ID = e.ValidAt, e.ID
	if o.stage.Valid() {
		o.relation.enter(e, n, o.stage)
	}
	for _, c := range o.gives {
		if at := reach(&c.cases, n); *at == nil {
			*at = e
		}
	}
	for _, c := range o.ends {
		c.end(n)
	}
}

func (l *lives) declare(key string) *eventFold {
	meaning := l.t.vocab.Events[key]
	o := &eventFold{key: key, stage: meaning.Stage}
	if meaning.Stage.Valid() {
		o.relation = intern(&l.relations, meaning.Relation)
	}
	for _, c := range meaning.Gives {
		o.gives = append(o.gives, intern(&l.capacities, c))
	}
	for _, c := range meaning.Ends {
		o.ends = append(o.ends, intern(&l.capacities, c))
	}
	return o
}

func (r *relationFold) enter(e *Event, n int, stage Stage) {
	if c := reach(&r.cases, n); c.stage != stage {
		*c = stageFold{stage, e}
	}
	if stage < Ended {
		return
	}
	others := r.cases[:1]
	if n == 0 {
		others = r.cases
	}
	for i := range others {
		if c := &others[i]; c.event != nil && c.stage < stage {
			*c = stageFold{stage, e}
		}
	}
}

func (c *capacityFold) end(n int) {
	if n == 0 {
		c.cases = c.cases[:0]
		return
	}
	for _, i := range [...]int{0, n} {
		if i < len(c.cases) {
			c.cases[i] = nil
		}
	}
}

func (l *lives) finish(s *State) {
	for name, r := range l.relations {
		s.Relations = slices.Grow(s.Relations, len(r.cases))
		for n, c := range r.cases {
			if c.event == nil {
				continue
			}
			relation := Relation{Name: name, Stage: c.stage, Since: c.event.ValidAt, Event: c.event.ID}
			if n > 0 {
				relation.Reference = l.t.references.name(int32(n))
			}
			s.Relations = append(s.Relations, relation)
		}
	}
	slices.SortFunc(s.Relations, func(a, b Relation) int {
		if c := byTime(a.Since, b.Since, a.Event, b.Event); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Reference, b.Reference))
	})

	// A capacity is held as long as any case gives it, since the first that does.
	for key, c := range l.capacities {
		var first *Event
		for _, e := range c.cases {
			if e != nil && (first == nil || byTime(e.ValidAt, first.ValidAt, e.ID, first.ID) < 0) {
				first = e
			}
		}
		if first != nil {
			s.Capacities = append(s.Capacities, Capacity{Key: key, Since: first.ValidAt, Event: first.ID})
		}
	}
	slices.SortFunc(s.Capacities, func(a, b Capacity) int {
		return cmp.Or(byTime(a.Since, b.Since, a.Event, b.Event), cmp.Compare(a.Key, b.Key))
	})

	for _, o := range l.events {
		if o == nil {
			continue
		}
		for n, c := range o.cases {
			if c.ID == "" {
				continue
			}
			if c.Event = o.key; n > 0 {
				c.Reference = l.t.references.name(int32(n))
			}
			s.Occurrences = append(s.Occurrences, c)
		}
	}
	slices.SortFunc(s.Occurrences, func(a, b Occurrence) int {
		return cmp.Or(a.First.Compare(b.First), cmp.Compare(a.Event, b.Event), cmp.Compare(a.Reference, b.Reference))
	})
}

// reach is the n-th element of a list, which grows to hold it.
func reach[T any](list *[]T, n int) *T {
	for len(*list) <= n {
		var zero T
		*list = append(*list, zero)
	}
	return &(*list)[n]
}

// intern is the one value of a key.
func intern[V any](m *map[string]*V, key string) *V {
	v := (*m)[key]
	if v == nil {
		v = new(V)
		put(m, key, v)
	}
	return v
}
