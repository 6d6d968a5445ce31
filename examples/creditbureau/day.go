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

// day is what happened.
type day struct {
	register  string
	notice    string
	chapters  []toldChapter
	night     []kept
	letters   []answered
	trail     []audit.Event
	verdict   audit.Verdict
	surprises int
}

type toldChapter struct {
	title string
	steps []told
}

// told is a step with its answer.
type told struct {
	n        int
	step     step
	outcome  string
	surprise string
	*policy.Explanation
}

// live walks through the story. The trail is kept in dir, or nowhere if dir is empty.
func live(ctx context.Context, dir string, tell func(*people) []chapter) (_ *day, err error) {
	temp, err := os.MkdirTemp("", "creditbureau")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	if dir == "" {
		dir = filepath.Join(temp, "trail")
	}
	var now atomic.Pointer[time.Time]
	turn := func(t time.Time) { now.Store(&t) }
	clock := func() time.Time { return *now.Load() }
	turn(minute(0))

	trail, err := filetrail.Open(dir, filetrail.Options{Stream: "creditbureau", Clock: clock})
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
	d := &day{register: s.register.Digest()}
	_, d.notice, _ = s.register.NoticeAt(minute(0))
	n := 0
	for _, c := range tell(p) {
		done := toldChapter{title: c.title}
		for i := range c.steps {
			n++
			turn(minute(n))
			t, err := s.take(ctx, &c.steps[i], func() { turn(minute(n).Add(30 * time.Second)) })
			if err != nil {
				return nil, fmt.Errorf("step %d, %s: %w", n, c.steps[i].what, err)
			}
			t.n = n
			if t.surprise != "" {
				d.surprises++
			}
			done.steps = append(done.steps, t)
		}
		d.chapters = append(d.chapters, done)
	}

	evening := minute(0).Add(9 * time.Hour)
	turn(evening)
	wrong := 0
	if d.letters, wrong, err = s.answer(ctx, letters(p, evening)); err != nil {
		return nil, err
	}
	d.surprises += wrong
	turn(minute(0).Add(17 * time.Hour))
	if d.night, wrong, err = tonight(ctx, s, trail, clock, temp); err != nil {
		return nil, err
	}
	d.surprises += wrong

	for e, err := range trail.Read(ctx, first.Seq) {
		if err != nil {
			return nil, err
		}
		d.trail = append(d.trail, e)
	}
	report, err := filetrail.Verify(dir)
	if err != nil {
		return nil, err
	}
	if d.verdict = report.Verdict; d.verdict != audit.Consistent {
		d.surprises++
	}
	return d, nil
}

// take lives one step: what happens first, the request, and whether the answer is the expected one.
func (s *service) take(ctx context.Context, st *step, later func()) (told, error) {
	if st.before != nil {
		if err := s.ledger.Record(ctx, *st.before); err != nil {
			return told{}, err
		}
	}
	later()
	e, err := st.do(ctx, s.guard, st.req)
	if err != nil {
		return told{}, err
	}
	t := told{step: *st, outcome: outcomeOf(e), Explanation: e}
	if t.outcome != st.want || !t.names(st.code) {
		t.surprise = fmt.Sprintf("expected %s %s", st.want, st.code)
	}
	return t, nil
}

// names reports whether a code is among the reasons why anything was withheld; an empty one, whether nothing was.
func (t *told) names(code policy.Code) bool {
	withheld := false
	for i := range t.Fields {
		for j := range t.Fields[i].Reasons {
			withheld = true
			if t.Fields[i].Reasons[j].Code == code {
				return true
			}
		}
	}
	return !withheld && code == "" || t.Because != nil && t.Because.Code == code
}

// why is what the answer rests on, or the reason that the story is about.
func (t *told) why() string {
	if t.outcome == permit {
		if len(t.Grounds) == 0 {
			return ""
		}
		g := &t.Grounds[0]
		return fmt.Sprintf("%s, for %s", g.Clause, g.Basis)
	}
	for i := range t.Fields {
		for j := range t.Fields[i].Reasons {
			if r := &t.Fields[i].Reasons[j]; r.Code == t.step.code {
				return r.String()
			}
		}
	}
	if t.Because != nil {
		return t.Because.String()
	}
	return ""
}
