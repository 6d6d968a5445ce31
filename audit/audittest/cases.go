package audittest

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/purposebound/purposebound/audit"
)

var cases = []check{
	{"appending moves the head", func(s *subject) {
		s.append(sample(1))
		s.moved(1)
		if h := s.head(); h.Stream == "" || h.Hash == s.start.Hash {
			s.errorf("head has no stream or an old hash")
		}
	}},
	{"a batch keeps its order", func(s *subject) {
		s.append(sample(1), sample(2), sample(3))
		s.append(sample(4))
		s.moved(4)
		if got, ok := s.read(); ok {
			s.order(got, 1, 2, 3, 4)
		}
	}},
	{"no events are no work", func(s *subject) {
		s.append()
		s.moved(0)
	}},
	{"the trail fills in the ledger part", ledgerPart},
	{"the chain holds", chainHolds},
	{"the caller's events are left alone", func(s *subject) {
		e := []audit.Event{sample(1), sample(2)}
		s.append(e...)
		if !reflect.DeepEqual(e, []audit.Event{sample(1), sample(2)}) {
			s.errorf("Append changed the events it was given")
		}
	}},
	{"the caller's events are not kept", func(s *subject) {
		e := []audit.Event{sample(1)}
		s.append(e...)
		e[0].Fields[0], e[0].DecisionID = "Changed", decisionID(2)
		if got, ok := s.read(); ok {
			if s.order(got, 1); len(got) == 1 && got[0].Fields[0] != "Name" {
				s.errorf("a change after Append reached the trail")
			}
		}
	}},
	{"an ended context appends nothing", func(s *subject) {
		ctx, cancel := context.WithCancel(s.ctx)
		cancel()
		for range 100 { // a trail that looks too late gets it right sometimes
			s.refused(s.trail.Append(ctx, []audit.Event{sample(1)}), context.Canceled, "ended context")
		}
		s.refused(s.trail.Append(ctx, nil), context.Canceled, "ended context, no events")
		ctx, cancel = context.WithDeadline(s.ctx, time.Unix(0, 0))
		defer cancel()
		s.refused(s.trail.Append(ctx, []audit.Event{sample(1)}), context.DeadlineExceeded, "passed deadline")
	}},
	{"one invalid event refuses its batch", func(s *subject) {
		for at := range 3 {
			batch := []audit.Event{sample(1), sample(2), sample(3)}
			batch[at].Purpose = "Not A Key"
			s.refused(s.trail.Append(s.ctx, batch), audit.ErrInvalid, "invalid event")
			batch[at] = audit.Event{}
			s.refused(s.trail.Append(s.ctx, batch), audit.ErrInvalid, "zero event")
			batch[at] = sample(9)
			batch[at].Seq = s.start.Seq + 1
			s.refused(s.trail.Append(s.ctx, batch), audit.ErrInvalid, "seq of the caller's")
		}
	}},
	{"raw ids are refused", rawIDs},
	{"concurrent batches do not mix", concurrent},
	{"reading starts and stops where it should", reading},
	{"lines are those of the events", lines},
	{"a closed trail stays closed", func(s *subject) {
		s.append(sample(1))
		for range 2 {
			if err := s.trail.Close(); err != nil {
				s.errorf("Close: %w", err)
			}
			if err := s.trail.Append(s.ctx, []audit.Event{sample(2)}); !errors.Is(err, audit.ErrClosed) {
				s.errorf("Append after Close: got error %v, want %v", err, audit.ErrClosed)
			}
		}
	}},
}

// order expects the events of these numbers.
func (s *subject) order(got []audit.Event, want ...int) {
	if len(got) != len(want) {
		s.errorf("read %d events, want %d", len(got), len(want))
		return
	}
	for i, n := range want {
		if got[i].DecisionID != decisionID(n) {
			s.errorf("event %d is not the one that was appended there", i)
		}
	}
}

func ledgerPart(s *subject) {
	const chosen = "01JQ8Z6M3T0000000000000000"
	mine := sample(2)
	mine.ID = chosen
	s.append(sample(1), mine)
	got, ok := s.read()
	if !ok {
		return
	}
	s.order(got, 1, 2)
	for i, e := range got {
		if e.V != audit.Version || e.Stream != s.head().Stream || e.Seq != s.start.Seq+uint64(i)+1 || e.ID == "" {
			s.errorf("event %d: v, stream, seq or id is not filled in", i)
		}
		if e.Time.IsZero() || e.Time.Location() != time.UTC {
			s.errorf("event %d: time is not filled in", i)
		}
		if (e.ID == chosen) != (i == 1) {
			s.errorf("event %d: an id is kept where the caller chose one, and new elsewhere", i)
		}
	}
}

// chainHolds reads all back, writes it out again and verifies that.
func chainHolds(s *subject) {
	for i := range 10 {
		s.append(sample(i), sample(i))
	}
	got, ok := s.read()
	if !ok {
		return
	}
	var lines []byte
	for i := range got {
		line, err := audit.AppendLine(lines, &got[i])
		if err != nil {
			s.errorf("event %d: %w", i, err)
		}
		lines = append(line, '\n')
	}
	rep, err := audit.VerifyFrom(bytes.NewReader(lines), s.start)
	if err != nil || rep.Verdict != audit.Consistent || rep.Count != 20 {
		s.errorf("chain: %q after %d events, %v", rep.Verdict, rep.Count, err)
	}
	if rep.Head != s.head() {
		s.errorf("Head is not the last event")
	}
}

