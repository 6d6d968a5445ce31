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
	slots [1024]atomic.Pointer[stateView]
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

// of is what is derived from a state; again tells that it was asked for before.
func (c *viewCache) of(st *basis.State, t *tables) (v *stateView, again bool) {
	slot := &c.slots[(uintptr(unsafe.Pointer(st))>>6)%uintptr(len(c.slots))]
	if v := slot.Load(); v != nil && v.state == st {
		return v, true
	}
	v = &stateView{state: st, facts: t.reg.RetentionFacts(st, "", "")}
	slot.Store(v)
	return v, false
}
