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
	decided [2][slots]atomic.Pointer[conclusion] // the second explained
	stated  [slots]atomic.Uint64                 // facts of the last decision
}

// again reports whether the facts were probably those of the last decision of the kind: many never come again.
func (v *stateView) again(k *kase, action purpose.Action, want *purpose.FieldSet, facts purpose.Facts) bool {
	if len(facts) == 0 {
		return true
	}
	sum := uint64(len(facts))
	for i := range facts {
		x := &facts[i].Value
		sum = sum*31 + uint64(len(facts[i].Fact)) + uint64(x.Int()) + uint64(len(x.Texts()))
		if text := x.Text(); text != "" {
			sum = sum*31 + uint64(text[0]) + uint64(text[len(text)-1])<<8 + uint64(len(text))<<16
		} else if x.Bool() {
			sum++
		}
	}
	return v.stated[slot(k, action, want)].Swap(sum) == sum
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

// conclusion is where a decision is kept.
func (v *stateView) conclusion(k *kase, action purpose.Action, want *purpose.FieldSet, explain bool) *atomic.Pointer[conclusion] {
	kind := 0
	if explain {
		kind = 1
	}
	return &v.decided[kind][slot(k, action, want)]
}

func (c *viewCache) at(st *basis.State) (slot *viewSlot, at uintptr) {
	at = uintptr(unsafe.Pointer(st))
	return &c.slots[uint64(at)*0x9e3779b97f4a7c15>>(64-viewBits)], at // the golden ratio spreads what lies at even distances
}

// peek is what is derived from a state, if it is there.
func (c *viewCache) peek(st *basis.State) *stateView {
	slot, _ := c.at(st)
	if v := slot.view.Load(); v != nil && v.state == st {
		return v
	}
	return nil
}

// of is what is derived from a state, nil while it was asked for only once: many are never asked for again.
func (c *viewCache) of(st *basis.State, t *tables) *stateView {
	slot, at := c.at(st)
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
