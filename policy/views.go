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
	v := &stateView{state: st, facts: factsOf(st, t)}
	slot.Store(v)
	return &v.facts
}

// factsOf turns the state of a person into what retention rules ask about.
func factsOf(st *basis.State, t *tables) retention.Facts {
	f := retention.Facts{Zone: t.reg.Zone(), Years: t.years}
	for _, o := range st.Occurrences {
		f.Events = append(f.Events, retention.Event{Key: o.Event, At: o.First})
		if !o.Last.Equal(o.First) {
			f.Events = append(f.Events, retention.Event{Key: o.Event, At: o.Last})
		}
	}
	for _, j := range st.Judgements {
		n := retention.Necessity{Question: j.Rule, Necessary: j.Necessary, At: j.Since}
		if !j.ReviewAt.IsZero() {
			n.ReviewBy = retention.DateOf(j.ReviewAt, t.reg.Zone())
		}
		f.Answers = append(f.Answers, n)
	}
	for _, h := range st.Holds {
		f.Holds = append(f.Holds, retention.Span{Ref: h.Event, From: h.Since})
	}
	for _, r := range st.Restrictions {
		f.Restrictions = append(f.Restrictions, retention.Span{Ref: r.Event, From: r.Since})
	}
	return f
}
