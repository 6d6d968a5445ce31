package check

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/purposebound/purposebound/purpose"
)

// cell is what an activity allows of one kind, and what of it no policy ever permits.
type cell struct {
	kind
	grant         int
	allowed, dead cats
}

// gaps lists what the register allows and no policy ever permits: whatever is dead as a whole first, then what is left.
func (c *checker) gaps(lots []lot) {
	if c.blind() {
		return
	}
	byActivity := make([][]cell, len(c.spec.Activities))
	for i := range lots {
		l := &lots[i]
		for _, s := range l.stakes {
			if len(s.allowed) == 0 {
				continue
			}
			dead := s.allowed.filter(func(id purpose.ID) bool { return !l.seen.has(id) })
			byActivity[s.activity] = append(byActivity[s.activity], cell{l.kind, s.grant, s.allowed, dead})
		}
	}
	for i, cells := range byActivity {
		g := gapper{checker: c, activity: i, cells: cells}
		g.run()
	}
}

// gapper finds the gaps of one activity.
type gapper struct {
	*checker
	activity int
	cells    []cell
}

func (g *gapper) run() {
	if len(g.cells) == 0 {
		return
	}
	if !slices.ContainsFunc(g.cells, alive) {
		g.report("activity.never", g.cells, "no policy ever permits anything of the activity %s", g.key())
		return
	}
	purposes, recipients := map[purpose.ID]bool{}, map[string]bool{}
	for i := range g.cells {
		k := g.cells[i].kind
		purposes[k.leaf] = true
		if k.recipient != "" {
			recipients[k.recipient] = true
		}
	}
	for _, leaf := range slices.Sorted(maps.Keys(purposes)) {
		g.whole("purpose.never", func(k kind) bool { return k.leaf == leaf }, "no policy ever permits anything of the activity %s for %s", g.key(), g.reg.Purposes().Key(leaf))
	}
	for _, to := range slices.Sorted(maps.Keys(recipients)) {
		g.whole("recipient.never", func(k kind) bool { return k.recipient == to }, "no policy ever lets %s have anything of the activity %s", to, g.key())
	}
	g.categories()
	g.rest()
}

func (g *gapper) key() string { return g.spec.Activities[g.activity].Key }

// alive reports whether something of a cell may be permitted.
func alive(x cell) bool { return len(x.dead) < len(x.allowed) }

// whole reports and takes out the cells that want picks, if none of them is alive.
func (g *gapper) whole(code string, want func(kind) bool, format string, args ...any) {
	var picked, left []cell
	for _, x := range g.cells {
		if want(x.kind) {
			picked = append(picked, x)
		} else {
			left = append(left, x)
		}
	}
	if len(picked) == 0 || slices.ContainsFunc(picked, alive) {
		return
	}
	g.report(code, picked, format, args...)
	g.cells = left
}

// categories reports and takes out those that are dead wherever they are allowed.
func (g *gapper) categories() {
	var allowed, seen cats
	for _, x := range g.cells {
		allowed = allowed.with(x.allowed)
		seen = seen.with(x.allowed.filter(func(id purpose.ID) bool { return !x.dead.has(id) }))
	}
	dead := allowed.filter(func(id purpose.ID) bool { return !seen.has(id) })
	if len(dead) == 0 {
		return
	}
	var picked []cell
	for i := range g.cells {
		x := &g.cells[i]
		if of := x.allowed.filter(dead.has); len(of) > 0 {
			picked = append(picked, cell{x.kind, x.grant, of, of})
		}
		keep := func(id purpose.ID) bool { return !dead.has(id) }
		x.allowed, x.dead = x.allowed.filter(keep), x.dead.filter(keep)
	}
	g.report("category.never", picked, "nobody can ever see %s for the activity %s", strings.Join(g.nodes(dead), ", "), g.key())
}

