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
	Register  string        `json:"register_digest"`
	Steps     []told        `json:"steps"`
	Letters   []answered    `json:"letters"`
	Night     []kept        `json:"night"`
	Trail     []entry       `json:"trail"`
	Verdict   audit.Verdict `json:"trail_verdict"`
	Surprises int           `json:"surprises"`
}

// told is a step with its answer.
type told struct {
	N           int                 `json:"n"`
	What        string              `json:"what"`
	Who         string              `json:"who"`
	Purpose     string              `json:"purpose"`
	Recipient   string              `json:"recipient,omitempty"`
	Outcome     string              `json:"outcome"`
	Code        policy.Code         `json:"code,omitempty"`
	Clause      string              `json:"clause,omitempty"`
	Surprise    string              `json:"surprise,omitempty"`
	Alert       string              `json:"alert,omitempty"`
	Explanation *policy.Explanation `json:"explanation"`
}

// entry is an event of the trail, less its pseudonyms and digests.
type entry struct {
	Seq       uint64        `json:"seq"`
	Time      time.Time     `json:"time"`
	Name      audit.Name    `json:"name"`
	Outcome   audit.Outcome `json:"outcome,omitempty"`
	Reason    string        `json:"reason,omitempty"`
	Purpose   string        `json:"purpose,omitempty"`
	Recipient string        `json:"recipient,omitempty"`
	Basis     string        `json:"basis,omitempty"`
	Clause    string        `json:"clause,omitempty"`
	Fields    []string      `json:"fields,omitempty"`
}

// live walks through the story. The trail is kept in dir, or nowhere if dir is empty.
func live(ctx context.Context, dir string, tell func(*people) []step) (_ *day, err error) {
	if dir == "" {
		temp, terr := os.MkdirTemp("", "leasing")
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

	trail, err := filetrail.Open(dir, filetrail.Options{Stream: "leasing", Clock: clock})
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
	if err := s.ledger.Record(ctx, append(p.past(), formerly()...)...); err != nil {
		return nil, err
	}
	d := &day{Register: s.guard.Register().Digest()}
	for i, st := range tell(p) {
		turn(minute(i + 1))
		if err := d.take(ctx, s, i+1, &st, turn); err != nil {
			return nil, fmt.Errorf("step %d, %s: %w", i+1, st.what, err)
		}
	}
	if err := d.evening(ctx, s, p, len(d.Steps)+1, turn); err != nil {
		return nil, err
	}
	for e, err := range trail.Read(ctx, first.Seq) {
		if err != nil {
			return nil, err
		}
		d.Trail = append(d.Trail, entry{e.Seq, e.Time, e.Name, e.Outcome, e.Reason, e.Purpose, e.RecipientID, e.Basis, e.Clause, e.Fields})
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

// evening answers the letters and goes through the archive at midnight.
func (d *day) evening(ctx context.Context, s *service, p *people, n int, turn func(time.Time)) (err error) {
	turn(minute(n))
	if d.Letters, err = s.answer(ctx, letters(p)); err != nil {
		return fmt.Errorf("letters: %w", err)
	}
	turn(midnight())
	if d.Night, err = s.tonight(ctx, archive()); err != nil {
		return fmt.Errorf("the night: %w", err)
	}
	for _, a := range d.Letters {
		if a.Surprise != "" {
			d.Surprises++
		}
	}
	for _, k := range d.Night {
		if k.Surprise != "" {
			d.Surprises++
		}
	}
	return nil
}

// take lives one step: what happens first, the request, and whether the answer is the expected one.
func (d *day) take(ctx context.Context, s *service, n int, st *step, turn func(time.Time)) error {
	if st.before != nil {
		if err := s.ledger.Record(ctx, *st.before); err != nil {
			return err
		}
	}
	turn(minute(n).Add(30 * time.Second))
	alerts := len(s.alerts)
	a, err := st.do(ctx, s.guard, st.req)
	if err != nil {
		return err
	}
	t := told{N: n, What: st.what, Who: st.req.Principal.Roles[0], Purpose: st.req.Purpose, Recipient: st.req.Recipient,
		Outcome: a.outcome, Code: a.code(), Clause: a.clause(), Explanation: a.Explanation}
	for _, x := range s.alerts[alerts:] {
		t.Alert = fmt.Sprintf("%s until %s: %v of %s", x.Reason, x.Until.Format("15:04"), x.Fields, x.Record)
	}
	if t.Outcome != st.want || t.Code != st.code {
		t.Surprise = fmt.Sprintf("expected %s %s", st.want, st.code)
		d.Surprises++
	}
	d.Steps = append(d.Steps, t)
	return nil
}
