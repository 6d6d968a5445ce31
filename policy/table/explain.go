package table

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// question is a table of one case that expects nothing, as it is written.
type question struct {
	Title   string    `json:"title,omitempty"`
	Record  string    `json:"record,omitempty"` // name of the record in explanations; empty: "record"
	Fields  []Field   `json:"fields"`
	Now     time.Time `json:"now"`
	Given   []Given   `json:"given,omitempty"`
	Request Request   `json:"request"`
}

// asked is the name of the case that a question makes.
const asked = "request"

// ParseRequest reads one request that is to be explained: the keys record, fields, now, given and request of a table. It
// makes a table with one case, called "request", which expects nothing: Explain answers it, and Run refuses it.
func ParseRequest(file string, text []byte) (*Table, error) {
	d := newDecoder(file)
	d.origin.single = casePath(0) + "."
	var q question
	d.into(text, &q)
	if err := d.problems.err(); err != nil {
		return nil, err
	}
	return &Table{Title: q.Title, Record: q.Record, Fields: q.Fields, origin: d.origin,
		Cases: []Case{{Name: asked, Now: q.Now, Given: q.Given, Request: q.Request}}}, nil
}

// Explain decides one case of a table and compares nothing: the case need not expect anything.
func Explain(ctx context.Context, register *purpose.Register, deciders []policy.Decider, t *Table, name string) (*policy.Explanation, error) {
	r, err := newRunner(ctx, register, deciders, nil)
	if err != nil {
		return nil, err
	}
	scenes, problems := t.bind(register)
	problems = slices.DeleteFunc(problems, func(p purpose.Problem) bool { return p.Code == codeNothing })
	if err := problems.err(); err != nil {
		return nil, err
	}
	for _, s := range scenes {
		if t.Cases[s.index].Name == name {
			e, _, err := r.decide(ctx, s)
			return e, err
		}
	}
	return nil, errors.New("table: there is no case of that name")
}
