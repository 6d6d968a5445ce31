package table

import (
	"context"
	"errors"
	"slices"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// explain explains a scene. A request for fields about other people too is decided person by person, for a guard explains a
// plan about one alone; the policies are asked each time about the whole request. What a guard decides for each person
// depends on nobody else, so that together it is what it decides for the record.
func (s *scene) explain(ctx context.Context, r *runner, w *world) (*policy.Explanation, error) {
	unknown := slices.ContainsFunc(s.fields, func(f string) bool { _, ok := w.plan.Index(f); return !ok })
	if len(s.roles()) == 0 || unknown {
		return w.guard.ExplainPlan(ctx, s.req, w.plan, s.fields...)
	}
	all := &crowd{request: s.req, plan: w.plan, views: make(map[*purpose.Plan]view)}
	for _, f := range s.paths(s.fields) {
		i, _ := w.plan.Index(f)
		all.fields.Add(i)
	}
	if err := s.capacities(ctx, all); err != nil {
		return nil, err
	}
	deciders := make([]policy.Decider, len(r.deciders))
	for i, d := range r.deciders {
		deciders[i] = &together{d, all}
	}
	apart, err := s.world(r, deciders)
	if err != nil {
		return nil, err
	}
	var parts []*policy.Explanation
	for person := range w.plan.People {
		e, err := s.about(ctx, apart.guard, all, person)
		if err != nil {
			return nil, err
		}
		if e != nil {
			parts = append(parts, e)
		}
	}
	return join(&s.spec, w.plan, parts), nil
}

// capacities finds those of the main data subject, which policies are told where its fields are asked for.
func (s *scene) capacities(ctx context.Context, all *crowd) error {
	if s.req.DataSubject == "" || all.of(0).Empty() {
		return nil
	}
	at := s.req.At
	if at.IsZero() {
		at = s.now
	}
	state, err := s.ledger.StateAt(ctx, s.req.DataSubject, at, s.req.KnownAt)
	if err != nil {
		return errors.New("table: the state of the data subject cannot be read")
	}
	for i := range state.Capacities {
		all.capacities = append(all.capacities, state.Capacities[i].Key)
	}
	return nil
}

// about explains what is asked for about one person; nil where nothing is.
func (s *scene) about(ctx context.Context, g *policy.Guard, all *crowd, person int) (*policy.Explanation, error) {
	want := all.of(person)
	if want.Empty() {
		return nil, nil
	}
	role := all.plan.People[person].Role
	part, err := g.Schema(s.table.schemaOf(func(of string) bool { return of == role }))
	if err != nil {
		return nil, err
	}
	v := view{}
	for i := range part.Fields {
		j, _ := all.plan.Index(part.Fields[i].Path)
		v.field = append(v.field, j)
	}
	all.views[part] = v
	var fields []string
	for i := range want.All {
		fields = append(fields, all.plan.Fields[i].Path)
	}
	req := s.req
	req.DataSubject = s.people[role]
	return g.ExplainPlan(ctx, req, part, fields...)
}

// crowd is a request about several people as a whole.
type crowd struct {
	request    policy.Request
	plan       *purpose.Plan
	fields     purpose.FieldSet
	capacities []string
	views      map[*purpose.Plan]view // filled before a plan is decided about
}

// view says of each field of a part which it is of the whole.
type view struct{ field []int }

// of are the fields asked for about one person.
func (c *crowd) of(person int) (fs purpose.FieldSet) {
	for i := range c.fields.All {
		if c.plan.Fields[i].Person == person {
			fs.Add(i)
		}
	}
	return fs
}

// together asks a policy about the whole request, whichever part of it is decided.
type together struct {
	policy.Decider
	all *crowd
}

// Immediate implements [policy.Immediate].
func (t *together) Immediate() bool {
	i, ok := t.Decider.(policy.Immediate)
	return ok && i.Immediate()
}

// Decide implements [policy.Decider].
func (t *together) Decide(ctx context.Context, in *policy.Input) (policy.Verdict, error) {
	v, ok := t.all.views[in.Plan]
	if !ok {
		return policy.Verdict{}, errBroke
	}
	whole, req := *in, *in.Request
	req.DataSubject = t.all.request.DataSubject
	whole.Request, whole.Plan, whole.Fields, whole.Capacities = &req, t.all.plan, t.all.fields, slices.Clone(t.all.capacities)
	verdict, err := t.Decider.Decide(ctx, &whole)
	verdict.Permit, verdict.Deny = v.part(verdict.Permit), v.part(verdict.Deny)
	verdict.Redactions, verdict.Hits = slices.Clone(verdict.Redactions), slices.Clone(verdict.Hits)
	for i := range verdict.Redactions {
		verdict.Redactions[i].Fields = v.part(verdict.Redactions[i].Fields)
	}
	for i := range verdict.Hits {
		verdict.Hits[i].Fields = v.part(verdict.Hits[i].Fields)
	}
	return verdict, err
}

// part is what is in a part of the fields of the whole.
func (v *view) part(whole purpose.FieldSet) (fs purpose.FieldSet) {
	for i, j := range v.field {
		if whole.Has(j) {
			fs.Add(i)
		}
	}
	return fs
}

// paths of fields; of all when there are none.
func (s *scene) paths(fields []string) []string {
	if len(fields) > 0 {
		return fields
	}
	var list []string
	for i := range s.plan.Fields {
		list = append(list, s.plan.Fields[i].Path)
	}
	return list
}

// roles of the other people whose fields are asked for, in the order of the plan.
func (s *scene) roles() (list []string) {
	for _, f := range s.paths(s.fields) {
		if i, ok := s.plan.Index(f); ok {
			if role := s.plan.People[s.plan.Fields[i].Person].Role; role != "" && !slices.Contains(list, role) {
				list = append(list, role)
			}
		}
	}
	return list
}
