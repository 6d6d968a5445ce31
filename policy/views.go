package policy

import (
	"sync/atomic"
	"unsafe"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/retention"
)

// viewCache keeps what is derived from states that ledgers hand out again and again. It is a
// direct-mapped table: a lost entry costs a little work, never an answer.
type viewCache struct {
	slots [1024]atomic.Pointer[stateView]
}

type stateView struct {
	state *basis.State
	facts retention.Facts
}

func (c *viewCache) facts(st *basis.State, t *tables) *retention.Facts {
	slot := &c.slots[(uintptr(unsafe.Pointer(st))>>6)%uintptr(len(c.slots))]
	if v := slot.Load(); v != nil && v.state == st {
		return &v.facts
	}
	v := &stateView{state: st, facts: t.reg.RetentionFacts(st, "", "")}
	slot.Store(v)
	return &v.facts
}
