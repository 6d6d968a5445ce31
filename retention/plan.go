package retention

import (
	"context"
	"iter"
	"time"
)

// Item is what must happen to one row: [Combine] over the uses of each category that it holds, and [CombineData] over
// these, without what only one purpose knows.
type Item struct {
	Key      string
	Category string
	Status   Status
	Then     Then // what MustErase asks for
	Because  Cause
	Term
	// NextChange is when the row should be asked about again; zero when no known fact changes the item. What becomes
	// known later does: a hold that is released queues the row again.
	NextChange    time.Time
	IgnoredFuture bool
	// Applied: the row is restricted already, as MustErase with [Restrict] asks.
	Applied bool
	// Malformed is the column that made the facts invalid, "key" or "values" where no column did.
	Malformed string
}

// Due reports whether something has to be done about the row now.
func (i *Item) Due() bool { return i.Status == MustErase && !i.Applied }

// Plan decides about rows one by one, in constant memory and in their order, and changes nothing. An error of the rows,
// of the context or of the instant ends it. A malformed row does not: a person decides about it.
//
// The rows may share the memory of their values: each is done with before the next is asked for.
func (s *Schedule) Plan(ctx context.Context, rows iter.Seq2[Row, error], at time.Time) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		if !validInstant(at) {
			yield(Item{}, errInstant)
			return
		}
		w := s.take()
		defer s.scratch.Put(w)
		var item Item
		n := 0
		for row, err := range rows {
			if n&1023 == 0 && err == nil {
				err = ctx.Err()
			}
			if n++; err != nil {
				yield(Item{}, err)
				return
			}
			s.decide(&item, w, &row, at)
			if !yield(item, nil) {
				return
			}
		}
	}
}

// Decide decides about one row.
func (s *Schedule) Decide(row Row, at time.Time) (Item, error) {
	if !validInstant(at) {
		return Item{}, errInstant
	}
	w := s.take()
	defer s.scratch.Put(w)
	var item Item
	s.decide(&item, w, &row, at)
	return item, nil
}

func (s *Schedule) take() *work { return s.scratch.Get().(*work) }

func (s *Schedule) decide(item *Item, w *work, row *Row, at time.Time) {
	*item = Item{Key: row.Key, Category: row.Category}
	if item.Malformed = s.columns.read(&w.facts, row); item.Malformed != "" {
		item.Because.Reason = FactsInvalid
		return
	}
	heard := &s.every
	if s.table.Layout.Category != "" {
		if only, ok := s.only[row.Category]; ok {
			heard = only
		} else if len(s.only) > 0 {
			heard = &uses{} // an unknown category may have a floor that nobody knows of
		}
	}
	last := w.hear(heard, item, at)
	item.Status, item.Term = last.status, last.Term
	item.Because.Reason, item.Because.Ref = last.because.reason, last.ref
	if r := last.because.rule; r != nil {
		item.Because.Rule, item.Because.Law, item.Because.Clause = r.Key, r.Law, r.Clause
	}
	if item.Status != MustErase {
		return
	}
	item.Then = last.then
	if i := s.columns.restricted; i >= 0 && last.then == Restrict && row.Values[i].kind != null {
		since, _ := row.Values[i].instant(&w.facts)
		item.Applied = !since.After(at)
	}
}

// hear asks the uses of a row. Those to which no rule applies count where a datum has no other.
func (w *work) hear(u *uses, item *Item, at time.Time) *verdict {
	asked := &w.asked
	item.IgnoredFuture = asked.begin(&w.facts, at)
	last, v, none := &w.verdicts[0], &w.verdicts[1], &w.verdicts[2]
	*last = verdict{because: ground{reason: NoRule}}
	w.spoke = w.spoke[:0]
	found, mute := false, false
	for _, rules := range u.lists {
		asked.ask(rules)
		asked.verdict(v)
		spoke := !asked.mute()
		w.spoke = append(w.spoke, spoke)
		switch {
		case !spoke:
			v, none, mute = none, v, true
		case !found || v.outlasts(last):
			v, last, found = last, v, true
		}
	}
	if mute && u.undecided(w.spoke) && (!found || none.outlasts(last)) {
		last = none
	}
	item.NextChange = asked.nextChange()
	return last
}
