package policytest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// Setting is what requests are made of to test a policy. What is not stated is made up from the register.
type Setting struct {
	Register *purpose.Register
	Plan     *purpose.Plan // nil: a field for each leaf of the categories, 64 at most
	Roles    []string      // that the policy knows
	Tasks    []string      // that the policy knows
	Facts    purpose.Facts // that matter to the policy beside made-up ones; a key may stand here with several values
	At       time.Time     // zero: noon of a Monday in May
	Requests int           // how many are made; 0: 150
}

// inputs makes the requests, the same ones every time: any role, task and fact is in about half of them.
func (s Setting) inputs() ([]*policy.Input, error) {
	if s.Register == nil {
		return nil, errors.New("there is no register")
	}
	if s.Plan == nil {
		plan, err := everything(s.Register)
		if err != nil {
			return nil, err
		}
		s.Plan = plan
	}
	if s.At.IsZero() {
		s.At = time.Date(2026, time.May, 4, 12, 0, 0, 0, s.Register.Zone())
	}
	if s.Requests <= 0 {
		s.Requests = 150
	}
	m := &maker{Setting: s, spec: s.Register.Spec(), dice: rand.New(rand.NewPCG(1, 2))}
	tree := s.Register.Purposes()
	for id := range purpose.ID(tree.Len()) {
		if tree.Leaf(id) {
			m.leaves = append(m.leaves, id)
		}
	}
	if len(m.leaves) == 0 || len(s.Plan.Fields) == 0 {
		return nil, errors.New("the register has no purpose, or the plan no field")
	}
	list := make([]*policy.Input, s.Requests)
	for i := range list {
		list[i] = m.input(i)
	}
	return list, nil
}

// everything is a plan with a field for each leaf of the categories.
func everything(reg *purpose.Register) (*purpose.Plan, error) {
	schema := purpose.Schema{Name: "record"}
	tree := reg.Categories()
	for id := purpose.ID(0); int(id) < tree.Len() && len(schema.Fields) < 64; id++ {
		if tree.Leaf(id) {
			schema.Fields = append(schema.Fields, purpose.SchemaField{Name: fmt.Sprintf("Field%d", id), Tags: purpose.Tags{Personal: tree.Key(id)}})
		}
	}
	return reg.BindSchema(schema)
}

// maker throws dice for requests.
type maker struct {
	Setting
	spec   purpose.Spec
	leaves []purpose.ID
	dice   *rand.Rand
}

func (m *maker) half() bool { return m.dice.IntN(2) == 0 }

// some is about half of a list.
func some[T any](m *maker, list []T) (out []T) {
	for _, x := range list {
		if m.half() {
			out = append(out, x)
		}
	}
	return out
}

// any is one of a list, now and then none.
func (m *maker) any(list []string) string {
	if len(list) == 0 || m.dice.IntN(8) == 0 {
		return ""
	}
	return list[m.dice.IntN(len(list))]
}

