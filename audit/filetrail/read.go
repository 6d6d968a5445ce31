package filetrail

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/purposebound/purposebound/audit"
)

// Read implements [audit.Reader]. It follows the chain as it goes: a line that is not what its neighbours say is
// [ErrDamaged], and not yielded. From 0 means from the first event that was not pruned; from one that was is
// [audit.ErrPruned].
func (t *Trail) Read(ctx context.Context, from uint64) iter.Seq2[audit.Event, error] {
	return func(yield func(audit.Event, error) bool) {
		rd := reading{event: yield}
		if err := t.walk(ctx, from, &rd); err != nil && !errors.Is(err, errStop) {
			yield(audit.Event{}, err)
		}
	}
}

// Lines implements [audit.LineReader]. It does not look at the lines.
func (t *Trail) Lines(ctx context.Context, from uint64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		rd := reading{line: yield}
		if err := t.walk(ctx, from, &rd); err != nil && !errors.Is(err, errStop) {
			yield(nil, err)
		}
	}
}

func (t *Trail) walk(ctx context.Context, from uint64, rd *reading) error {
	t.mu.Lock()
	head, first, closing := t.head, t.first, t.closing
	t.mu.Unlock()
	switch {
	case closing:
		return audit.ErrClosed
	case from == 0:
		from = first
	case from < first:
		return audit.ErrPruned
	}
	rd.ctx, rd.trail, rd.disk, rd.from, rd.to = ctx, t, t.disk, from, head.Seq
	err := rd.all()
	if err != nil && !errors.Is(err, errStop) {
		t.mu.Lock()
		defer t.mu.Unlock()
		if max(rd.from, rd.at.Seq+1) < t.first {
			return audit.ErrPruned // meanwhile
		}
	}
	return err
}

var errStop = errors.New("filetrail: the caller has enough")

// reading is one walk over the segments.
type reading struct {
	event func(audit.Event, error) bool // one of these two
	line  func([]byte, error) bool

	ctx      context.Context
	trail    *Trail
	disk     disk
	from, to uint64     // seq, both included
	at       audit.Head // last line read; seq 0 before the first
}

func (rd *reading) all() error {
	if err := rd.ctx.Err(); err != nil {
		return err
	}
	l, err := look(rd.disk)
	if err != nil {
		return err
	}
	if rd.from <= l.pruned.Head.Seq {
		return audit.ErrPruned // meanwhile
	}
	// The last segment that begins at or before from.
	i, exact := slices.BinarySearch(l.segments, segmentName(rd.from))
	if !exact {
		i--
	}
	for ; rd.from <= rd.to && rd.at.Seq < rd.to; i++ {
		if i < 0 || i >= len(l.segments) {
			return fmt.Errorf("%w: the file with seq %d is missing", ErrDamaged, max(rd.at.Seq+1, rd.from))
		}
		if err := rd.segment(l.segments[i]); err != nil {
			return err
		}
	}
	return nil
}

func (rd *reading) segment(name string) (err error) {
	f, err := rd.disk.OpenFile(name, forReading)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	first, _ := parseSegment(name)
	if rd.at.Seq > 0 && first != rd.at.Seq+1 {
		return fmt.Errorf("%w: %s does not follow seq %d", ErrDamaged, name, rd.at.Seq)
	}
	start := rd.trail.mark(name, rd.from)
	if _, err := f.Seek(start.offset, io.SeekStart); err != nil {
		return err
	}
	lines := bufio.NewReaderSize(f, 16*audit.MaxLine)
	for next := start.seq; rd.at.Seq < rd.to; next++ {
		if err := rd.ctx.Err(); err != nil {
			return err
		}
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %s, seq %d: %w", ErrDamaged, name, next, err)
		}
		if err := rd.take(line[:len(line)-1], name, next); err != nil {
			return err
		}
	}
	return nil
}

func (t *Trail) mark(name string, seq uint64) mark {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.marks.before(name, seq)
}

// take passes a line on to who reads.
func (rd *reading) take(line []byte, name string, next uint64) error {
	if rd.line != nil {
		rd.at.Seq = next
		if next >= rd.from && !rd.line(line, nil) {
			return errStop
		}
		return nil
	}
	e, err := audit.ParseLine(line)
	if err != nil {
		return fmt.Errorf("%w: %s, seq %d: %w", ErrDamaged, name, next, err)
	}
	if e.Seq != next || rd.at.Seq > 0 && (e.Prev != rd.at.Hash || e.Stream != rd.at.Stream) {
		return fmt.Errorf("%w: %s, seq %d: the chain is broken", ErrDamaged, name, next)
	}
	rd.at = audit.Head{Stream: e.Stream, Seq: e.Seq, Hash: audit.HashLine(line)}
	if e.Seq >= rd.from && !rd.event(e, nil) {
		return errStop
	}
	return nil
}
