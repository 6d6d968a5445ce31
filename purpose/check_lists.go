package purpose

import "slices"

// lists checks everything but recipients and activities.
func (c *compiler) lists() {
	r, s := c.r, &c.r.spec
	if s.Controller.Name == "" {
		c.problem("controller.name", "controller.name", "the controller needs a name")
	}
	if s.Controller.Key != "" && !ValidKey(s.Controller.Key) {
		c.problem("key.syntax", "controller.key", "%q is no key", clip(s.Controller.Key))
	}
	c.country("controller.country", s.Controller.Country)
	c.financialYears()
	for i := range s.Facts {
		c.fact(at("facts", i), &s.Facts[i])
	}
	c.conditions("controller.conditions", s.Controller.Conditions)
	for i, l := range s.Laws {
		r.lawSpans = append(r.lawSpans, c.span(at("laws", i), l.From, l.Through))
	}
	for i := range s.Assessments {
		a, p := &s.Assessments[i], at("assessments", i)
		r.assessmentSpans = append(r.assessmentSpans, c.span(p, a.From, a.Through))
		if a.From == "" {
			c.problem("date.missing", at(p, "from"), "an assessment needs the day it was made")
		}
		if a.Reference == "" {
			c.problem("assessment.reference", at(p, "reference"), "an assessment needs a reference to where it is kept")
		}
		if len(a.Purposes) == 0 {
			c.problem("assessment.scope", at(p, "purposes"), "an assessment names the purposes it covers")
		}
		c.nodes("purposes", r.purposes, at(p, "purposes"), a.Purposes)
		c.assumed(p, a.Key, a.Assumed, a.Note)
	}
	for i := range s.Prohibited {
		b, p := &s.Prohibited[i], at("prohibited", i)
		if len(b.Categories) == 0 {
			c.problem("list.empty", at(p, "categories"), "a prohibition names the categories it bans")
		}
		c.nodes("categories", r.categories, at(p, "categories"), b.Categories)
		c.nodes("purposes", r.purposes, at(p, "purposes"), b.Purposes)
		c.actions(at(p, "actions"), b.Actions)
		c.refs("recipients", r.recipients, at(p, "recipients"), b.Recipients)
		c.conditions(at(p, "unless"), b.Unless)
		c.each(at(p, "obligations"), b.Obligations, c.key)
		c.clause(p, b.Clause)
	}
	for i := range s.Events {
		e, p := &s.Events[i], at("events", i)
		if e.Relation != "" && !ValidKey(e.Relation) {
			c.problem("key.syntax", at(p, "relation"), "%q is no key", clip(e.Relation))
		}
		c.refs("capacities", r.capacities, at(p, "gives"), e.Gives)
		c.refs("capacities", r.capacities, at(p, "ends"), e.Ends)
		for j, k := range e.Ends {
			if slices.Contains(e.Gives, k) {
				c.problem("event.contradiction", at(p, "ends", j), "%q is both given and ended", clip(k))
			}
		}
	}
	for i := range s.Scopes {
		c.scope(at("scopes", i), &s.Scopes[i])
	}
	for i := range s.Datasets {
		c.dataset(at("datasets", i), &s.Datasets[i])
	}
	for i := range s.Locks {
		l, p := &s.Locks[i], at("locks", i)
		if len(l.Categories) == 0 || len(l.Purposes) == 0 {
			c.problem("list.empty", p, "a lock names the categories it reserves and the purposes it reserves them for")
		}
		c.nodes("categories", r.categories, at(p, "categories"), l.Categories)
		c.nodes("purposes", r.purposes, at(p, "purposes"), l.Purposes)
		c.ref("laws", r.laws, at(p, "law"), l.Law)
	}
	for i := range s.Compatible {
		e, p := &s.Compatible[i], at("compatible", i)
		c.leaf(at(p, "from"), e.From)
		c.leaf(at(p, "to"), e.To)
		if id, ok := r.purposes.ID(e.From); ok && r.consentOnly[id] {
			c.problem("compatible.consent", at(p, "from"), "what was collected on consent alone has no compatible further purpose (GDPR Art. 6(4))")
		}
		c.nodes("categories", r.categories, at(p, "categories"), e.Categories)
		c.ref("assessments", r.assessments, at(p, "assessment"), e.Assessment)
	}
	c.rights()
	c.retention()
}

