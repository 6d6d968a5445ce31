package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/filetrail"
	"github.com/purposebound/purposebound/policy"
)

// day is what happened, for text and for JSON.
type day struct {
	Register  string             `json:"register_digest"`
	Steps     []told             `json:"steps"`
	Answers   []answered         `json:"rights"`
	Tonight   []kept             `json:"retention"`
	Events    int                `json:"trail_events"`
	Kinds     map[audit.Name]int `json:"trail"`
	Verdict   audit.Verdict      `json:"trail_verdict"`
	Surprises int                `json:"surprises"`
}

// told is a step with its answer.
type told struct {
	Chapter     string              `json:"chapter,omitempty"`
	Time        time.Time           `json:"time"`
	What        string              `json:"what"`
	Who         string              `json:"who"`
	Outcome     string              `json:"outcome"`
	Code        policy.Code         `json:"code,omitempty"`
	Surprise    string              `json:"surprise,omitempty"`
	Explanation *policy.Explanation `json:"explanation"`
}

// plan is what a day consists of.
type plan struct {
	steps    func(*people) []step
	requests func(*people) []asked
	onFile   func(*people) []datum
}

var ordinary = plan{story, requests, onFile}

// live walks through the day. The trail is kept in dir, or nowhere if dir is empty.
func live(ctx context.Context, dir string, of plan) (_ *day, err error) {
	if dir == "" {
		temp, terr := os.MkdirTemp("", "housing")
		if terr != nil {
			return nil, terr
		}
		defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
		dir = filepath.Join(temp, "trail")
	}
	var now atomic.Pointer[time.Time]
	turn := func(t time.Time) { now.Store(&t) }
	clock := func() time.Time { return *now.Load() }
	turn(minute(0))

	trail, err := filetrail.Open(dir, filetrail.Options{Stream: "housing", Clock: clock})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, trail.Close()) }()
	first, err := trail.Head(ctx)
	if err != nil {
		return nil, err
	}
	s, err := newService(trail, clock)
	if err != nil {
		return nil, err
	}
	p := newPeople()
	if err := s.ledger.Record(ctx, p.past()...); err != nil {
		return nil, err
	}
	d := &day{Register: s.guard.Register().Digest(), Kinds: map[audit.Name]int{}}
	for i, st := range of.steps(p) {
		turn(minute(i + 1))
		if err := d.take(ctx, s, &st, turn, minute(i+1)); err != nil {
			return nil, fmt.Errorf("step %d, %s: %w", i+1, st.what, err)
		}
	}
	turn(evening)
	if err := d.answer(ctx, s, of.requests(p)); err != nil {
		return nil, err
	}
	turn(night)
	if err := d.keep(ctx, s, of.onFile(p)); err != nil {
		return nil, err
	}
	for e, err := range trail.Read(ctx, first.Seq) {
		if err != nil {
			return nil, err
		}
		d.Events++
		d.Kinds[e.Name]++
	}
	report, err := filetrail.Verify(dir)
	if err != nil {
		return nil, err
	}
	if d.Verdict = report.Verdict; d.Verdict != audit.Consistent {
		d.Surprises++
	}
	return d, nil
}

// take lives one step: what happens first, the request, and whether the answer is the expected one.
func (d *day) take(ctx context.Context, s *service, st *step, turn func(time.Time), at time.Time) error {
	if err := s.ledger.Record(ctx, st.before...); err != nil {
		return err
	}
	turn(at.Add(30 * time.Second))
	e, err := st.do(ctx, s.guard, st.req)
	if err != nil {
		return err
	}
	t := told{Chapter: st.chapter, Time: at, What: st.what, Who: st.req.Principal.Roles[0], Outcome: e.Outcome.String(), Explanation: e}
	if r := first(e); r != nil {
		t.Code = r.Code
	}
	if t.Outcome != st.want || t.Code != st.code {
		t.Surprise = fmt.Sprintf("expected %s %s, got %s %s", st.want, st.code, t.Outcome, t.Code)
		d.Surprises++
	}
	d.Steps = append(d.Steps, t)
	return nil
}

// first is the first reason, in the order of the gates, why something was withheld.
func first(e *policy.Explanation) *policy.Reason {
	for i := range e.Fields {
		if len(e.Fields[i].Reasons) > 0 {
			return &e.Fields[i].Reasons[0]
		}
	}
	return e.Because
}
