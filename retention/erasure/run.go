package erasure

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/retention"
)

// run is one run of an executor. It belongs to one goroutine.
type run struct {
	x        *Executor
	at       time.Time // of the plan
	sweep    *erased   // nil but in a sweep
	resuming bool
	queues   map[queueKey][]string
	report   Report

	failures int // in a row
	failure  error
}

// queueKey keeps rows together that will likely make one order.
type queueKey struct {
	then retention.Then
	rule string
}

// take notes what the plan says of a row, and runs a batch when one is full.
func (r *run) take(ctx context.Context, item retention.Item, due bool) error {
	r.report.Planned.Add(&item)
	if r.report.Planned.Rows()%progressEvery == 0 {
		r.progress()
	}
	if !due {
		r.report.Kept.Add(&item)
		return nil
	}
	k := queueKey{item.Then, item.Because.Rule}
	r.queues[k] = append(r.queues[k], item.Key)
	if len(r.queues[k]) < r.x.o.Batch {
		return nil
	}
	keys := r.queues[k]
	r.queues[k] = nil
	return r.batch(ctx, keys)
}

// flush runs what is left in the queues.
func (r *run) flush(ctx context.Context) error {
	for _, k := range slices.SortedFunc(maps.Keys(r.queues), func(a, b queueKey) int {
		return cmp.Or(cmp.Compare(a.rule, b.rule), cmp.Compare(a.then, b.then))
	}) {
		if keys := r.queues[k]; len(keys) > 0 {
			r.queues[k] = nil
			if err := r.batch(ctx, keys); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) progress() {
	if f := r.x.o.Progress; f != nil {
		f(Progress{r.report.Planned.Rows(), r.report.Done.Rows(), r.report.Kept.Rows(), r.report.Orders})
	}
}

// batch looks the rows up again, decides anew about each, and carries out one order for each rule that decided.
func (r *run) batch(ctx context.Context, keys []string) error {
	slices.Sort(keys)
	keys = slices.Compact(keys)
	if err := ctx.Err(); err != nil {
		return err
	}
	found, err := r.look(ctx, keys)
	if err != nil {
		r.report.fail("", "", retention.Erase, err, len(keys), 0, 0)
		return r.tolerate(err)
	}
	orders := map[queueKey][]retention.Item{}
	var kept []string
	for _, key := range keys {
		rows := found[key]
		if len(rows) == 0 {
			r.report.Missing++
			continue
		}
		item, due := r.decide(rows)
		if !due {
			r.report.Stopped++
			r.report.Kept.Add(&item)
			kept = append(kept, key)
			continue
		}
		k := queueKey{item.Then, item.Because.Rule}
		orders[k] = append(orders[k], item)
	}
	for _, k := range slices.SortedFunc(maps.Keys(orders), func(a, b queueKey) int {
		return cmp.Or(cmp.Compare(a.rule, b.rule), cmp.Compare(a.then, b.then))
	}) {
		if err := r.carry(ctx, k, orders[k], kept); err != nil {
			return err
		}
		r.progress()
	}
	return nil
}

// decide answers for all rows of one key as of now: the first that is not due decides.
func (r *run) decide(rows []retention.Row) (item retention.Item, due bool) {
	now := r.x.o.Clock()
	if now.Before(r.at) {
		now = r.at // a clock that steps back must not make what was due undue, nor the other way round
	}
	for i, row := range rows {
		next, err := r.x.o.Schedule.Decide(row, now)
		if err != nil {
			return retention.Item{Key: row.Key, Because: retention.Cause{Reason: retention.FactsInvalid}}, false
		}
		due = next.Due()
		if r.sweep != nil {
			due = r.swept(&next, row, now)
		}
		switch {
		case !due:
			return next, false
		case i > 0 && next.Then != item.Then:
			next.Status = retention.PersonDecides
			next.Because = retention.Cause{Reason: Disagree}
			return next, false
		}
		item = next
	}
	return item, due
}

// Disagree is the reason of a key whose rows ask for different ends: a person decides.
const Disagree retention.Reason = "erasure.rows-disagree"

// look asks the store for rows, and refuses an answer about others.
func (r *run) look(ctx context.Context, keys []string) (map[string][]retention.Row, error) {
	rows, stuck, err := call(ctx, r.x.o.Timeout, func(ctx context.Context) ([]retention.Row, error) {
		return r.x.o.Store.Look(ctx, slices.Clone(keys))
	})
	if err != nil {
		r.x.stuck = stuck
		return nil, err
	}
	found := make(map[string][]retention.Row, len(rows))
	for _, row := range rows {
		if _, asked := slices.BinarySearch(keys, row.Key); !asked {
			return nil, failed(ErrStore, errors.New("erasure: rows that were not asked for"))
		}
		found[row.Key] = append(found[row.Key], row)
	}
	return found, nil
}

// tolerate counts failures in a row; some end the run at once.
func (r *run) tolerate(err error) error {
	r.failures++
	r.failure = err
	for _, fatal := range []error{ErrHung, ErrLied, ErrOverreach, ErrRecord, context.Canceled} {
		if errors.Is(err, fatal) {
			return err
		}
	}
	if r.failures >= r.x.o.Failures {
		return err
	}
	return nil
}

// event is what the trail learns of an order: how many rows, of how many, under which rule.
func (x *Executor) event(i *Intent, done, of int) audit.Event {
	e := audit.Event{ID: i.Event, Name: audit.RetentionErased, Outcome: audit.Done, Action: i.Then.String(), N: uint64(done),
		RetentionRule: i.Rule, Clause: i.Clause, DecisionID: i.Batch, PrincipalRef: x.o.PrincipalRef, RegisterDigest: x.o.RegisterDigest}
	switch {
	case done == 0:
		e.Outcome = audit.Failed
	case done < of:
		e.Outcome = audit.Partial
	}
	if i.Swept {
		e.Reason = string(Swept)
	}
	if i.Clause != "" {
		clause := audit.Event{Name: audit.TrailOpened, Clause: i.Clause}
		if clause.Validate() != nil {
			e.Clause = "" // the rule leads to it
		}
	}
	return e
}