// rest reports the combinations that are left, those that differ in purpose or action alone together.
func (g *gapper) rest() {
	type group struct {
		cells []cell
		names string // of purposes, for actions with the same
	}
	var groups []group
	for _, x := range g.cells {
		if len(x.dead) == 0 {
			continue
		}
		i := slices.IndexFunc(groups, func(y group) bool {
			z := &y.cells[0]
			return z.action == x.action && z.recipient == x.recipient && slices.Equal(z.dead, x.dead)
		})
		if i < 0 {
			i = len(groups)
			groups = append(groups, group{})
		}
		groups[i].cells = append(groups[i].cells, x)
		groups[i].names += " " + strconv.Itoa(int(x.leaf))
	}
	var merged []group
	for _, y := range groups {
		z := &y.cells[0]
		if i := slices.IndexFunc(merged, func(m group) bool {
			return m.names == y.names && m.cells[0].recipient == z.recipient && slices.Equal(m.cells[0].dead, z.dead)
		}); i >= 0 {
			merged[i].cells = append(merged[i].cells, y.cells...)
			continue
		}
		merged = append(merged, y)
	}
	for _, m := range merged {
		gap := g.gap(m.cells)
		what := verbs(gap.Actions) + " " + strings.Join(gap.Categories, ", ")
		if len(gap.Recipients) > 0 {
			what += " with " + strings.Join(gap.Recipients, ", ")
		}
		g.report("field.never", m.cells, "no policy ever permits to %s for %s, which the activity %s allows", what, strings.Join(gap.Purposes, ", "), g.key())
	}
}

func verbs(actions []purpose.Action) string {
	names := make([]string, len(actions))
	for i, a := range actions {
		names[i] = a.String()
	}
	return strings.Join(names, ", ")
}

// report lists a finding about some cells.
func (g *gapper) report(code string, cells []cell, format string, args ...any) {
	a := &g.spec.Activities[g.activity]
	f := Finding{Code: code, Severity: Warning, Message: fmt.Sprintf(format, args...), Path: "activities[" + strconv.Itoa(g.activity) + "]", Clause: a.Clause}
	if code == "field.never" {
		f.Severity = Note
	}
	gap := g.gap(cells)
	f.Gap = &gap
	if grant := cells[0].grant; grant >= 0 && len(gap.Recipients) == 1 && len(gap.Actions) == 1 {
		f.Path += ".recipients[" + strconv.Itoa(grant) + "]"
		if clause := a.Recipients[grant].Clause; clause != "" {
			f.Clause = clause
		}
	}
	g.add(f)
}

// gap sums cells up.
func (g *gapper) gap(cells []cell) Gap {
	gap := Gap{Activity: g.key()}
	var purposes []purpose.ID
	var dead cats
	for _, x := range cells {
		if !slices.Contains(gap.Actions, x.action) {
			gap.Actions = append(gap.Actions, x.action)
		}
		if x.recipient != "" && !slices.Contains(gap.Recipients, x.recipient) {
			gap.Recipients = append(gap.Recipients, x.recipient)
		}
		purposes, dead = append(purposes, x.leaf), dead.with(x.dead)
	}
	slices.Sort(gap.Actions)
	slices.Sort(gap.Recipients)
	slices.Sort(purposes)
	for _, id := range slices.Compact(purposes) {
		gap.Purposes = append(gap.Purposes, g.reg.Purposes().Key(id))
	}
	gap.Categories = g.nodes(dead)
	return gap
}

// nodes names categories by the topmost nodes all of whose leaves are among them.
func (g *gapper) nodes(list cats) (names []string) {
	tree := g.reg.Categories()
	whole := func(node purpose.ID) bool {
		for id := node; tree.Within(id, node); id++ {
			if tree.Leaf(id) && !list.has(id) {
				return false
			}
		}
		return true
	}
	for i := 0; i < len(list); {
		top := list[i]
		for {
			up, ok := tree.ID(purpose.Parent(tree.Key(top)))
			if !ok || !whole(up) {
				break
			}
			top = up
		}
		names = append(names, tree.Key(top))
		for i < len(list) && tree.Within(list[i], top) {
			i++
		}
	}
	return names
}
