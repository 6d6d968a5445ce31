package sqlledger

import (
	"context"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/internal/sqlstore"
)

// Erase implements basis.Eraser.
func (l *Ledger) Erase(ctx context.Context, dataSubject string) (erased int, err error) {
	if err := l.usable(ctx); err != nil {
		return 0, err
	}
	err = transact(ctx, l.schema, l.db, "erase", func(s session) error {
		last, err := s.lock(ctx, dataSubject)
		if err != nil {
			return err
		}
		e, err := l.load(ctx, s.Query, dataSubject, entry{})
		if err != nil {
			return err
		}
		at := l.now()
		if last.After(at) {
			at = last
		}
		kept, err := e.line.Kept(at)
		if err != nil {
			return err
		}
		if erased = e.line.Len() - len(kept); erased == 0 {
			return sqlstore.ErrNothing
		}
		return s.remove(ctx, dataSubject, kept)
	})
	if err != nil {
		return 0, err
	}
	l.cache.drop(dataSubject)
	return erased, nil
}

// remove deletes a person's events but those kept.
func (s session) remove(ctx context.Context, dataSubject string, kept []basis.Event) error {
	if len(kept) == 0 {
		if err := s.Do(ctx, "DELETE FROM basis_events WHERE data_subject = ?", dataSubject); err != nil {
			return err
		}
		return s.Do(ctx, "DELETE FROM basis_heads WHERE data_subject = ?", dataSubject)
	}
	args := []any{dataSubject}
	for _, e := range kept {
		args = append(args, e.ID)
	}
	if err := s.Do(ctx, "DELETE FROM basis_events WHERE data_subject = ? AND id NOT IN ("+sqlstore.Marks(len(kept))+")", args...); err != nil {
		return err
	}
	return s.Do(ctx, "UPDATE basis_heads SET tag = ?, version = ? WHERE data_subject = ?", newTag(), len(kept), dataSubject)
}