func (c *compiler) fact(p string, f *Fact) {
	if f.Type == 0 {
		c.problem("fact.type", at(p, "type"), "a fact has one of the types %q", typeNames[1:])
	}
	if len(f.Values) > 0 && f.Type != Text && f.Type != TextList {
		c.problem("fact.values", at(p, "values"), "only text facts have a closed list of values")
	}
}

func (c *compiler) conditions(p string, list []Condition) {
	for i := range list {
		x, p := &list[i], at(p, i)
		if !c.ref("facts", c.r.facts, at(p, "fact"), x.Fact) {
			continue
		}
		f := &c.r.spec.Facts[c.r.facts[x.Fact]]
		for j, v := range x.Is {
			if v.Type() != f.Type {
				c.problem("fact.type", at(p, "is", j), "fact %q is of type %s, not %s", clip(f.Key), f.Type, v.Type())
			}
			texts := v.Texts()
			if v.Type() == Text {
				texts = []string{v.Text()}
			}
			for _, text := range texts {
				if len(f.Values) > 0 && !slices.Contains(f.Values, text) {
					c.problem("fact.values", at(p, "is", j), "%q is not among the values of %q", clip(text), clip(f.Key))
				}
			}
		}
	}
}

func (c *compiler) actions(p string, list []Action) {
	for i, a := range list {
		if a == 0 {
			c.problem("value.invalid", at(p, i), "an action is one of %q", actionNames[1:])
		}
		if slices.Index(list, a) < i {
			c.problem("list.duplicate", at(p, i), "%q is listed twice", a)
		}
	}
}

func (c *compiler) scope(p string, s *Scope) {
	if len(s.Purposes) == 0 {
		c.problem("list.empty", at(p, "purposes"), "a consent scope lists the leaf purposes that the person is shown")
	}
	for j, sp := range s.Purposes {
		c.leaf(at(p, "purposes", j, "purpose"), sp.Purpose)
		if slices.ContainsFunc(s.Purposes[:j], func(x ScopedPurpose) bool { return x.Purpose == sp.Purpose }) {
			c.problem("list.duplicate", at(p, "purposes", j, "purpose"), "%q is listed twice", clip(sp.Purpose))
		}
		if sp.Since != "" {
			c.version(at(p, "purposes", j, "since"), sp.Since)
		}
	}
	c.refs("recipients", c.r.recipients, at(p, "recipients"), s.Recipients)
}

func (c *compiler) dataset(p string, d *Dataset) {
	switch {
	case d.Role == 0:
		c.problem("value.invalid", at(p, "role"), "a role is one of %q", roleNames[1:])
	case d.Role == AsProcessor && d.OnBehalfOf == "":
		c.problem("role.contradiction", at(p, "on_behalf_of"), "a processor names whom it acts for (GDPR Art. 28)")
	case d.Role == AsProcessor && len(d.Purposes) == 0:
		c.problem("role.contradiction", at(p, "purposes"), "a processor has instructed purposes (GDPR Art. 28(3)(a))")
	case d.Role != AsProcessor && d.OnBehalfOf != "":
		c.problem("role.contradiction", at(p, "on_behalf_of"), "a controller acts for itself")
	}
	c.nodes("purposes", c.r.purposes, at(p, "purposes"), d.Purposes)
}

// leaf checks that key is a leaf purpose.
func (c *compiler) leaf(p, key string) {
	id, ok := c.r.purposes.ID(key)
	switch {
	case !ok:
		unknown(c, "purposes", p, key, c.r.purposes.ids)
	case !c.r.purposes.Leaf(id):
		c.problem("purpose.not-leaf", p, "%q has purposes below it; name them one by one", clip(key))
	}
}

func (c *compiler) country(p, code string) {
	if len(code) != 2 || code[0] < 'A' || code[0] > 'Z' || code[1] < 'A' || code[1] > 'Z' {
		c.problem("country.syntax", p, "%q is no ISO 3166 alpha-2 code", clip(code))
	}
}

func (c *compiler) clause(p, clause string) {
	if clause == "" {
		c.problem("clause.missing", at(p, "clause"), "name the clause of the notice or law that says so")
	} else if !validClause(clause) {
		c.problem("clause.syntax", at(p, "clause"), "%q is no clause: words joined by dots, dashes and underscores, at most 32 bytes, as FX-2.3.1", clip(clause))
	}
}
