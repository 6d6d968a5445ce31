package policy

import (
	"context"
	"fmt"

	"github.com/purposebound/purposebound/purpose"
)

var errForeignPlan = fmt.Errorf("%w: the plan is nil or was bound to another register", ErrBinding)

// ReadMap releases entries of a map or document that a schema describes: all of the named fields, or
// none; no fields means every field of the schema. The action is Share when req names a recipient, else Read.
// The main data subject is the entry that the schema marks as "id", or req.DataSubject. Redaction
// masks texts; other values are removed. What the schema does not know is never released.
func ReadMap[V any](ctx context.Context, g *Guard, req Request, plan *purpose.Plan, record map[string]V, fields ...string) (map[string]V, error) {
	var from func(string) (V, bool)
	if record != nil {
		from = func(field string) (V, bool) { v, ok := record[field]; return v, ok }
	}
	return ReadFrom(ctx, g, req, plan, from, fields...)
}

// ReadFrom is ReadMap for whatever gives its fields by name: a row by its columns, a protobuf message by
// its descriptor. A nil from is no record. It is called for ids before the decision, for other fields after a permit.
func ReadFrom[V any](ctx context.Context, g *Guard, req Request, plan *purpose.Plan, from func(field string) (V, bool), fields ...string) (map[string]V, error) {
	if !g.made() {
		return nil, &DeniedError{Cause: errNoGuard}
	}
	if plan == nil || plan.Register != g.tables.reg {
		return nil, errForeignPlan
	}
	req.Action = purpose.Read
	if req.Recipient != "" {
		req.Action = purpose.Share
	}
	cases := g.tables.forPlan(plan)
	want, known := wanted(cases, fields)
	t := &target{plan: plan, cases: cases, want: want, nilRec: from == nil}
	if err := identifyFrom(t, plan, req.DataSubject, from); err != nil {
		return nil, err
	}
	s := &session{req: &req, target: t}
	if !known {
		_, err := g.deny(ctx, s, CodeFieldUnknown)
		return nil, err
	}
	out := make(map[string]V, t.want.Len())
	_, err := g.release(ctx, s, wholly, func(d *Decision, show purpose.FieldSet) error {
		for i := range show.All {
			path := plan.Fields[i].Path
			v, ok := from(path)
			if !ok {
				continue
			}
			if d != nil && d.redacts.Has(i) {
				v = maskAny(v, d.maskAt(i))
			}
			out[path] = v
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// identifyFrom finds the ids that the schema marks.
func identifyFrom[V any](t *target, plan *purpose.Plan, named string, from func(string) (V, bool)) error {
	for i := range plan.People {
		name, ok := plan.IDField(i)
		if !ok || from == nil {
			continue
		}
		v, present := from(name)
		id, text := any(v).(string)
		if present && !text {
			return fmt.Errorf("%w: %s.%s identifies a person and must be a text", ErrBinding, plan.Name, name)
		}
		t.people = append(t.people, identity{i, id})
	}
	t.nameMain(plan, named)
	return nil
}

// maskAny masks a text and removes anything else.
func maskAny[V any](v V, m Mask) V {
	var zero V
	if s, ok := any(v).(string); ok {
		if masked, ok := any(m.Text(s)).(V); ok {
			return masked
		}
	}
	return zero
}
