package regopolicy

import (
	"context"
	"errors"
	"time"

	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// What goes wrong while deciding. Nothing of it says what was asked.
var (
	ErrInput  = errors.New("regopolicy: the input is not complete, or of another register")
	ErrEngine = errors.New("regopolicy: the evaluation failed")
	ErrLimit  = errors.New("regopolicy: the evaluation takes too many steps")
	ErrAnswer = errors.New("regopolicy: an answer is not of the form that policies have")
)

// Decide answers for all fields of a request, in one evaluation, or as it did the last time. Errors never quote what was asked.
func (p *Policy) Decide(ctx context.Context, in *policy.Input) (v policy.Verdict, err error) {
	defer func() {
		if r := recover(); r != nil {
			v, err = policy.Verdict{Digest: p.digest}, ErrEngine
		}
	}()
	none := policy.Verdict{Digest: p.digest}
	if ctx == nil || !p.fits(in) {
		return none, ErrInput
	}
	if err := ctx.Err(); err != nil {
		return none, err
	}
	view := p.viewOf(in.Plan)
	var room [maxQuestion]byte
	q := p.question(room[:0], in, view)
	if len(q) > 0 {
		if v, ok := p.memory.recall(q); ok {
			return p.lasting(in, v), nil
		}
	}
	if err := p.enter(ctx); err != nil {
		return none, err
	}
	defer func() { <-p.flights }()
	v, err = p.evaluate(ctx, in, view)
	if err != nil {
		return none, err
	}
	if err := ctx.Err(); err != nil {
		return none, err
	}
	if len(q) > 0 {
		p.memory.remember(q, v)
	}
	return p.lasting(in, v), nil
}

// lasting says how long a verdict is the same for equal requests: always, where rules read no more than that compares, or until
// the minute is over.
func (p *Policy) lasting(in *policy.Input, v policy.Verdict) policy.Verdict {
	r := &p.reads
	if v.Lasting = !r.id && !r.tasks && !r.reviewer && !r.at; v.Lasting && r.time {
		v.Until = in.Request.At.Truncate(time.Minute).Add(time.Minute)
	}
	return v
}

// enter waits until fewer than maxConcurrent evaluations are in flight.
func (p *Policy) enter(ctx context.Context) error {
	select {
	case p.flights <- struct{}{}:
		return nil
	default:
	}
	select {
	case p.flights <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// fits reports whether the input is whole and speaks of the policy's register.
func (p *Policy) fits(in *policy.Input) bool {
	if in == nil || in.Request == nil || in.Plan == nil || in.Plan.Register == nil || in.Request.Action == 0 || in.Request.Action > purpose.Decide {
		return false
	}
	if in.Plan.Register != p.reg && in.Plan.Register.Digest() != p.reg.Digest() {
		return false
	}
	if !counts(in.Request.Principal.ID) || in.Request.At.IsZero() || !inRange(in.Request.At) {
		return false // policies count on them
	}
	tree := p.reg.Purposes()
	return tree.Leaf(in.Purpose) && tree.Key(in.Purpose) == in.Request.Purpose
}

// meter ends an evaluation when it is late or has taken too many steps. The engine asks it before each step.
type meter struct {
	ctx  context.Context
	left int
	end  time.Time // where the context has none
}

var _ topdown.Cancel = (*meter)(nil)

func newMeter(ctx context.Context, steps int) meter {
	m := meter{ctx: ctx, left: steps}
	if _, ends := ctx.Deadline(); !ends {
		m.end = time.Now().Add(longest)
	}
	return m
}

// Cancel ends the evaluation.
func (m *meter) Cancel() { m.left = 0 }

// Cancelled reports whether the evaluation is to end.
func (m *meter) Cancelled() bool {
	if m.left--; m.left < 0 || m.ctx.Err() != nil {
		return true
	}
	if m.left%64 == 0 && !m.end.IsZero() && time.Now().After(m.end) {
		m.left = 0
	}
	return false
}

// err is why an evaluation failed.
func (m *meter) err() error {
	if err := m.ctx.Err(); err != nil {
		return err
	}
	if m.left <= 0 {
		return ErrLimit
	}
	return ErrEngine
}
