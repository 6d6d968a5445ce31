package erasure

import (
	"context"
	"fmt"
	"iter"
	"sync/atomic"

	"github.com/purposebound/purposebound/retention"
)

// Eraser is what a store offers an [Executor]. Programs never call it themselves: without an open [Order] it does
// nothing. One whose rules anonymise is an [Anonymiser] too.
type Eraser interface {
	// Look returns the rows of these keys as they are now, in any order. Keys that are gone have no row; a key with
	// several rows is done only if all of them are due.
	Look(ctx context.Context, keys []string) ([]retention.Row, error)

	// Carry does to the rows of [Order.Rows] what [Order.Then] says, to each of them as a whole or not at all, and
	// returns how many it changed. With Erase nothing of the row is left; with Anonymise its remains are stored and
	// nothing else is left, the key neither; with Restrict the row says from then on that it is restricted. It stops
	// when ctx ends. Rows changed before an error stay changed; the executor finds out which.
	Carry(ctx context.Context, order Order) (int, error)
}

// Order is leave to change some rows, once. Only an [Executor] makes one, of rows that it has just decided about. The
// zero Order, and one whose call has ended, has no rows. It is safe for concurrent use.
type Order struct{ o *order }

// Task is one row of an order.
type Task struct {
	Key     string
	Remains []Field // what is left of the row, with Anonymise
}

// Format implements [fmt.Formatter]: no verb prints the key or a value.
func (t Task) Format(s fmt.State, _ rune) {
	_, _ = fmt.Fprintf(s, "task with %d remains", len(t.Remains))
}

// Format implements [fmt.Formatter]: no verb prints a key.
func (o Order) Format(s fmt.State, _ rune) {
	_, _ = fmt.Fprintf(s, "order %s of %d rows", o.ID(), o.Len())
}

type order struct {
	id     string
	then   retention.Then
	rule   string
	tasks  []Task
	keys   map[string]bool
	decide func([]retention.Row) (retention.Item, bool)
	closed atomic.Bool
}

// ID returns the order's id, which the trail knows as decision.id.
func (o Order) ID() string {
	if o.o == nil {
		return ""
	}
	return o.o.id
}

// Then returns what to do.
func (o Order) Then() retention.Then {
	if o.o == nil {
		return retention.Erase
	}
	return o.o.then
}

// Rule returns the key of the rule that decided.
func (o Order) Rule() string {
	if o.o == nil {
		return ""
	}
	return o.o.rule
}

// Rows yields the rows to change. It ends when the order does.
func (o Order) Rows() iter.Seq[Task] {
	return func(yield func(Task) bool) {
		if o.o == nil {
			return
		}
		for _, t := range o.o.tasks {
			if o.o.closed.Load() || !yield(t) {
				return
			}
		}
	}
}

// Len returns the number of rows, 0 when the order has ended.
func (o Order) Len() int {
	if o.o == nil || o.o.closed.Load() {
		return 0
	}
	return len(o.o.tasks)
}

// Recheck decides once more about all rows of one key of the order, as a store has read them under its own lock. When it
// reports false, the store leaves them alone.
func (o Order) Recheck(rows ...retention.Row) bool {
	if o.o == nil || o.o.closed.Load() || len(rows) == 0 || !o.o.keys[rows[0].Key] {
		return false
	}
	for _, r := range rows {
		if r.Key != rows[0].Key {
			return false
		}
	}
	item, due := o.o.decide(rows)
	return due && item.Then == o.o.then
}
