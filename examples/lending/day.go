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
)

// day is what happened, for text and for JSON.
type day struct {
	Controller string        `json:"controller"`
	Notice     string        `json:"notice"`
	Register   string        `json:"register_digest"`
	Steps      []told        `json:"steps"`
	Night      tonight       `json:"night"`
	Trail      []entry       `json:"trail"`
	Verdict    audit.Verdict `json:"trail_verdict"`
	Surprises  int           `json:"surprises"`
}

// told is a step with its answer.
type told struct {
	Part     string    `json:"part,omitempty"`
	Time     time.Time `json:"time"`
	What     string    `json:"what"`
	Surprise string    `json:"surprise,omitempty"`
	answer
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
	Rule      string        `json:"rule,omitempty"`
	Fields    []string      `json:"fields,omitempty"`
}

// live walks through the story and the night. The trail is kept in dir, or nowhere if dir is empty.
func live(ctx context.Context, dir string, tell func(*people) []step) (_ *day, err error) {
	temp, err := os.MkdirTemp("", "lending")
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

	trail, err := filetrail.Open(dir, filetrail.Options{Stream: "lending", Clock: clock})
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
	_, version, _ := s.register.NoticeAt(minute(0))
	d := &day{Controller: s.register.Spec().Controller.Name, Notice: version, Register: s.register.Digest()}
	for i, st := range tell(p) {
		turn(minute(i + 1))
		if err := d.take(ctx, s, &st); err != nil {
			return nil, fmt.Errorf("step %d, %s: %w", i+1, st.what, err)
		}
	}
	turn(midnight())
	if d.Night, err = night(ctx, s, temp); err != nil {
		return nil, fmt.Errorf("the night: %w", err)
	}
	for e, err := range trail.Read(ctx, first.Seq) {
		if err != nil {
			return nil, err
		}
		d.Trail = append(d.Trail, entry{e.Seq, e.Time.In(s.register.Zone()), e.Name, e.Outcome, e.Reason, e.Purpose, e.RecipientID, e.Basis, e.Clause, e.RetentionRule, e.Fields})
	}
	check, err := checkpointed(ctx, trail, temp)
	if err != nil {
		return nil, fmt.Errorf("the checkpoint: %w", err)
	}
	report, err := filetrail.VerifyWith(ctx, dir, check)
	if err != nil {
		return nil, err
	}
	if d.Verdict = report.Verdict; d.Verdict != audit.Pass {
		d.Surprises++
	}
	return d, nil
}

// take lives one step: what is asked, and whether the answer is the expected one.
func (d *day) take(ctx context.Context, s *service, st *step) error {
	a, err := st.do(ctx, s)
	if err != nil {
		return err
	}
	t := told{Part: st.part, Time: s.clock(), What: st.what, answer: a}
	if t.Outcome != st.want || t.Code != st.code {
		t.Surprise = fmt.Sprintf("expected %s %s, got %s %s", st.want, st.code, t.Outcome, t.Code)
		d.Surprises++
	}
	d.Steps = append(d.Steps, t)
	return nil
}
