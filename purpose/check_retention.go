package purpose

import (
	"encoding/json"
	"strings"

	"github.com/purposebound/purposebound/retention"
)

// EventCollected is the event that retention rules may anchor on without declaring it: the time at which a
// datum was collected, as the request states it.
const EventCollected = "collected"

func (c *compiler) retention() {
	r := c.r
	for i := range r.spec.Retention {
		rule, p := &r.spec.Retention[i], at("retention", i)
		for _, e := range rule.Validate() {
			c.problem("retention."+string(e.Code), at(p, e.Field), "%s", strings.ReplaceAll(string(e.Code), "-", " "))
		}
		c.nodes("categories", r.categories, at(p, "categories"), rule.Categories)
		c.nodes("purposes", r.purposes, at(p, "purposes"), rule.Purposes)
		for _, list := range []struct {
			field string
			keys  []string
		}{
			{"anchor.events", rule.Anchor.Events}, {"anchor.reopened", rule.Anchor.Reopened},
			{"when.happened", rule.When.Happened}, {"when.not_happened", rule.When.NotHappened},
		} {
			c.each(at(p, list.field), list.keys, func(p, k string) {
				if k != EventCollected {
					c.ref("events", r.events, p, k)
				}
			})
		}
		if rule.Law != "" {
			c.ref("laws", r.laws, at(p, "law"), rule.Law)
		}
		c.assumed(p, rule.Key, rule.Assumed, rule.Note)
	}
}

// retentionOf checks that some rule says for every category, and for every purpose, how long it is kept.
func (c *compiler) retentionOf(p string, a *Activity, purposes, categories Set) {
	r := c.r
	var ruled Set
	c.each(at(p, "retention"), a.Retention, func(p, k string) {
		if !c.ref("retention", r.rules, p, k) {
			return
		}
		i := r.rules[k]
		rule := &r.spec.Retention[i]
		reach, served := below(r.categories, rule.Categories), below(r.purposes, rule.Purposes)
		if !reach.meets(categories) {
			c.problem("rule.unreachable", p, "rule %q covers no category of the activity", clip(k))
		}
		for id := range purposes.All {
			if r.purposes.Leaf(id) && !served.Has(id) {
				c.problem("rule.unreachable", p, "rule %q is not stated for %q", clip(k), clip(r.purposes.Key(id)))
				break
			}
		}
		ruled = ruled.or(reach)
		c.served[i] = c.served[i].or(purposes)
	})
	for id := range categories.All {
		if r.categories.Leaf(id) && !ruled.Has(id) && len(a.Retention) > 0 {
			c.problem("activity.retention", at(p, "retention"), "no rule of the activity says how long %q is kept", clip(r.categories.Key(id)))
		}
	}
}

// floors reports a floor above the ceiling of another rule that counts the same data for the same purpose
// from the same start. Rules of different purposes may differ, and each rule alone is validated before.
func (c *compiler) floors() {
	r := c.r
	reach := make([]Set, len(c.served))
	ceilings := make(map[string][]int) // by how they count
	clock := func(rule *retention.Rule) string {
		text, err := json.Marshal([]any{rule.Unit, rule.Anchor, rule.When})
		if err != nil {
			return "" // a value without a written form, reported before
		}
		return string(text)
	}
	for i := range c.served {
		rule := &r.spec.Retention[i]
		reach[i] = below(r.categories, rule.Categories)
		if !rule.Ceiling.IsZero() {
			ceilings[clock(rule)] = append(ceilings[clock(rule)], i)
		}
	}
	for i := range c.served {
		rule := &r.spec.Retention[i]
		if rule.Floor.IsZero() {
			continue
		}
		for _, j := range ceilings[clock(rule)] {
			if i != j && c.served[i].meets(c.served[j]) && reach[i].meets(reach[j]) && rule.Floor.CanExceed(r.spec.Retention[j].Ceiling) {
				c.problem("retention.floor-above-ceiling", at("retention", i, "floor"), "above the ceiling of %q, which counts the same data for the same purpose", clip(r.spec.Retention[j].Key))
			}
		}
	}
}
