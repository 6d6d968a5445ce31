package check

import (
	"slices"

	"github.com/purposebound/purposebound/purpose"
)

// closure keeps categories from what is done, whatever a request says: a lock, or a prohibition without exception.
type closure struct {
	categories purpose.Set
	open       purpose.Set // purposes that a lock reserves them for; nil for a prohibition
	purposes   purpose.Set // that a prohibition is about; nil: all
	actions    []purpose.Action
	recipients []string
	lock       bool
}

func (c *checker) closures() (list []closure) {
	purposes, categories := c.reg.Purposes(), c.reg.Categories()
	for i := range c.spec.Locks {
		l := &c.spec.Locks[i]
		list = append(list, closure{lock: true, categories: categories.Below(l.Categories...), open: purposes.Below(l.Purposes...)})
	}
	for i := range c.spec.Prohibited {
		if b := &c.spec.Prohibited[i]; len(b.Unless) == 0 {
			x := closure{categories: categories.Below(b.Categories...), actions: b.Actions, recipients: b.Recipients}
			if len(b.Purposes) > 0 {
				x.purposes = purposes.Below(b.Purposes...)
			}
			list = append(list, x)
		}
	}
	return list
}

// concerns reports whether the closure stands in the way of a kind.
func (x *closure) concerns(k kind) bool {
	if x.lock {
		return !x.open.Has(k.leaf)
	}
	return (x.purposes == nil || x.purposes.Has(k.leaf)) && (len(x.actions) == 0 || slices.Contains(x.actions, k.action)) &&
		(len(x.recipients) == 0 || slices.Contains(x.recipients, k.recipient))
}
