package erasure

import (
	"context"
	"iter"
	"time"

	"github.com/purposebound/purposebound/retention"
)

// Reasons of a sweep.
const (
	// Swept rows were erased before, and came back with a backup.
	Swept retention.Reason = "erasure.swept"
	// Newer rows have the key of one that was erased, and something has happened to them since: a person decides.
	Newer retention.Reason = "erasure.newer-than-erasure"
)

// Sweep erases the rows that the ledger knows and the store has again, as after a backup was restored. Their facts are as
// old as the backup and may say that they are still needed: the erasure was decided with newer ones, and stands. Only a
// hold or a restriction in force stops it. Other rows are left to Execute.
func (x *Executor) Sweep(ctx context.Context, rows iter.Seq2[retention.Row, error]) (Report, error) {
	return x.run(ctx, func(r *run) error {
		index, err := x.o.Ledger.index(ctx)
		if err != nil {
			return failed(ErrRecord, err)
		}
		r.sweep = index
		n := 0
		for row, err := range rows {
			if n&1023 == 0 && err == nil {
				err = ctx.Err()
			}
			if n++; err != nil {
				return err
			}
			if _, known := index.at(row.Key); !known {
				continue
			}
			item, due := r.decide([]retention.Row{row})
			if err := r.take(ctx, item, due); err != nil {
				return err
			}
		}
		return nil
	})
}

// swept decides about a row that came back.
func (r *run) swept(item *retention.Item, row retention.Row, now time.Time) bool {
	since, known := r.sweep.at(row.Key)
	switch {
	case !known, item.Malformed != "":
		return false
	case item.Because.Reason == retention.OnHold, item.Because.Reason == retention.HoldLate, r.x.o.Schedule.Suspended(row, now):
		return false
	case r.x.o.Schedule.LatestEvent(row, now).After(since):
		*item = retention.Item{Key: item.Key, Category: item.Category, Because: retention.Cause{Reason: Newer}}
		return false
	}
	rule := item.Because.Rule
	if rule == "" {
		rule = sweptRule
	}
	*item = retention.Item{Key: item.Key, Category: item.Category, Status: retention.MustErase, Then: retention.Erase,
		Because: retention.Cause{Reason: Swept, Rule: rule, Law: item.Because.Law, Clause: item.Because.Clause}}
	return true
}
