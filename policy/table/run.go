package table

import (
	"context"
	"errors"
	"time"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// Option changes a Run.
type Option func(*runner)

// Into adds what the cases come upon to a collector.
func Into(c *Collector) Option { return func(r *runner) { r.collector = c } }

// Only runs the cases that match says.
func Only(match func(*Table, *Case) bool) Option { return func(r *runner) { r.only = match } }

// WithTimeout replaces the time that a policy may take for one answer, 10 s: a slow machine fails no case.
func WithTimeout(d time.Duration) Option { return func(r *runner) { r.timeout = d } }

type runner struct {
	register  *purpose.Register
	deciders  []policy.Decider
	collector *Collector
	only      func(*Table, *Case) bool
	timeout   time.Duration
}

func newRunner(ctx context.Context, register *purpose.Register, deciders []policy.Decider, options []Option) (*runner, error) {
	r := &runner{register: register, deciders: deciders, timeout: 10 * time.Second}
	for _, o := range options {
		if o != nil {
			o(r)
		}
	}
	switch {
	case ctx == nil:
		return nil, errors.New("table: nil context")
	case register == nil:
		return nil, errRegister
	case len(deciders) == 0:
		return nil, errors.New("table: there is no policy to decide the cases")
	}
	return r, nil
}

// Run decides every case with a guard of its own. An error means that there is no report: of type Problems where the tables
// are wrong, else that of the context, or of a guard that cannot be made. A case that fails is in the report.
func Run(ctx context.Context, register *purpose.Register, deciders []policy.Decider, tables []*Table, options ...Option) (*Report, error) {
	r, err := newRunner(ctx, register, deciders, options)
	if err != nil {
		return nil, err
	}
	var problems Problems
	var scenes []*scene
	for _, t := range tables {
		list, wrong := t.bind(register)
		scenes = append(scenes, list...)
		for _, p := range wrong {
			problems.add(p)
		}
	}
	if err := problems.err(); err != nil {
		return nil, err
	}
	report := &Report{Register: register.Digest()}
	for _, s := range scenes {
		if r.only != nil && !r.only(s.table, &s.table.Cases[s.index]) {
			continue
		}
		result, err := r.play(ctx, s)
		if err != nil {
			return nil, err
		}
		if r.collector != nil {
			r.collector.Add(result.Explanation)
		}
		report.Results = append(report.Results, result)
	}
	return report, nil
}

// play decides one scene.
func (r *runner) play(ctx context.Context, s *scene) (Result, error) {
	c := &s.table.Cases[s.index]
	result := Result{Table: s.table.Title, Case: c.Name}
	if o := s.table.origin; o != nil {
		at := o.at(s.path)
		result.File, result.Line, result.Column = o.file, at.line, at.column
	}
	e, released, err := r.decide(ctx, s)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return result, err
	}
	result.Explanation = e
	result.Failures = append(compare(s.expect, e), released...)
	result.Passed = len(result.Failures) == 0
	return result, nil
}

var errBroke = errors.New("table: a policy or a guard broke down")

// decide explains the request of a scene, and releases what may be released.
func (r *runner) decide(ctx context.Context, s *scene) (e *policy.Explanation, failures []Failure, err error) {
	defer func() {
		if recover() != nil {
			e, failures, err = nil, nil, errBroke
		}
	}()
	w, err := s.world(r, r.deciders)
	if err != nil {
		return nil, nil, err
	}
	if e, err = s.explain(ctx, r, w); err != nil {
		return nil, nil, err
	}
	return e, s.release(ctx, w, e), nil
}
