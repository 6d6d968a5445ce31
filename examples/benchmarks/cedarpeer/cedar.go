// Package cedarpeer is the decision in Cedar, evaluated by cedar-go: with all policies in one set, as its users begin, and
// with an index by purpose that we wrote, since the evaluator asks every policy that it is given.
//
// What the register says of a category stands on the entity of the category; forbids hold requests to it, so that the
// diagnosis names every reason. Permits say who needs to know.
package cedarpeer

import (
	"fmt"
	"iter"
	"strings"

	cedar "github.com/cedar-policy/cedar-go"

	"github.com/purposebound/purposebound/examples/benchmarks/world"
)

// Contenders are the ways to ask Cedar.
func Contenders() []world.Contender {
	return []world.Contender{
		{Key: "cedar.plain", Family: "Cedar", Name: "per field, all policies", Most: 2000, Why: "each policy is asked about each field", Load: func(w *world.World) (world.Loaded, error) { return load(w, false) }},
		{Key: "cedar.index", Family: "Cedar", Name: "per field, own index by purpose", Load: func(w *world.World) (world.Loaded, error) { return load(w, true) }},
	}
}

// rules hold requests to the register. Each is named by the code that it gives.
var rules = []struct {
	code world.Code
	text string
}{
	{world.NoPurpose, `forbid (principal, action, resource) unless { Register::"all".purposes.contains(context.purpose) };`},
	{world.Limited, `forbid (principal, action, resource) when { context.restricted };`},
	{world.NotCovered, `forbid (principal, action, resource) unless { resource.purposes.contains(context.purpose) };`},
	{world.NoAction, `forbid (principal, action, resource) unless { resource.actions.contains(action) };`},
	{world.NoBasis, `forbid (principal, action, resource) unless { context.active };`},
	{world.Ban, `forbid (principal, action, resource) when { resource.banned } unless { principal in Role::"supervisor" };`},
}

// policies is a list of policies with their names; it is what the evaluator goes through.
type policies struct {
	ids  []cedar.PolicyID
	list []*cedar.Policy
}

func (p *policies) All() iter.Seq2[cedar.PolicyID, *cedar.Policy] {
	return func(yield func(cedar.PolicyID, *cedar.Policy) bool) {
		for i, id := range p.ids {
			if !yield(id, p.list[i]) {
				return
			}
		}
	}
}

func (p *policies) add(id, text string) error {
	var one cedar.Policy
	if err := one.UnmarshalCedar([]byte(text)); err != nil {
		return fmt.Errorf("cedarpeer: %s: %w", id, err)
	}
	p.ids, p.list = append(p.ids, cedar.PolicyID(id)), append(p.list, &one)
	return nil
}

func (p *policies) with(more *policies) *policies {
	return &policies{ids: append(p.ids[:len(p.ids):len(p.ids)], more.ids...), list: append(p.list[:len(p.list):len(p.list)], more.list...)}
}

func permit(n *world.Need) string {
	list := func(kind string, keys []string) string {
		all := make([]string, len(keys))
		for i, k := range keys {
			all[i] = fmt.Sprintf("%s::%q", kind, k)
		}
		return "[" + strings.Join(all, ", ") + "]"
	}
	when := "principal in " + list("Role", n.Roles)
	if n.Purposes != nil {
		quoted := make([]string, len(n.Purposes))
		for i, p := range n.Purposes {
			quoted[i] = fmt.Sprintf("context.purpose == %q", p)
		}
		when = "(" + strings.Join(quoted, " || ") + ") && " + when
	}
	if n.Groups != nil {
		when += " && resource in " + list("Group", n.Groups)
	}
	return "permit (principal, action in " + list("Action", n.Actions) + ", resource) when { " + when + " };"
}

// held is the policies: one set, or with an index those of each purpose.
type held struct {
	w         *world.World
	all       *cedar.PolicySet
	byPurpose map[string]*policies
	other     *policies // of purposes that the register does not know
	entities  cedar.EntityMap
}

func load(w *world.World, index bool) (world.Loaded, error) {
	h := &held{w: w, entities: entities(w)}
	var always, general policies
	own := map[string]*policies{}
	for _, r := range rules {
		if err := always.add(r.code.String(), r.text); err != nil {
			return nil, err
		}
	}
	for _, n := range w.Needs {
		if n.Purposes == nil {
			if err := general.add(n.Key, permit(&n)); err != nil {
				return nil, err
			}
		}
		for _, p := range n.Purposes {
			if own[p] == nil {
				own[p] = &policies{}
			}
			if err := own[p].add(n.Key, permit(&n)); err != nil {
				return nil, err
			}
		}
	}
	h.other = always.with(&general)
	if index {
		h.byPurpose = map[string]*policies{}
		for p, more := range own {
			h.byPurpose[p] = h.other.with(more)
		}
		return h, nil
	}
	h.all = cedar.NewPolicySet()
	put := func(ps *policies) {
		for id, p := range ps.All() {
			h.all.Add(id, p)
		}
	}
	put(h.other)
	for _, ps := range own {
		put(ps)
	}
	return h, nil
}
