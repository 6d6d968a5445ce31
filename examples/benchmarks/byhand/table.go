package byhand

import (
	"github.com/purposebound/purposebound/examples/benchmarks/world"
)

// line is one field's answer with what somebody who reads it needs: the field's name, the activity, and the reason.
type line struct {
	Field    string
	Category string
	Activity string
	Reason   string
	Code     world.Code
}

// lines is the plan with an answer that names things.
type lines struct{ *Plan }

func loadTable(w *world.World) (world.Loaded, error) {
	p := Compile(w)
	for _, a := range w.Activities {
		p.keys = append(p.keys, a.Key) // activities and groups are in one order, two for a record
	}
	return lines{p}, nil
}

// Ask implements world.Loaded.
func (l lines) Ask(q world.Question) (world.Call, error) { return &linesCall{Plan: l.Plan, q: q}, nil }

type linesCall struct {
	*Plan
	q     world.Question
	v     verdict
	codes world.Answer
	out   [world.Width]line
}

func (c *linesCall) Run() error {
	c.decide(c.resolve(&c.q), c.q.Record, &c.q.Person, &c.v)
	c.v.expand(&c.codes, every)
	record := &c.w.Records[c.q.Record]
	for i := range c.out {
		code := c.codes[i]
		c.out[i] = line{Field: record.Fields[i], Category: record.Categories[i], Reason: code.String(), Code: code}
		if code == world.Permit {
			c.out[i].Activity = c.keys[2*c.q.Record+i/(world.Width/2)]
		}
	}
	return nil
}

func (c *linesCall) Answer() (a world.Answer) {
	for i, l := range c.out {
		a[i] = world.CodeOf(l.Reason)
	}
	return a
}