func (m *maker) input(i int) *policy.Input {
	leaf := m.leaves[i%len(m.leaves)]
	r := &policy.Request{
		Principal: policy.Principal{ID: "principal", Roles: append(some(m, m.Roles), "policytest"), Tasks: some(m, append(slices.Clone(m.Tasks), "task-1")),
			Organisation: m.spec.Controller.Key, Country: m.any([]string{"DK", "SE", "US"})},
		Action: purpose.Action(1 + m.dice.IntN(int(purpose.Decide))), Purpose: m.Register.Purposes().Key(leaf), DataSubject: "person",
		Dataset:    m.any(keys(m.spec.Datasets, func(d *purpose.Dataset) string { return d.Key })),
		Provenance: policy.Provenance{Source: m.any(keys(m.spec.Sources, func(s *purpose.Source) string { return s.Key }))},
		Facts:      m.facts(), Reviewer: m.any([]string{"principal", "reviewer"}), Minor: m.half(), At: m.At, KnownAt: m.At,
	}
	in := &policy.Input{Request: r, Plan: m.Plan, Purpose: leaf, Explain: m.half(),
		Capacities: some(m, keys(m.spec.Capacities, func(c *purpose.Capacity) string { return c.Key }))}
	if _, version, ok := m.Register.NoticeAt(m.At); ok {
		in.Notice = version
	}
	if r.Action == purpose.Share && len(m.spec.Recipients) > 0 {
		to := &m.spec.Recipients[m.dice.IntN(len(m.spec.Recipients))]
		r.Recipient, in.RecipientKind = to.Key, to.Kind
		if len(to.Countries) > 0 {
			in.Country = to.Countries[m.dice.IntN(len(to.Countries))]
			r.Country = in.Country
		}
		r.Statute = m.any(keys(m.spec.Laws, func(l *purpose.Law) string { return l.Key }))
	}
	if i%4 == 0 {
		in.Fields = purpose.AllFields(len(m.Plan.Fields))
		return in
	}
	for f := range m.Plan.Fields {
		if m.half() {
			in.Fields.Add(f)
		}
	}
	return in
}

// facts states about half of the declared facts, and those of the setting more often.
func (m *maker) facts() (list purpose.Facts) {
	for i := range m.spec.Facts {
		f := &m.spec.Facts[i]
		own := slices.DeleteFunc(slices.Clone(m.Facts), func(n purpose.NamedValue) bool { return n.Fact != f.Key })
		switch {
		case len(own) > 0 && m.dice.IntN(4) > 0:
			list = append(list, own[m.dice.IntN(len(own))])
		case m.half():
			list = append(list, purpose.Named(f.Key, m.value(f)))
		}
	}
	return list
}

// value makes one up of the declared type.
func (m *maker) value(f *purpose.Fact) purpose.Value {
	word := func() string {
		if len(f.Values) > 0 {
			return f.Values[m.dice.IntN(len(f.Values))]
		}
		return []string{"a", "b"}[m.dice.IntN(2)]
	}
	switch f.Type {
	case purpose.Bool:
		return purpose.BoolValue(m.dice.IntN(3) > 0)
	case purpose.Int:
		return purpose.IntValue(int64(m.dice.IntN(100)) - 20)
	case purpose.Instant:
		return purpose.InstantValue(m.At.Add(time.Duration(m.dice.IntN(96)-48) * time.Hour))
	case purpose.TextList:
		return purpose.TextsValue(word(), word())
	}
	return purpose.TextValue(word())
}

func keys[T any](list []T, key func(*T) string) (out []string) {
	for i := range list {
		out = append(out, key(&list[i]))
	}
	return out
}

// clone shares nothing with in that a policy could change.
func clone(in *policy.Input) *policy.Input {
	if in == nil {
		return nil
	}
	own := *in
	own.Capacities = slices.Clone(in.Capacities)
	if in.Request != nil {
		r := *in.Request
		r.Principal.Roles, r.Principal.Tasks = slices.Clone(r.Principal.Roles), slices.Clone(r.Principal.Tasks)
		r.Facts, r.Provenance.ObtainedFor = slices.Clone(r.Facts), slices.Clone(r.Provenance.ObtainedFor)
		for i := range r.Facts {
			if v := r.Facts[i].Value; v.Type() == purpose.TextList {
				r.Facts[i].Value = purpose.TextsValue(v.Texts()...)
			}
		}
		own.Request = &r
	}
	return &own
}

// with is a copy of an input that was changed.
func with(in *policy.Input, change func(*policy.Input)) *policy.Input {
	own := clone(in)
	change(own)
	return own
}

// describe says which input it was, without its values.
func describe(in *policy.Input) string {
	r := in.Request
	return strings.TrimSpace(fmt.Sprintf("%s for %s %s, roles %v", r.Action, r.Purpose, r.Recipient, r.Principal.Roles))
}
