package agreement_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/regopolicy"
	"github.com/purposebound/purposebound/purpose"
)

// module writes rules in Rego.
type module struct {
	strings.Builder
	bend bend
	n    int // helpers so far
}

// regoOf renders rules as a module in the form of package regopolicy.
func regoOf(rules []*rule, b bend) string {
	m := &module{bend: b}
	m.WriteString("package purposebound\n\nimport rego.v2\n")
	if slices.ContainsFunc(rules, func(r *rule) bool { return r.byLibrary && (r.roles != nil || r.tasks != nil || r.exceptRoles != nil) }) && b != "rego: except_roles is ignored" {
		m.WriteString("import data.purposebound.lib\n")
	}
	for _, r := range rules {
		m.rule(r)
	}
	return m.String()
}

// set writes a set of texts.
func set(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = fmt.Sprintf("%q", s)
	}
	return "{" + strings.Join(quoted, ", ") + "}"
}

// helper writes a rule of its own, one definition for each body, and returns how to ask for it.
func (m *module) helper(perField bool, bodies ...[]string) string {
	m.n++
	name := fmt.Sprintf("h%d", m.n)
	if perField {
		name += "(n, f)"
	}
	for _, lines := range bodies {
		fmt.Fprintf(m, "\n%s if {\n\t%s\n", name, strings.Join(lines, "\n\t"))
		if perField { // both arguments are used
			m.WriteString("\tis_string(n)\n\tis_object(f)\n")
		}
		m.WriteString("}\n")
	}
	return name
}

// one writes alternatives in one line where there is one, else as a helper.
func (m *module) one(perField bool, bodies []string) string {
	if len(bodies) == 1 && !strings.Contains(bodies[0], "\n") {
		return bodies[0]
	}
	var all [][]string
	for _, b := range bodies {
		all = append(all, []string{b})
	}
	return m.helper(perField, all...)
}

// holds is a line that is true when the condition, or its opposite, is.
func (m *module) holds(c *cond, want bool) string {
	switch c.op {
	case 'a':
		bodies := c.atom.yes
		if !want {
			bodies = c.atom.no
		}
		if m.bend == "rego: at least is more than" {
			bodies = []string{strings.ReplaceAll(bodies[0], ">=", ">")}
		}
		return m.one(c.atom.perField, bodies)
	case '!':
		return m.holds(c.l, !want != (m.bend == "rego: a negation is dropped" && !c.oneWay()))
	}
	l, r := m.holds(c.l, want), m.holds(c.r, want)
	if (c.op == '&') == want != (m.bend == "rego: and is or") {
		return m.helper(c.perField(), []string{l, r})
	}
	return m.helper(c.perField(), []string{l}, []string{r})
}

func (c *cond) oneWay() bool {
	return slices.ContainsFunc(c.atoms(), func(a *atom) bool { return a.oneWay })
}

