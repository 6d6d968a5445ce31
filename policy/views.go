package policy

import (
	"sync/atomic"
	"unsafe"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// viewCache keeps what is derived from states that ledgers hand out again and again. It is a
// direct-mapped table: a lost entry costs a little work, never an answer. A state never changes, so nothing here goes stale
// with what is recorded: the ledger then hands out another.
type viewCache struct {
	slots [1 << viewBits]viewSlot
}

const viewBits = 12

type viewSlot struct {
	view atomic.Pointer[stateView]
	seen atomic.Uintptr // the state that was asked for last, which it does not keep
}

type stateView struct {
	state   *basis.State
	facts   retention.Facts
	answers [slots]atomic.Pointer[answer]
}

// slots is how much is remembered about a state.
const slots = 4

func slot(k *kase, action purpose.Action, want *purpose.FieldSet) uintptr {
	return (uintptr(unsafe.Pointer(k))>>7 + uintptr(action) + uintptr(want[0]%7)) % slots
}

// answer is where the answer to a question is kept.
func (v *stateView) answer(k *kase, action purpose.Action, want *purpose.FieldSet) *atomic.Pointer[answer] {
	return &v.answers[slot(k, action, want)]
}

// of is what is derived from a state, nil while it was asked for only once: many are never asked for again.
func (c *viewCache) of(st *basis.State, t *tables) *stateView {
	at := uintptr(unsafe.Pointer(st))
	slot := &c.slots[uint64(at)*0x9e3779b97f4a7c15>>(64-viewBits)] // the golden ratio spreads what lies at even distances
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
