package celpolicy

import (
	"slices"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/purposebound/purposebound/policy"
)

// frame is what one decision shows to conditions. It resolves every variable that a condition of the
// policy mentions; conditions run only when all they mention is stated.
type frame struct {
	p     *Policy
	in    *policy.Input
	view  *view
	field int       // that per-field variables speak of
	vals  []ref.Val // by slot; nil: not asked for yet
	ahead bool      // a prospect is judged: what it does not say may be anything
	when  time.Time // local; zero: not asked for yet
}

var _ cel.Activation = (*frame)(nil)

// unstated stands for what the request does not state, open for what a prospect leaves open.
var (
	unstated = types.NewErr("not stated")
	open     = types.NewUnknown(0, nil)
)

// fewNames are found sooner one by one.
const fewNames = 8

// slot finds a variable.
func (p *Policy) slot(name string) (int, bool) {
	if len(p.names) > fewNames {
		i, ok := p.slots[name]
		return i, ok
	}
	i := slices.Index(p.names, name)
	return i, i >= 0
}

// value is a variable by its slot, unstated where there is none.
func (f *frame) value(slot int) ref.Val {
	v := f.vals[slot]
	if v == nil {
		x := &f.p.vars[slot]
		if !f.ahead || x.foreseen {
			v = x.value(f)
		}
		switch {
		case v == nil && f.ahead:
			v = open
		case v == nil:
			v = unstated
		}
		if !x.perField {
			f.vals[slot] = v
		}
	}
	return v
}

// ResolveName gives conditions their variables.
func (f *frame) ResolveName(name string) (any, bool) {
	slot, ok := f.p.slot(name)
	if !ok {
		return nil, false
	}
	return f.value(slot), true
}

// Parent is nil: there is nothing else to see.
func (f *frame) Parent() cel.Activation { return nil }

// release forgets the request and gives the frame back.
func (f *frame) release() {
	clear(f.vals)
	f.in, f.view, f.field, f.ahead, f.when = nil, nil, 0, false, time.Time{}
	f.p.pool.Put(f)
}

// bounded is a text of the length that costs were estimated for.
func bounded(s string) ref.Val {
	if len(s) > maxText {
		return nil
	}
	return types.String(s)
}

// required is a text that is not empty.
func required(s string) ref.Val {
	if s == "" {
		return nil
	}
	return bounded(s)
}

// texts is a list of texts of the size that costs were estimated for.
func texts(list []string) ref.Val {
	if len(list) > maxList {
		return nil
	}
	for _, s := range list {
		if len(s) > maxText {
			return nil
		}
	}
	return types.NewStringList(types.DefaultTypeAdapter, list)
}

// lastRoles are roles that were seen lately, as a value: the same people ask again and again.
type lastRoles struct {
	list []string
	val  ref.Val
}

func (f *frame) roles() ref.Val {
	list := f.in.Request.Principal.Roles
	at := len(list)
	if at > 0 && list[0] != "" {
		at += len(list[0]) + int(list[0][len(list[0])-1])
	}
	slot := &f.p.roles[at%len(f.p.roles)]
	if last := slot.Load(); last != nil && slices.Equal(last.list, list) {
		return last.val
	}
	own := slices.Clone(list)
	v := texts(own)
	if v != nil {
		slot.Store(&lastRoles{own, v})
	}
	return v
}

// instant is a time that was given.
func instant(t time.Time) ref.Val {
	if t.IsZero() {
		return nil
	}
	return types.Timestamp{Time: t}
}

// local is the instant that is judged by on the controller's calendar.
func (f *frame) local() (t time.Time, ok bool) {
	at := f.in.Request.At
	if f.when.IsZero() && !at.IsZero() {
		f.when = at.In(f.p.reg.Zone())
	}
	return f.when, !at.IsZero()
}

func (f *frame) date() ref.Val {
	if t, ok := f.local(); ok {
		return types.String(t.Format(time.DateOnly))
	}
	return nil
}

func (f *frame) hour() ref.Val {
	if t, ok := f.local(); ok {
		return types.Int(t.Hour())
	}
	return nil
}

func (f *frame) minute() ref.Val {
	if t, ok := f.local(); ok {
		return types.Int(t.Minute())
	}
	return nil
}

func (f *frame) weekday() ref.Val {
	if t, ok := f.local(); ok {
		return types.Int((int(t.Weekday())+6)%7 + 1)
	}
	return nil
}
