package sqltrail

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"

	"github.com/purposebound/purposebound/audit"
)

// pageSize is how many lines are read at a time; no connection is held in between.
const pageSize = 256

// Read implements [audit.Reader]. It follows the chain as it goes: a line that is not what its neighbours say is
// [ErrDamaged], and not yielded. From 0 means from the first event that was not pruned; from one that was is
// [audit.ErrPruned].
func (t *Trail) Read(ctx context.Context, from uint64) iter.Seq2[audit.Event, error] {
	return func(yield func(audit.Event, error) bool) {
		err := t.read(ctx, from, func(e *audit.Event, _ *row) bool { return yield(*e, nil) })
		if err != nil && !errors.Is(err, errStop) {
			yield(audit.Event{}, err)
		}
	}
}

// Lines implements [audit.LineReader]. It checks the lines as Read does.
func (t *Trail) Lines(ctx context.Context, from uint64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		err := t.read(ctx, from, func(_ *audit.Event, r *row) bool { return yield(r.line, nil) })
		if err != nil && !errors.Is(err, errStop) {
			yield(nil, err)
		}
	}
}

var errStop = errors.New("sqltrail: the caller has enough")

func (t *Trail) read(ctx context.Context, from uint64, yield func(*audit.Event, *row) bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if t.isClosing() {
		return audit.ErrClosed
	}
	head, err := t.head(ctx)
	if err != nil {
		return err
	}
	at, err := t.before(ctx, from)
	if err != nil {
		return err
	}
	return t.walk(ctx, at, head.Seq, func(e *audit.Event, r *row) error {
		if e.Seq >= from && !yield(e, r) {
			return errStop
		}
		return nil
	})
}

func (t *Trail) isClosing() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.closing
}

// before is the place behind which reading from this seq begins: the hash is zero where it is not known.
func (st store) before(ctx context.Context, from uint64) (audit.Head, error) {
	m, err := st.manifest(ctx)
	switch {
	case err != nil:
		return audit.Head{}, err
	case from == 0, from == m.Head.Seq+1:
		return m.Head, nil
	case from <= m.Head.Seq:
		return audit.Head{}, audit.ErrPruned
	}
	return audit.Head{Seq: from - 2}, nil // the line before joins the first one to the chain
}

// walk visits the lines behind at, up to and including seq to.
func (st store) walk(ctx context.Context, at audit.Head, to uint64, visit func(*audit.Event, *row) error) error {
	joined := at.Stream != "" || at.Seq == 0
	for at.Seq < to {
		page, err := st.page(ctx, at.Seq, to)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			return st.missing(ctx, at.Seq+1)
		}
		for i := range page {
			r := &page[i]
			e, err := audit.ParseLine(r.line)
			if err != nil {
				return fmt.Errorf("%w: seq %d: %w", ErrDamaged, r.seq, err)
			}
			switch {
			case r.seq > at.Seq+1:
				return st.missing(ctx, at.Seq+1)
			case e.Seq != r.seq, joined && (e.Prev != at.Hash || at.Stream != "" && e.Stream != at.Stream):
				return fmt.Errorf("%w: seq %d: the chain is broken", ErrDamaged, r.seq)
			}
			at, joined = audit.Head{Stream: e.Stream, Seq: e.Seq, Hash: audit.HashLine(r.line)}, true
			if err := visit(&e, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// missing says why a line is not there.
func (st store) missing(ctx context.Context, seq uint64) error {
	m, err := st.manifest(ctx)
	if err != nil {
		return err
	}
	if seq <= m.Head.Seq {
		return audit.ErrPruned
	}
	return fmt.Errorf("%w: seq %d is missing", ErrDamaged, seq)
}

// row is a line and what stands beside it.
type row struct {
	seq    uint64
	line   []byte
	id     string
	time   int64
	name   string
	others [6]sql.NullString
}

// is reports whether the columns are those of the event.
func (r *row) is(e *audit.Event) bool {
	values := indexed(e)
	if r.seq != e.Seq || values[0] != r.id || values[1] != r.time || values[2] != r.name {
		return false
	}
	for i, o := range r.others {
		if v := values[3+i]; v == nil && o.Valid || v != nil && (!o.Valid || v != o.String) {
			return false
		}
	}
	return true
}

// page reads lines behind a seq and up to another.
func (st store) page(ctx context.Context, after, to uint64) ([]row, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return st.lines(ctx, "SELECT "+columns+" FROM audit_lines WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?", int64(after), int64(to), pageSize)
}

func (st store) lines(ctx context.Context, query string, args ...any) (page []row, err error) {
	rows, err := st.query(ctx, "read", query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r row
		o := &r.others
		err := rows.Scan(&r.seq, &r.line, &r.id, &r.time, &r.name, &o[0], &o[1], &o[2], &o[3], &o[4], &o[5])
		if err != nil {
			return nil, failure(ctx, "read", err)
		}
		page = append(page, r)
	}
	return page, failure(ctx, "read", rows.Err())
}