// rawIDs puts what people are known by where pseudonyms and keys belong.
func rawIDs(s *subject) {
	for _, raw := range []string{
		"Canary Person", "canary@example.com", "+4512345678", "010170-1234", "0101701234", "DK5000400440116243",
		"4571 1234 1234 1234", "7f0c1b52-2d0e-4b43-9a53-0d2c7f6f2f61", "192.0.2.17", "https://example.com/canary",
	} {
		for i, put := range []func(*audit.Event){
			func(e *audit.Event) { e.PrincipalRef = raw },
			func(e *audit.Event) { e.PrincipalRoles = append(e.PrincipalRoles, raw) },
			func(e *audit.Event) { e.RecipientID = raw },
			func(e *audit.Event) { e.DataSubjectRefs = append(e.DataSubjectRefs, raw) },
			func(e *audit.Event) { e.Categories = append(e.Categories, raw) },
			func(e *audit.Event) { e.Purpose = raw },
			func(e *audit.Event) { e.Reason = raw },
			func(e *audit.Event) { e.Obligations = []string{raw} },
			func(e *audit.Event) { e.Activity = raw },
			func(e *audit.Event) { e.ID = raw },
			func(e *audit.Event) { e.Name = audit.Name(raw) },
		} {
			e := sample(1)
			put(&e)
			err := s.trail.Append(s.ctx, []audit.Event{sample(2), e})
			s.refused(err, audit.ErrInvalid, "raw id")
			if err != nil && strings.Contains(err.Error(), raw) {
				s.errorf("raw id %d: the error repeats it", i)
			}
		}
	}
	got, _ := s.read()
	s.order(got)
}

// concurrent has writers whose batches must stay together, each writer's in its own order, and what was acknowledged
// must be under the head.
func concurrent(s *subject) {
	const writers, batches, size = 8, 25, 3
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for b := range batches {
				n := (w*batches + b) * size
				before := s.head().Seq
				s.append(sample(n), sample(n+1), sample(n+2))
				if s.head().Seq < before+size {
					s.errorf("acknowledged events are not under the head")
				}
			}
		})
	}
	wg.Wait()
	s.moved(writers * batches * size)
	got, ok := s.read()
	if !ok {
		return
	}
	if len(got) != writers*batches*size {
		s.errorf("read %d events, want %d", len(got), writers*batches*size)
		return
	}
	number := map[string]int{}
	for n := range writers * batches * size {
		number[decisionID(n)] = n
	}
	ids := map[string]bool{}
	next := map[int]int{} // by writer
	for i, e := range got {
		n, ok := number[e.DecisionID]
		w := n / (batches * size)
		if !ok || n != w*batches*size+next[w] {
			s.errorf("event %d is out of its writer's order", i)
			return
		}
		next[w]++
		if i%size > 0 && got[i-1].DecisionID != decisionID(n-1) {
			s.errorf("event %d: another batch came between", i)
		}
		if e.Seq != s.start.Seq+uint64(i)+1 {
			s.errorf("event %d: seq has a gap", i)
		}
		ids[e.ID] = true
	}
	if len(ids) != len(got) {
		s.errorf("ids are not unique")
	}
}

// lines holds the lines of a trail that gives them against its events.
func lines(s *subject) {
	lr, ok := s.trail.(audit.LineReader)
	if !ok {
		return
	}
	s.append(sample(1), sample(2), sample(3))
	got, ok := s.read()
	if !ok || len(got) != 3 {
		return
	}
	for from := range 4 {
		n := from
		follow := audit.Follow(audit.Head{Stream: got[0].Stream, Seq: got[0].Seq - 1, Hash: got[0].Prev})
		for line, err := range lr.Lines(s.ctx, got[0].Seq+uint64(from)) {
			if err != nil || n >= len(got) {
				s.errorf("Lines from event %d: line %d, %v", from, n, err)
				break
			}
			want, err := audit.AppendLine(nil, &got[n])
			if err != nil || string(want) != string(line) {
				s.errorf("Lines from event %d: line %d is not that of the event", from, n)
			}
			if n++; from == 0 && follow.Next(line) != nil {
				s.errorf("Lines: the chain is broken")
			}
		}
		if n != len(got) {
			s.errorf("Lines from event %d end at %d", from, n)
		}
		for range lr.Lines(s.ctx, got[0].Seq) {
			break // stopping early is fine
		}
	}
	ctx, cancel := context.WithCancel(s.ctx)
	cancel()
	var failed error
	for _, err := range lr.Lines(ctx, got[0].Seq) {
		failed = err
	}
	if failed == nil {
		s.errorf("Lines with an ended context gives no error")
	}
}

func reading(s *subject) {
	r, ok := s.trail.(audit.Reader)
	if !ok {
		return
	}
	s.append(sample(1), sample(2), sample(3))
	for from, want := range map[uint64]int{1: 3, 2: 2, 3: 1, 4: 0, 9: 0} {
		n := 0
		for e, err := range r.Read(s.ctx, s.start.Seq+from) {
			if err != nil || e.Seq != s.start.Seq+from+uint64(n) {
				s.errorf("Read from %d: event %d is not the next, %v", from, n, err)
			}
			n++
		}
		if n != want {
			s.errorf("Read from %d: %d events, want %d", from, n, want)
		}
	}
	for from := range uint64(2) {
		for e, err := range r.Read(s.ctx, from) {
			if err != nil || e.Seq != 1 {
				s.errorf("Read from %d does not start at the first event, %v", from, err)
			}
			break // and stopping early is fine
		}
	}
	ctx, cancel := context.WithCancel(s.ctx)
	cancel()
	var failed error
	for _, err := range r.Read(ctx, 1) {
		failed = err
	}
	if failed == nil {
		s.errorf("Read with an ended context gives no error")
	}
}
