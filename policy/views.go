package policy

import (
	"sync/atomic"
	"unsafe"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/retention"
)

// viewCache keeps what is derived from states that ledgers hand out again and again. It is a
// direct-mapped table: a lost entry costs a little work, never an answer. A state never changes, so nothing here goes stale
// with what is recorded: the ledger then hands out another.
type viewCache struct {
	slots [1024]struct {
		view atomic.Pointer[stateView]
		seen atomic.Uintptr // the state that was asked for last, which it does not keep
	}
}

type stateView struct {
	state   *basis.State
	facts   retention.Facts
	answers [4]atomic.Pointer[answer]
}

// slot is where the answer to a question is kept.
func (v *stateView) slot(q *question) *atomic.Pointer[answer] {
	i := uintptr(unsafe.Pointer(q.kase))>>7 + uintptr(q.action) + uintptr(q.want[0]%7)
	return &v.answers[i%uintptr(len(v.answers))]
}

// of is what is derived from a state, nil while it was asked for only once: many are never asked for again.
func (c *viewCache) of(st *basis.State, t *tables) *stateView {
	at := uintptr(unsafe.Pointer(st))
	slot := &c.slots[(at>>6)%uintptr(len(c.slots))]
	if v := slot.view.Load(); v != nil && v.state == st {
		return v
	}
	if slot.seen.Swap(at) != at {
		return nil
	}
	v := &stateView{state: st}
	t.reg.FillRetentionFacts(&v.facts, st, "", "")
	slot.view.Store(v)
	return v
}
