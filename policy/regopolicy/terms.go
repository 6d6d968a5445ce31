package regopolicy

import (
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/purposebound/purposebound/purpose"
)

// terms are what inputs are made of, made once for a policy and shared by its evaluations.
type terms struct {
	action, purpose, purposes, notice, dataset, reviewer, principal, recipient, capacities, facts, time, fields *ast.Term // sections
	id, roles, tasks, organisation, country, key, kind, at, date, hour, minute, weekday                         *ast.Term
	category, within, class                                                                                     *ast.Term
	rule, field, mask, obligation                                                                               *ast.Term // of answers

	actions, kinds []*ast.Term
	factKeys       map[string]*ast.Term
	written        map[string]*ast.Term // texts of rules, which requests repeat

	mu    sync.RWMutex
	asked map[purpose.ID]purposeTerms
}

// purposeTerms are a purpose, and the list of it and what is above it.
type purposeTerms struct{ leaf, line *ast.Term }

func newTerms(register *purpose.Register) *terms {
	s := ast.StringTerm
	t := &terms{
		action: s("action"), purpose: s("purpose"), purposes: s("purposes"), notice: s("notice"), dataset: s("dataset"), reviewer: s("reviewer"),
		principal: s("principal"), recipient: s("recipient"), capacities: s("capacities"), facts: s("facts"), time: s("time"), fields: s("fields"),
		id: s("id"), roles: s("roles"), tasks: s("tasks"), organisation: s("organisation"), country: s("country"), key: s("key"), kind: s("kind"),
		at: s("at"), date: s("date"), hour: s("hour"), minute: s("minute"), weekday: s("weekday"),
		category: s(keyCategory), within: s("within"), class: s("class"),
		rule: s(keyRule), field: s(keyField), mask: s(keyMask), obligation: s(keyObligation),
		factKeys: map[string]*ast.Term{}, asked: map[purpose.ID]purposeTerms{},
	}
	t.actions = append([]*ast.Term{nil}, textTerms(namesFrom(purpose.Collect))...)
	t.kinds = append([]*ast.Term{nil}, textTerms(namesFrom(purpose.Processor))...)
	spec := register.Spec()
	for i := range spec.Facts {
		t.factKeys[spec.Facts[i].Key] = s(spec.Facts[i].Key)
	}
	return t
}

// learn takes note of the texts of rules.
func (t *terms) learn(c *compiled) {
	t.written = map[string]*ast.Term{}
	for _, w := range c.rules {
		ast.WalkTerms(w.rule, func(x *ast.Term) bool {
			if s, isText := x.Value.(ast.String); isText && t.written[string(s)] == nil {
				t.written[string(s)] = ast.NewTerm(s)
			}
			return false
		})
	}
}

// text is a term for a text.
func (t *terms) text(s string) *ast.Term {
	if x := t.written[s]; x != nil {
		return x
	}
	return ast.StringTerm(s)
}

func textTerms(list []string) []*ast.Term {
	terms := make([]*ast.Term, len(list))
	for i, s := range list {
		terms[i] = ast.StringTerm(s)
	}
	return terms
}

// purposeOf is a purpose that may have been asked for before: there are no more than the register has.
func (t *terms) purposeOf(tree *purpose.Tree, id purpose.ID) purposeTerms {
	t.mu.RLock()
	p, ok := t.asked[id]
	t.mu.RUnlock()
	if ok {
		return p
	}
	line := ancestors(tree.Key(id))
	p = purposeTerms{leaf: line.Elem(0), line: ast.NewTerm(line)}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asked[id] = p
	return p
}

// fieldTerm is the attributes of a field.
func (t *terms) fieldTerm(tree *purpose.Tree, f *purpose.Field) *ast.Term {
	line := ancestors(tree.Key(f.Category))
	return ast.ObjectTerm(ast.Item(t.category, line.Elem(0)), ast.Item(t.within, ast.NewTerm(line)), ast.Item(t.class, ast.StringTerm(f.Class.String())))
}
