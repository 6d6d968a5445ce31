package celpolicy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// compiler checks rules against a register and makes their compiled form.
type compiler struct {
	reg        *purpose.Register
	spec       purpose.Spec
	recipients map[string]bool
	problems   Problems
	rules      []rule
	exprs      exprs
	spend      uint64 // what all conditions cost together at most
	limited    bool   // some have no bound
}

// index makes a path: "purposes[1]".
func index(key string, i int) string { return key + "[" + strconv.Itoa(i) + "]" }

// actionNames is for messages.
func actionNames() string { return strings.Join(namesFrom(purpose.Collect), ", ") }

// fail reports what is wrong at a path inside a rule, unless the reader has.
func (c *compiler) fail(r *Rule, i int, code, path, format string, args ...any) {
	if r.origin != nil && r.origin.reported[path] {
		return
	}
	p := position{line: r.Line}
	if r.origin != nil {
		p = r.origin.at(path)
	}
	c.failAt(r, i, p, code, path, format, args...)
}

func (c *compiler) failAt(r *Rule, i int, p position, code, path, format string, args ...any) {
	where := index("rules", i)
	if purpose.ValidKey(r.ID) {
		where = "rules[" + r.ID + "]"
	}
	if path != "" {
		where += "." + path
	}
	c.problems.add(purpose.Problem{Code: code, Path: where, Message: fmt.Sprintf(format, args...), File: r.File, Line: p.line, Column: p.column})
}

// compile checks every rule and keeps the good ones, sorted by id: their order never matters.
func (c *compiler) compile(rules []Rule) {
	if len(rules) == 0 && len(c.problems) == 0 {
		c.problems.add(purpose.Problem{Code: "rule.none", Message: "a policy without rules permits nothing"})
	}
	if len(rules) > MaxRules {
		c.problems.add(purpose.Problem{Code: "list.size", Message: fmt.Sprintf("%d rules, at most %d", len(rules), MaxRules)})
		return
	}
	c.recipients = make(map[string]bool, len(c.spec.Recipients))
	for i := range c.spec.Recipients {
		c.recipients[c.spec.Recipients[i].Key] = true
	}
	seen := make(map[string]bool, len(rules))
	for i := range rules {
		r := &rules[i]
		switch {
		case !purpose.ValidKey(r.ID):
			c.fail(r, i, "rule.id", "id", "%q is no id: lower-case words joined by dots, at most %d bytes", clip(r.ID), purpose.MaxKey)
		case seen[r.ID]:
			c.fail(r, i, "rule.duplicate", "id", "there is another rule %q", r.ID)
		}
		seen[r.ID] = true
		if r.Effect < policy.EffectPermit || r.Effect > policy.EffectOblige {
			c.fail(r, i, "rule.effect", "effect", "a rule has one of the effects permit, deny, redact, oblige")
		}
		c.rules = append(c.rules, rule{
			id: r.ID, effect: r.Effect, mask: r.Mask, file: r.File, line: r.Line,
			actions: c.actions(r, i),
			roles:   c.names(r, i, "roles", r.Roles), tasks: c.names(r, i, "tasks", r.Tasks), except: c.names(r, i, "except_roles", r.ExceptRoles),
			purposes:    c.nodes(r, i, "purposes", c.reg.Purposes(), r.Purposes),
			categories:  c.nodes(r, i, "categories", c.reg.Categories(), r.Categories),
			recipients:  c.recipientsOf(r, i),
			obligations: c.obligations(r, i),
			when:        c.condition(r, i),
		})
		c.allowed(r, i)
	}
	slices.SortFunc(c.rules, func(a, b rule) int { return strings.Compare(a.id, b.id) })
}

// allowed refuses what does not go with the effect.
func (c *compiler) allowed(r *Rule, i int) {
	refuse := func(code, path string, given bool, why string) {
		if given {
			c.fail(r, i, code, path, "%s", why)
		}
	}
	switch {
	case r.Effect == policy.EffectPermit:
		refuse("rule.selector", "except_roles", r.ExceptRoles != nil, "a permit rule that excepts roles would permit more to whoever leaves a role out: use roles")
	case r.Effect != 0:
		refuse("rule.selector", "roles", r.Roles != nil, "a rule that narrows by roles would do less to whoever leaves a role out: use except_roles")
		refuse("rule.selector", "tasks", r.Tasks != nil, "a rule that narrows by tasks would do less to whoever leaves a task out: select tasks in permit rules")
	}
	if r.Effect != policy.EffectRedact && r.Effect != 0 {
		refuse("rule.mask", "mask", r.Mask != 0, "only redact rules have a mask")
	}
	refuse("rule.mask", "mask", int(r.Mask) > int(policy.Initials), "unknown mask")
	if r.Effect != policy.EffectOblige && r.Effect != 0 {
		refuse("rule.obligations", "obligations", r.Obligations != nil, "only oblige rules have obligations")
	}
	refuse("rule.obligations", "obligations", r.Effect == policy.EffectOblige && len(r.Obligations) == 0, "an oblige rule names its obligations")
}

