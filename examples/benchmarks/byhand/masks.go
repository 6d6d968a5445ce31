package byhand

import (
	"math/bits"

	"github.com/purposebound/purposebound/examples/benchmarks/world"
)

const every = 1<<world.Width - 1

// form is what a call does beside the masks.
type form int

const (
	codes    form = iota // writes all codes
	half                 // writes ten of them
	mask                 // leaves the mask
	resolved             // and its ids are there already
)

type masks struct {
	plan *Plan
	form form
}

// ids is a question as numbers; -1 is what the register does not know.
type ids struct {
	purpose, action int
	roles           uint64
}

func (p *Plan) resolve(q *world.Question) ids {
	id := ids{purpose: -1, action: -1}
	if i, ok := p.purposes[q.Purpose]; ok {
		id.purpose = i
	}
	if i, ok := actions[q.Action]; ok {
		id.action = i
	}
	for _, r := range q.Principal.Roles {
		id.roles |= p.roles[r]
	}
	return id
}

// verdict is a mask for each code; a field may be in several.
type verdict [world.NoNeed + 1]uint32

// decide finds the masks: with why those of the reasons too, else the permitted ones alone.
func (p *Plan) decide(id ids, record int, who *world.Person, v *verdict) {
	*v = verdict{}
	if id.purpose < 0 {
		v[world.NoPurpose] = every
		return
	}
	if who.Restricted {
		v[world.Limited] = every
	}
	at := p.index[record][id.purpose]
	if at < 0 {
		v[world.NotCovered] = every
		return
	}
	r := &p.rows[at]
	v[world.NotCovered] = every &^ r.covered
	acts, needed := uint32(0), uint32(0)
	if id.action >= 0 {
		acts = r.acts[id.action]
		for _, n := range r.needs[id.action] {
			if n.roles&id.roles != 0 {
				needed |= n.fields
			}
		}
		if p.general[id.action]&id.roles != 0 {
			needed = every
		}
	}
	v[world.NoAction] = every &^ acts
	if !who.Active {
		v[world.NoBasis] = every
	}
	if id.roles&p.lifting == 0 {
		v[world.Ban] = p.banned[record]
	}
	v[world.NoNeed] = every &^ needed
	denied := uint32(0)
	for _, m := range v[world.NoPurpose:] {
		denied |= m
	}
	v[world.Permit] = every &^ denied
}

// Decide answers a question.
func (p *Plan) Decide(q *world.Question) (a world.Answer) {
	var v verdict
	p.decide(p.resolve(q), q.Record, &q.Person, &v)
	v.expand(&a, every)
	return a
}

// Ask implements world.Loaded.
func (m *masks) Ask(q world.Question) (world.Call, error) {
	return &maskCall{masks: m, q: q, ids: m.plan.resolve(&q)}, nil
}

type maskCall struct {
	*masks
	q   world.Question
	ids ids
	v   verdict
	a   world.Answer
}

func (c *maskCall) Run() error {
	id := c.ids
	if c.form != resolved {
		id = c.plan.resolve(&c.q)
	}
	c.plan.decide(id, c.q.Record, &c.q.Person, &c.v)
	switch c.form {
	case codes:
		c.v.expand(&c.a, every)
	case half:
		c.v.expand(&c.a, 1<<(world.Width/2)-1)
	}
	return nil
}

// expand writes the first code of each field in fields.
func (v *verdict) expand(a *world.Answer, fields uint32) {
	for i := range bits.Len32(fields) {
		a[i] = world.Permit
	}
	left := fields &^ v[world.Permit]
	for code := world.NoPurpose; left != 0; code++ {
		for m := v[code] & left; m != 0; m &= m - 1 {
			a[bits.TrailingZeros32(m)] = code
		}
		left &^= v[code]
	}
}

func (c *maskCall) Answer() (a world.Answer) {
	if c.form == codes {
		return c.a
	}
	c.v.expand(&a, every)
	if c.form == half {
		copy(a[:world.Width/2], c.a[:])
	}
	return a
}
