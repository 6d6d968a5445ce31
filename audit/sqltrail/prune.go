package sqltrail

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/internal/sqlstore"
)

// Prune removes events older than before, which may not be later than [Options.KeepMonths] allows; the zero time stands
// for what they allow. It returns how many it removed: from the start up to the first that is not older, since seq orders
// and time never does, and never the last.
//
// It first makes a manifest durable, with a trail.pruned event in the same transaction, and then removes the rows, a few
// at a time: what follows still verifies, and passes if a checkpoint that covers the pruned events was anchored. What a
// crash leaves of the rows the next Prune removes.
func (t *Trail) Prune(ctx context.Context, before time.Time) (pruned uint64, err error) {
	now, err := t.now()
	if err != nil {
		return 0, err
	}
	allowed := now.AddDate(0, -t.keep, 0)
	if before.IsZero() {
		before = allowed
	}
	if before.After(allowed) {
		return 0, errors.New("sqltrail: the trail keeps its events longer than that")
	}
	for range 3 {
		if pruned, err = t.prune(ctx, before); !errors.Is(err, errOvertaken) {
			break
		}
	}
	return pruned, err
}

// now asks the caller's clock.
func (t *Trail) now() (now time.Time, err error) {
	err = guard(func() error { now = t.clock(); return nil })
	return now, err
}

func (t *Trail) prune(ctx context.Context, before time.Time) (uint64, error) {
	old, err := t.manifest(ctx)
	if err != nil {
		return 0, err
	}
	m, err := t.older(ctx, old, before)
	if err != nil {
		return 0, err
	}
	if m.Head.Seq > old.Head.Seq {
		if err := t.cover(ctx, old, m); err != nil {
			return 0, err
		}
	}
	return m.Head.Seq - old.Head.Seq, t.sweep(ctx, m.Head.Seq)
}

// older extends a manifest over the events that are to go, checking their chain.
func (t *Trail) older(ctx context.Context, m audit.Manifest, before time.Time) (audit.Manifest, error) {
	head, err := t.head(ctx)
	if err != nil || head.Seq == 0 {
		return m, err
	}
	err = t.walk(ctx, m.Head, head.Seq-1, func(e *audit.Event, r *row) error {
		if !e.Time.Before(before) {
			return errStop
		}
		m.Head = audit.Head{Stream: e.Stream, Seq: e.Seq, Hash: audit.HashLine(r.line)}
		m.Tree.Append(m.Head.Hash)
		return nil
	})
	if errors.Is(err, errStop) {
		err = nil
	}
	if errors.Is(err, audit.ErrPruned) {
		err = errOvertaken
	}
	return m, err
}

// cover writes a manifest down, and says so in the trail.
func (t *Trail) cover(ctx context.Context, old, m audit.Manifest) error {
	text, err := m.MarshalText()
	if err != nil {
		return err
	}
	drafts, err := audit.NewDrafts([]audit.Event{{Name: audit.TrailPruned, N: m.Head.Seq}})
	if err != nil {
		return err
	}
	return t.submit(ctx, &request{drafts: drafts, also: func(ctx context.Context, s session) error {
		pruned, err := s.pruned(ctx)
		if err != nil {
			return err
		}
		if pruned != old.Head.Seq {
			return errOvertaken
		}
		_, err = s.exec(ctx, "INSERT INTO audit_prunes (through, manifest) VALUES (?, ?)", int64(m.Head.Seq), string(text))
		return err
	}})
}

// sweep removes the rows that a manifest covers.
func (t *Trail) sweep(ctx context.Context, through uint64) error {
	for {
		var page []row
		err := t.transact(ctx, "prune", func(s session) (err error) {
			page, err = s.oldest(ctx, through)
			if err != nil {
				return err
			}
			if len(page) == 0 {
				return errNothing
			}
			return s.remove(ctx, page)
		})
		if err != nil || len(page) < pageSize {
			return settled(err)
		}
	}
}

func (s session) oldest(ctx context.Context, through uint64) (page []row, err error) {
	rows, err := s.query(ctx, "SELECT seq, line FROM audit_lines WHERE seq <= ? ORDER BY seq LIMIT ?", int64(through), pageSize)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.seq, &r.line); err != nil {
			return nil, err
		}
		page = append(page, r)
	}
	return page, rows.Err()
}

func (s session) remove(ctx context.Context, page []row) error {
	seen := map[string]bool{}
	var refs []any
	for i := range page {
		e, err := audit.ParseLine(page[i].line)
		if err != nil {
			return damaged("a line does not parse")
		}
		for _, ref := range e.DataSubjectRefs {
			if !seen[ref] {
				seen[ref] = true
				refs = append(refs, ref)
			}
		}
	}
	last := page[len(page)-1].seq
	for len(refs) > 0 {
		n := min(len(refs), 4*chunk)
		query := "DELETE FROM audit_refs WHERE ref IN (" + sqlstore.Marks(n) + ") AND seq <= ?"
		if _, err := s.exec(ctx, query, append(refs[:n:n], int64(last))...); err != nil {
			return err
		}
		refs = refs[n:]
	}
	_, err := s.exec(ctx, "DELETE FROM audit_lines WHERE seq <= ?", int64(last))
	return err
}

// Pruned stands for the events that were pruned.
func (t *Trail) Pruned(ctx context.Context) (audit.Manifest, error) { return t.manifest(ctx) }

func (st store) manifest(ctx context.Context) (m audit.Manifest, err error) {
	var text string
	err = st.scalar(ctx, &text, "SELECT manifest FROM audit_prunes ORDER BY through DESC LIMIT 1")
	if err != nil || text == "" {
		return m, err
	}
	if err := m.UnmarshalText([]byte(text)); err != nil {
		return audit.Manifest{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return m, nil
}