// stated are lines that are true when all that a condition speaks of is stated.
func (m *module) stated(c *cond) (lines []string) {
	for _, a := range c.atoms() {
		if a.stated != nil {
			lines = append(lines, m.one(false, a.stated))
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// rule writes one rule, and the denial of what it selects while it is in doubt.
func (m *module) rule(r *rule) {
	lines := m.selectors(r)
	if r.when == nil {
		m.define(r, r.effect, lines)
		return
	}
	stated := m.stated(r.when)
	per := r.when.perField()
	if !r.narrows() {
		if m.bend != "rego: what is mentioned may be absent" {
			lines = append(lines, stated...)
		}
		m.define(r, r.effect, append(lines, m.holds(r.when, true)))
		return
	}
	holds := m.helper(per, append(slices.Clone(stated), m.holds(r.when, false)))
	if len(stated) > 0 && m.bend != "rego: doubt denies nothing" {
		m.define(r, policy.EffectDeny, append(slices.Clone(lines), "not "+m.helper(false, stated)))
	}
	m.define(r, r.effect, append(lines, "not "+holds))
}

// selectors are the lines for all but categories and the condition.
func (m *module) selectors(r *rule) (lines []string) {
	if r.actions != nil && m.bend != "rego: actions are ignored" {
		lines = append(lines, "input.action in "+set(actionNames(r.actions)))
	}
	switch {
	case r.purposes == nil:
	case m.bend == "rego: purposes are leaves" && common(r.purposes, leaves):
		lines = append(lines, "input.purpose in "+set(slices.DeleteFunc(slices.Clone(r.purposes), func(s string) bool { return !slices.Contains(leaves, s) })))
	default:
		lines = append(lines, "some p in input.purposes", "p in "+set(r.purposes))
	}
	if r.roles != nil {
		lines = append(lines, m.held(r, "roles", r.roles)...)
	}
	if r.tasks != nil {
		lines = append(lines, m.held(r, "tasks", r.tasks)...)
	}
	if r.exceptRoles != nil && m.bend != "rego: except_roles is ignored" {
		lines = append(lines, "not "+m.helper(false, m.held(r, "roles", r.exceptRoles)))
	}
	switch {
	case r.recipients == nil:
	case !r.narrows():
		lines = append(lines, "input.recipient.key in "+set(r.recipients))
	case m.bend == "rego: nobody stands for anybody":
		lines = append(lines, `input.action == "share"`)
	default:
		var elsewhere []string
		for _, k := range r.recipients {
			elsewhere = append(elsewhere, fmt.Sprintf("input.recipient.key != %q", k))
		}
		lines = append(lines, `input.action == "share"`, "not "+m.helper(false, elsewhere))
	}
	return lines
}

// held asks for one of the principal's roles or tasks.
func (m *module) held(r *rule, what string, list []string) []string {
	if r.byLibrary && m.bend != "rego: except_roles is ignored" {
		return []string{fmt.Sprintf("lib.has_any_%s(%s)", map[string]string{"roles": "role", "tasks": "task"}[what], set(list))}
	}
	name := strings.TrimSuffix(what, "s")
	return []string{"some " + name + " in input.principal." + what, name + " in " + set(list)}
}

var sets = map[policy.Effect]string{policy.EffectPermit: "permit", policy.EffectDeny: "deny", policy.EffectRedact: "redact", policy.EffectOblige: "obligations"}

// define writes the definitions of a rule with an effect.
func (m *module) define(r *rule, e policy.Effect, lines []string) {
	categories, per := r.categories, r.when.perField()
	if m.bend == "rego: categories are wider" && categories != nil {
		categories = []string{strings.Split(categories[0], ".")[0]}
	}
	within := func(each string) []string {
		if categories == nil {
			return []string{each}
		}
		return []string{"some n, f in input.fields", "some c in f.within", "c in " + set(categories)}
	}
	if per { // the condition asks for name and attributes
		within = func(string) []string {
			field := []string{"some n, f in input.fields"}
			if categories != nil {
				field = append(field, "some c in f.within", "c in "+set(categories))
			}
			return field
		}
	}
	switch {
	case e == policy.EffectOblige:
		obligations := r.obligations
		if m.bend == "rego: one obligation of many" {
			obligations = obligations[:1]
		}
		if categories != nil && !per {
			within = func(string) []string {
				return []string{"some f in input.fields", "some c in f.within", "c in " + set(categories)}
			}
		}
		for _, o := range obligations {
			m.write(e, fmt.Sprintf(`{"rule": %q, "obligation": %q}`, r.id, o), slices.Concat(within("count(input.fields) > 0"), lines))
		}
	case r.byField || per:
		m.write(e, fmt.Sprintf(`{"rule": %q, "field": n%s}`, r.id, m.mask(r, e)), slices.Concat(within("some n, _ in input.fields"), lines))
	case categories == nil:
		m.write(e, fmt.Sprintf(`{"rule": %q, "category": "*"%s}`, r.id, m.mask(r, e)), lines)
	default:
		for _, c := range categories {
			m.write(e, fmt.Sprintf(`{"rule": %q, "category": %q%s}`, r.id, c, m.mask(r, e)), lines)
		}
	}
}

// mask is what a head says of it.
func (m *module) mask(r *rule, e policy.Effect) string {
	switch {
	case e != policy.EffectRedact:
		return ""
	case m.bend == "rego: another mask":
		return `, "mask": "remove"`
	}
	return fmt.Sprintf(`, "mask": %q`, r.mask)
}

func (m *module) write(e policy.Effect, head string, lines []string) {
	if len(lines) == 0 {
		lines = []string{"input.action"}
	}
	fmt.Fprintf(m, "\n%s contains %s if {\n\t%s\n}\n", sets[e], head, strings.Join(lines, "\n\t"))
}

func loadRego(t testing.TB, reg *purpose.Register, rules []*rule, b bend) (policy.Decider, error) {
	t.Helper()
	return regopolicy.Load(reg, "rego", fstest.MapFS{"policy.rego": {Data: []byte(regoOf(rules, b))}})
}
