package erasure

import (
	"context"
	"errors"
	"slices"

	"github.com/purposebound/purposebound/retention"
)

// anonymised asks the store what would remain of the rows, and returns the tasks of those that nobody can be singled out
// by any more.
func (r *run) anonymised(ctx context.Context, tasks []Task) ([]Task, error) {
	store, ok := r.x.o.Store.(Anonymiser)
	if !ok {
		return nil, failed(ErrStore, errors.New("erasure: the store is no Anonymiser"))
	}
	keys := make([]string, len(tasks))
	for i, t := range tasks {
		keys[i] = t.Key
	}
	slices.Sort(keys)
	type content struct {
		records []Record
		remains map[string][]Field
	}
	c, stuck, err := call(ctx, r.x.o.Timeout, func(ctx context.Context) (c content, err error) {
		if c.records, err = store.Records(ctx, slices.Clone(keys)); err != nil {
			return c, err
		}
		c.remains = map[string][]Field{}
		for _, record := range c.records {
			given := Record{Key: record.Key, Fields: slices.Clone(record.Fields)}
			if left, err := store.Anonymise(given); err == nil {
				c.remains[record.Key] = slices.Clone(left)
			}
		}
		return c, nil
	})
	if err != nil {
		r.x.stuck = stuck
		return nil, err
	}
	seen := map[string]bool{}
	for _, record := range c.records {
		if _, asked := slices.BinarySearch(keys, record.Key); !asked || seen[record.Key] {
			return nil, failed(ErrStore, errors.New("erasure: records that were not asked for"))
		}
		seen[record.Key] = true
	}
	var failure error
	alike := func(remains []Field) int {
		crowd, ok := r.x.o.Store.(Crowd)
		if !ok || failure != nil {
			return 0
		}
		n, stuck, err := call(ctx, r.x.o.Timeout, func(ctx context.Context) (int, error) { return crowd.Alike(ctx, slices.Clone(remains)) })
		if err != nil {
			r.x.stuck, failure = stuck, err
			return 0
		}
		return max(n, 0)
	}
	tasks, refused := r.x.o.Anonymity.anonymise(c.records, c.remains, alike)
	if failure != nil {
		return nil, failure
	}
	for _, key := range keys {
		if !seen[key] {
			refused[key] = NotAnonymiser
		}
	}
	for _, why := range refused {
		r.report.refuse(why)
	}
	return tasks, nil
}

// refuse counts a row that is due and could not be anonymised.
func (r *Report) refuse(why retention.Reason) {
	i := slices.IndexFunc(r.Refused, func(c Count) bool { return c.Reason == why })
	if i < 0 {
		r.Refused = append(r.Refused, Count{Reason: why})
		slices.SortFunc(r.Refused, func(a, b Count) int { return compareReasons(a.Reason, b.Reason) })
		i = slices.IndexFunc(r.Refused, func(c Count) bool { return c.Reason == why })
	}
	r.Refused[i].Rows++
}