// sized refuses lists that are empty or too long.
func (c *compiler) sized(r *Rule, i int, path string, isNil bool, n int) bool {
	switch {
	case isNil:
		return false
	case n == 0:
		c.fail(r, i, "list.empty", path, "an empty list selects nothing: leave it out to select all")
		return false
	case n > MaxEntries:
		c.fail(r, i, "list.size", path, "%d entries, at most %d", n, MaxEntries)
		return false
	}
	return true
}

func (c *compiler) actions(r *Rule, i int) (set uint8) {
	if !c.sized(r, i, "actions", r.Actions == nil, len(r.Actions)) {
		return 0
	}
	for j, a := range r.Actions {
		switch {
		case a == 0 || a > purpose.Decide:
			c.fail(r, i, "value.invalid", index("actions", j), "an action is one of %s", actionNames())
		case set&(1<<a) != 0:
			c.fail(r, i, "list.duplicate", index("actions", j), "%q is listed twice", a)
		default:
			set |= 1 << a
		}
	}
	return set
}

// names checks roles and tasks, which the register does not know: the application names them.
func (c *compiler) names(r *Rule, i int, key string, list []string) []string {
	if !c.sized(r, i, key, list == nil, len(list)) {
		return nil
	}
	for j, s := range list {
		if s == "" || len(s) > maxText {
			c.fail(r, i, "value.invalid", index(key, j), "a name is 1 to %d bytes", maxText)
		}
	}
	return c.sorted(r, i, key, list)
}

// sorted is the list in order; what is listed twice is a problem.
func (c *compiler) sorted(r *Rule, i int, key string, list []string) []string {
	at := make(map[string]bool, len(list))
	for j, s := range list {
		if at[s] {
			c.fail(r, i, "list.duplicate", index(key, j), "%q is listed twice", clip(s))
		}
		at[s] = true
	}
	return slices.Sorted(slices.Values(list))
}

// nodes turns keys into the topmost nodes that they name, in order; nil selects all.
func (c *compiler) nodes(r *Rule, i int, key string, tree *purpose.Tree, list []string) []purpose.ID {
	if !c.sized(r, i, key, list == nil, len(list)) {
		return nil
	}
	ids := make([]purpose.ID, 0, len(list))
	for j, k := range list {
		id, ok := tree.ID(k)
		if !ok {
			c.fail(r, i, "ref.unknown", index(key, j), "%q is not among the %s of the register", clip(k), key)
			continue
		}
		ids = append(ids, id)
	}
	c.sorted(r, i, key, list)
	slices.Sort(ids)
	top := ids[:0]
	for _, id := range ids { // numbers go depth first: what is below a node follows it
		if len(top) == 0 || !tree.Within(id, top[len(top)-1]) {
			top = append(top, id)
		}
	}
	return top
}

func (c *compiler) recipientsOf(r *Rule, i int) []string {
	if !c.sized(r, i, "recipients", r.Recipients == nil, len(r.Recipients)) {
		return nil
	}
	for j, k := range r.Recipients {
		if !c.recipients[k] {
			c.fail(r, i, "ref.unknown", index("recipients", j), "%q is not among the recipients of the register", clip(k))
		}
	}
	return c.sorted(r, i, "recipients", r.Recipients)
}

func (c *compiler) obligations(r *Rule, i int) []string {
	if !c.sized(r, i, "obligations", r.Obligations == nil, len(r.Obligations)) {
		return nil
	}
	for j, k := range r.Obligations {
		if !purpose.ValidKey(k) {
			c.fail(r, i, "value.invalid", index("obligations", j), "%q is no key", clip(k))
		}
	}
	return c.sorted(r, i, "obligations", r.Obligations)
}
