package sqltrail

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/internal/sqlstore"
)

// writer is what the goroutine that writes remembers, and Prune, which takes its turn.
type writer struct {
	clock func() time.Time
	known audit.Head   // the last that was durable here
	chain *audit.Chain // behind known; nil before the first batch
}

// batch is the lines of one transaction, placed.
type batch struct {
	chain audit.Chain // behind the lines
	lines [][]byte    // without newlines
	first uint64      // seq
}

// write makes the events of the requests durable, in order. Its error is [ErrDamaged], audit.ErrUnknown, or means that
// nothing was appended.
func (t *Trail) write(requests []*request) error {
	ctx, cancel := context.WithTimeout(context.Background(), t.patience)
	defer cancel()
	err := t.attempts(ctx, func() error {
		if requests = t.wanted(requests); len(requests) == 0 {
			return nil
		}
		return t.once(ctx, requests)
	})
	t.mu.Lock()
	t.state = state{t.writer.known, err}
	t.mu.Unlock()
	return err
}

// attempts repeats what failed in passing, until ctx ends. If that cuts an attempt short, the error is that of the one before:
// the end of the trail's own patience is no answer, and callers would take it for the end of theirs.
func (t *Trail) attempts(ctx context.Context, try func() error) (err error) {
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, 250*time.Millisecond) {
		before := err
		err = try()
		if before != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) && !errors.Is(err, audit.ErrUnknown) {
			return before
		}
		if err == nil || !passing(err) || errors.Is(err, audit.ErrUnknown) || !sqlstore.Pause(ctx, wait) {
			return err
		}
	}
}

// once tries one transaction, and finds out what became of it.
func (t *Trail) once(ctx context.Context, requests []*request) error {
	var b batch
	err := t.transact(ctx, "append", func(s session) (err error) {
		b, err = t.put(ctx, s, requests)
		return err
	})
	return t.learn(&b, err)
}

// put writes the lines of the requests behind the head.
func (t *Trail) put(ctx context.Context, s session, requests []*request) (b batch, err error) {
	if s.perConnection {
		if err := s.safe(ctx, s.conn.QueryRowContext); err != nil {
			return b, err
		}
	}
	head, err := s.place(ctx, t.writer.known)
	if err != nil {
		return b, err
	}
	if c := t.writer.chain; c != nil && c.Head() == head {
		b.chain = *c // keeps its ids rising
	} else {
		b.chain = *audit.NewChain(head, t.clock)
	}
	b.first = head.Seq + 1
	for _, r := range requests {
		for i := range r.drafts {
			line, err := place(&b.chain, &r.drafts[i])
			if err != nil {
				return b, err
			}
			b.lines = append(b.lines, line)
		}
	}
	if err := s.insert(ctx, b.lines); err != nil {
		return b, err
	}
	if err := s.move(ctx, head, b.chain.Head()); err != nil {
		return b, err
	}
	for _, r := range requests {
		if r.also != nil {
			return b, r.also(ctx, s)
		}
	}
	return b, nil
}

// place gives a draft the next place. A clock that panics or is out of order is errClock.
func place(c *audit.Chain, d *audit.Draft) (line []byte, err error) {
	defer func() {
		if recover() != nil || err != nil {
			err = errClock
		}
	}()
	return c.AppendLine(make([]byte, 0, d.Size()), d)
}

// move puts the head behind new lines.
func (s session) move(ctx context.Context, from, to audit.Head) error {
	done, err := s.exec(ctx, "UPDATE audit_head SET seq = ?, hash = ? WHERE one = 1 AND seq = ? AND hash = ?",
		int64(to.Seq), to.Hash[:], int64(from.Seq), from.Hash[:])
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil {
		return err
	} else if n != 1 {
		return damaged("the head moved behind its lock")
	}
	return nil
}

// learn settles how a transaction ended, and remembers the head if the lines are durable.
func (t *Trail) learn(b *batch, err error) error {
	var open unsettled
	if errors.As(err, &open) {
		there, failed := t.resolve(b)
		switch {
		case errors.Is(failed, ErrDamaged):
			return fmt.Errorf("%w: %w", audit.ErrUnknown, failed)
		case failed != nil:
			return fmt.Errorf("%w: %w", audit.ErrUnknown, open.error)
		case !there:
			return open.error
		}
		err = nil
	}
	if err == nil {
		t.writer.known = b.chain.Head()
		t.writer.chain = &b.chain
	}
	return err
}

// resolve reports whether a commit that failed took place after all. It waits behind the lock of the head row for what
// may still be under way, then compares bytes: nobody else's lines hold these ids.
func (t *Trail) resolve(b *batch) (there bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), t.patience)
	defer cancel()
	err = t.attempts(ctx, func() error {
		return t.transact(ctx, "append", func(s session) error {
			if there, err = t.stands(ctx, s, b); err != nil {
				return err
			}
			return errNothing
		})
	})
	return there, err
}

func (t *Trail) stands(ctx context.Context, s session, b *batch) (bool, error) {
	head, err := s.place(ctx, t.writer.known)
	last := b.first + uint64(len(b.lines)) - 1
	if err != nil || head.Seq < last {
		return false, err
	}
	pruned, err := s.pruned(ctx)
	switch {
	case err != nil:
		return false, err
	case pruned >= last:
		return false, audit.ErrPruned // too late to tell
	}
	var line []byte
	err = s.row(ctx, "SELECT line FROM audit_lines WHERE seq = ?", int64(last)).Scan(&line)
	if errors.Is(err, sql.ErrNoRows) {
		err = damaged("a line is missing")
	}
	return bytes.Equal(line, b.lines[len(b.lines)-1]), err
}
