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
// [ErrDamaged], and not yielded.
func (t *Trail) Read(ctx context.Context, from uint64) iter.Seq2[audit.Event, error] {
	return func(yield func(audit.Event, error) bool) {
		t.mu.Lock()
		head, closing := t.head, t.closing
		t.mu.Unlock()
		if closing {
			yield(audit.Event{}, audit.ErrClosed)
			return
		}
		rd := reading{ctx: ctx, disk: t.disk, from: max(from, 1), to: head.Seq}
		if err := rd.all(yield); err != nil && !errors.Is(err, errStop) {
			yield(audit.Event{}, err)
		}
	}
}

var errStop = errors.New("filetrail: the caller has enough")

// reading is one walk over the segments.
type reading struct {
	ctx      context.Context
	disk     disk
	from, to uint64     // seq, both included
	at       audit.Head // last line read; seq 0 before the first
}

func (rd *reading) all(yield func(audit.Event, error) bool) error {
	if err := rd.ctx.Err(); err != nil {
		return err
	}
	names, err := segments(rd.disk)
	if err != nil {
		return err
	}
	// The last segment that begins at or before from.
	i, exact := slices.BinarySearch(names, segmentName(rd.from))
	if !exact {
		i--
	}
	for ; rd.from <= rd.to && rd.at.Seq < rd.to; i++ {
		if i < 0 || i >= len(names) {
			return fmt.Errorf("%w: the file with seq %d is missing", ErrDamaged, max(rd.at.Seq+1, rd.from))
		}
		if err := rd.segment(names[i], yield); err != nil {
			return err
		}
	}
	return nil
}

func (rd *reading) segment(name string, yield func(audit.Event, error) bool) (err error) {
	f, err := rd.disk.OpenFile(name, forReading)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	first, _ := parseSegment(name)
	lines := bufio.NewReaderSize(f, 16*audit.MaxLine)
	for next := first; rd.at.Seq < rd.to; next++ {
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
		line = line[:len(line)-1]
		e, err := audit.ParseLine(line)
		if err != nil {
			return fmt.Errorf("%w: %s, seq %d: %w", ErrDamaged, name, next, err)
		}
		if e.Seq != next || rd.at.Seq > 0 && (e.Seq != rd.at.Seq+1 || e.Prev != rd.at.Hash || e.Stream != rd.at.Stream) {
			return fmt.Errorf("%w: %s, seq %d: the chain is broken", ErrDamaged, name, next)
		}
		rd.at = audit.Head{Stream: e.Stream, Seq: e.Seq, Hash: audit.HashLine(line)}
		if e.Seq >= rd.from && !yield(e, nil) {
			return errStop
		}
	}
	return nil
}
