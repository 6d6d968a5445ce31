package policy

import (
	"hash/maphash"
	"sync/atomic"
	"unsafe"

	"github.com/purposebound/purposebound/purpose"
)

// keptTable finds conclusions by whom they are about. It is a direct-mapped table: a lost entry costs a little work, never an
// answer.
type keptTable struct {
	seed  maphash.Seed
	slots [1 << keptBits]keptSlot
}

const keptBits = 12

type keptSlot struct {
	conclusion atomic.Pointer[conclusion]
	stated     atomic.Uint64 // facts of the last decision
}

func (t *keptTable) at(id string, k *kase, action purpose.Action, want *purpose.FieldSet, explain bool) *keptSlot {
	kind := uint64(uintptr(unsafe.Pointer(k))>>7) + uint64(action) + want[0]
	if explain {
		kind = ^kind
	}
	return &t.slots[(maphash.String(t.seed, id)^kind*0x9e3779b97f4a7c15)>>(64-keptBits)]
}

// again reports whether the facts were probably those of the last decision: many never come again.
func (s *keptSlot) again(facts purpose.Facts) bool {
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
	return s.stated.Swap(sum) == sum
}
