package erasure

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/retention"
)

// carry carries out one order: journal, store, and then what the store shows of it. Kept are rows of the batch that are
// to stay.
func (r *run) carry(ctx context.Context, k queueKey, items []retention.Item, kept []string) error {
	byKey := make(map[string]retention.Item, len(items))
	o := &order{then: k.then, rule: k.rule, keys: map[string]bool{}, decide: r.decide}
	for _, i := range items {
		byKey[i.Key] = i
		o.tasks = append(o.tasks, Task{Key: i.Key})
	}
	if k.then == retention.Anonymise {
		var err error
		if o.tasks, err = r.anonymised(ctx, o.tasks); err != nil {
			r.report.fail("", k.rule, k.then, err, len(items), 0, 0)
			return r.tolerate(err)
		}
		if len(o.tasks) == 0 {
			return nil
		}
	}
	intent, err := r.begin(ctx, k, items[0].Because.Clause, o)
	if err != nil {
		r.report.fail(intent.Batch, k.rule, k.then, err, len(items), 0, 0)
		return r.tolerate(failed(ErrRecord, err))
	}
	reported, stuck, carried := call(ctx, r.x.o.Timeout, func(ctx context.Context) (int, error) {
		return r.x.o.Store.Carry(ctx, Order{o})
	})
	o.closed.Store(true)
	if stuck != nil {
		r.x.stuck = stuck
		r.report.Unsettled += uint64(len(intent.Keys))
		r.report.fail(intent.Batch, k.rule, k.then, carried, len(intent.Keys), reported, 0)
		return r.tolerate(carried)
	}
	// What was done is put on record also when the caller has gone: it cannot be undone.
	ctx = context.WithoutCancel(ctx)
	done, err := r.settle(ctx, &intent, kept)
	for _, key := range done {
		item := byKey[key]
		r.report.Done.Add(&item)
	}
	r.report.Orders++
	if err == nil {
		switch {
		case carried != nil:
			err = carried
		case reported != len(done):
			err = ErrLied
		case len(done) < len(intent.Keys):
			err = r.left(ctx, &intent, done)
		}
	} else if !errors.Is(err, ErrOverreach) {
		r.report.Unsettled += uint64(len(intent.Keys) - len(done))
	}
	if err != nil {
		r.report.fail(intent.Batch, k.rule, k.then, err, len(intent.Keys), reported, len(done))
		return r.tolerate(err)
	}
	r.failures = 0
	return nil
}

// left counts the rows that an honest store left alone. It may, where a recheck under its lock said so: those are kept,
// for the reason that holds by now. Any other row that is left is a failure.
func (r *run) left(ctx context.Context, i *Intent, done []string) error {
	rest := slices.DeleteFunc(slices.Clone(i.Keys), func(k string) bool {
		_, gone := slices.BinarySearch(done, k)
		return gone
	})
	found, err := r.look(ctx, rest)
	if err != nil {
		return err
	}
	for _, key := range rest {
		if len(found[key]) == 0 {
			r.report.Missing++
			continue
		}
		item, due := r.decide(found[key])
		if due {
			return failed(ErrStore, errors.New("erasure: rows were left without a reason"))
		}
		r.report.Stopped++
		r.report.Kept.Add(&item)
	}
	return nil
}

// begin makes the intent durable.
func (r *run) begin(ctx context.Context, k queueKey, clause string, o *order) (i Intent, err error) {
	i = Intent{Table: r.x.o.Schedule.Table().Name, Then: k.then, Rule: k.rule, Clause: clause, Swept: r.sweep != nil, Begun: r.x.o.Clock().UTC()}
	for _, t := range o.tasks {
		i.Keys = append(i.Keys, t.Key)
		o.keys[t.Key] = true
	}
	slices.Sort(i.Keys)
	if i.Batch, err = r.x.ids.Next(); err != nil {
		return i, err
	}
	if i.Event, err = r.x.ids.Next(); err != nil {
		return i, err
	}
	o.id = i.Batch
	ctx, cancel := context.WithTimeout(ctx, recordTime)
	defer cancel()
	head, err := r.x.o.Trail.Head(ctx)
	if err != nil {
		return i, err
	}
	i.HeadSeq = head.Seq
	return i, r.x.o.Journal.Begin(ctx, i)
}

// settle finds out which rows of an intent are done, enters them in the ledger, records them, and closes the intent. It
// may be called again for one that a crash interrupted anywhere.
func (r *run) settle(ctx context.Context, i *Intent, kept []string) (done []string, err error) {
	ask := append(slices.Clone(i.Keys), kept...)
	slices.Sort(ask)
	found, err := r.look(ctx, ask)
	if err != nil {
		return nil, err
	}
	for _, key := range i.Keys {
		if r.isDone(i, found[key]) {
			done = append(done, key)
		}
	}
	// Rows that were to stay count as no order's.
	overreach := slices.ContainsFunc(kept, func(k string) bool { return len(found[k]) == 0 })

	ctx, cancel := context.WithTimeout(ctx, recordTime)
	defer cancel()
	if i.Then != retention.Restrict {
		if err := r.x.o.Ledger.Add(ctx, i.Begun, done...); err != nil {
			return nil, failed(ErrRecord, err)
		}
	}
	if err := r.record(ctx, i, len(done)); err != nil {
		return nil, failed(ErrRecord, err)
	}
	if err := r.x.o.Journal.Done(ctx, i.Batch); err != nil {
		return nil, failed(ErrRecord, err)
	}
	if overreach {
		return done, ErrOverreach
	}
	return done, nil
}

// isDone reports whether the rows of a key show that the order was carried out.
func (r *run) isDone(i *Intent, rows []retention.Row) bool {
	if i.Then != retention.Restrict {
		return len(rows) == 0
	}
	return len(rows) > 0 && !slices.ContainsFunc(rows, func(row retention.Row) bool {
		return !r.x.o.Schedule.RestrictedAt(row, r.later())
	})
}

// later is now, or the plan's instant if the clock has stepped back. A store stamps rows by its own clock, which may be
// ahead a little.
func (r *run) later() time.Time {
	const skew = time.Hour
	now := r.x.o.Clock()
	if now.Before(r.at) {
		now = r.at
	}
	return now.Add(skew)
}

// record puts the order on record, once: a run that died may have done so already.
func (r *run) record(ctx context.Context, i *Intent, done int) error {
	if reader, ok := r.x.o.Trail.(audit.Reader); ok && r.resuming {
		for e, err := range reader.Read(ctx, i.HeadSeq+1) {
			if err != nil {
				return err
			}
			if e.Name == audit.RetentionErased && e.DecisionID == i.Batch {
				return nil
			}
		}
	}
	return r.x.o.Trail.Append(ctx, []audit.Event{r.x.event(i, done, len(i.Keys))})
}

// resume settles what earlier runs left open.
func (r *run) resume(ctx context.Context) error {
	open, err := r.x.o.Journal.Open(ctx)
	if err != nil {
		return failed(ErrRecord, err)
	}
	r.resuming = true
	defer func() { r.resuming = false }()
	for i := range open {
		if open[i].Table != r.x.o.Schedule.Table().Name {
			continue // another executor's
		}
		done, err := r.settle(ctx, &open[i], nil)
		if err != nil {
			r.report.Unsettled += uint64(len(open[i].Keys))
			return err
		}
		r.report.Recovered += uint64(len(done))
	}
	return nil
}
