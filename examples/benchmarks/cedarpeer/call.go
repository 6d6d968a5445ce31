package cedarpeer

import (
	"fmt"

	cedar "github.com/cedar-policy/cedar-go"

	"github.com/purposebound/purposebound/examples/benchmarks/world"
)

// entities are the principals with their roles, and the categories with what the register says of them.
func entities(w *world.World) cedar.EntityMap {
	m := cedar.EntityMap{}
	add := func(kind, id string, attributes cedar.RecordMap, parents ...cedar.EntityUID) {
		uid := cedar.NewEntityUID(cedar.EntityType(kind), cedar.String(id))
		m[uid] = cedar.Entity{UID: uid, Parents: cedar.NewEntityUIDSet(parents...), Attributes: cedar.NewRecord(attributes)}
	}
	texts := func(keys []string) cedar.Set {
		all := make([]cedar.Value, len(keys))
		for i, k := range keys {
			all[i] = cedar.String(k)
		}
		return cedar.NewSet(all...)
	}
	add("Register", "all", cedar.RecordMap{"purposes": texts(w.Purposes)})
	for _, p := range world.Principals {
		roles := make([]cedar.EntityUID, len(p.Roles))
		for i, r := range p.Roles {
			roles[i] = cedar.NewEntityUID("Role", cedar.String(r))
		}
		add("User", p.ID, nil, roles...)
	}
	banned := map[string]bool{}
	for _, c := range w.Banned {
		banned[c] = true
	}
	activities := map[string]*world.Activity{}
	for i := range w.Activities {
		activities[w.Activities[i].Group] = &w.Activities[i]
	}
	for _, r := range w.Records {
		for _, c := range r.Categories {
			a := activities[world.Group(c)]
			actions := make([]cedar.Value, len(a.Actions))
			for i, name := range a.Actions {
				actions[i] = cedar.NewEntityUID("Action", cedar.String(name))
			}
			add("Category", c, cedar.RecordMap{"purposes": texts(a.Purposes), "actions": cedar.NewSet(actions...), "banned": cedar.Boolean(banned[c])},
				cedar.NewEntityUID("Group", cedar.String(a.Group)))
		}
	}
	return m
}

// Ask implements world.Loaded.
func (h *held) Ask(q world.Question) (world.Call, error) {
	c := &call{held: h, purpose: q.Purpose}
	context := cedar.NewRecord(cedar.RecordMap{"purpose": cedar.String(q.Purpose), "active": cedar.Boolean(q.Person.Active),
		"restricted": cedar.Boolean(q.Person.Restricted)})
	for i, category := range h.w.Records[q.Record].Categories {
		c.requests[i] = cedar.Request{Principal: cedar.NewEntityUID("User", cedar.String(q.Principal.ID)),
			Action: cedar.NewEntityUID("Action", cedar.String(q.Action)), Resource: cedar.NewEntityUID("Category", cedar.String(category)), Context: context}
	}
	return c, nil
}

type call struct {
	*held
	purpose   string
	requests  [world.Width]cedar.Request
	decisions [world.Width]cedar.Decision
	why       [world.Width]cedar.Diagnostic
}

func (c *call) Run() error {
	for i := range c.requests {
		if c.byPurpose == nil {
			c.decisions[i], c.why[i] = cedar.Authorize(c.all, c.entities, c.requests[i])
		} else {
			ps, ok := c.byPurpose[c.purpose]
			if !ok {
				ps = c.other
			}
			c.decisions[i], c.why[i] = cedar.Authorize(ps, c.entities, c.requests[i])
		}
		if errs := c.why[i].Errors; len(errs) > 0 {
			return fmt.Errorf("cedarpeer: %s", errs[0].Message)
		}
	}
	return nil
}

func (c *call) Answer() (a world.Answer) {
	for i, d := range c.decisions {
		if d == cedar.Allow {
			continue
		}
		a[i] = world.NoNeed
		for _, r := range c.why[i].Reasons {
			a[i] = min(a[i], world.CodeOf(string(r.PolicyID)))
		}
	}
	return a
}
