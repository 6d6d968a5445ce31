package rights

import (
	"slices"

	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// factsOf is what retention rules ask about one datum: the person's state, without what concerns other contracts, other
// records and other categories, and with what the datum brings along.
func (k *Keeper) factsOf(p *person, h *Holding, category string, stated purpose.Facts) (*retention.Facts, error) {
	f := k.reg.RetentionFacts(p.state, category, h.Reference)
	own := map[string]bool{}
	for _, e := range h.Events {
		own[e.Key] = true
	}
	f.Events = slices.DeleteFunc(f.Events, func(e retention.Event) bool { return own[e.Key] })
	f.Events = append(f.Events, h.Events...)
	if !h.CollectedAt.IsZero() && !own[purpose.EventCollected] {
		f.Events = append(f.Events, retention.Event{Key: purpose.EventCollected, At: h.CollectedAt})
	}
	f.Days, f.Lengths = slices.Clone(h.Days), h.Lengths
	for i := range stated {
		n := &stated[i]
		given := slices.ContainsFunc(h.Days, func(d retention.GivenDay) bool { return d.Key == n.Fact })
		if n.Value.Type() == purpose.Instant && !given {
			f.Days = append(f.Days, retention.GivenDay{Key: n.Fact, Day: retention.DateOf(n.Value.Instant(), f.Zone)})
		}
	}
	return &f, f.Check()
}

// reaches reports whether nodes, of which none means all, have something in common with a category.
func (k *Keeper) reaches(nodes []string, category string) bool {
	return len(nodes) == 0 || slices.ContainsFunc(nodes, func(n string) bool { return k.reg.Within(category, n) || k.reg.Within(n, category) })
}
