package policy

import (
	"context"
	"fmt"

	"github.com/purposebound/purposebound/purpose"
)

var errForeignPlan = fmt.Errorf("%w: the plan is nil or was bound to another register", ErrBinding)

// ReadMap releases entries of a map, row or document that a schema describes: all of the named
// fields, or none; no fields means every field of the schema. The action is Share when req names a
// recipient, else Read. The main data subject is the entry that the schema marks as "id", or
// req.DataSubject. Redaction masks texts; other values are removed.
func ReadMap[V any](ctx context.Context, g *Guard, req Request, plan *purpose.Plan, record map[string]V, fields ...string) (map[string]V, error) {
	if g == nil {
		return nil, &DeniedError{Cause: errNoGuard}
	}
	req.Action = purpose.Read
	if req.Recipient != "" {
		req.Action = purpose.Share
	}
	if plan == nil || plan.Register != g.tables.reg {
		return nil, errForeignPlan
	}
	want, known := wanted(plan, fields)
	t := &target{plan: plan, want: want}
	if err := t.identifyMap(plan, req.DataSubject, func(key string) (any, bool) { v, ok := record[key]; return v, ok }); err != nil {
		return nil, err
	}
	t.nilRec = record == nil
	s := &session{req: req, target: t}
	if !known {
		_, err := g.deny(ctx, s, CodeFieldUnknown)
		return nil, err
	}
	out := make(map[string]V, t.want.Len())
	_, err := g.release(ctx, s, wholly, func(d *Decision, show purpose.FieldSet) error {
		for i := range show.All {
			path := plan.Fields[i].Path
			v, ok := record[path]
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

// identifyMap finds the ids that the schema marks.
func (t *target) identifyMap(plan *purpose.Plan, named string, lookup func(string) (any, bool)) error {
	for i := range plan.People {
		name, ok := plan.IDField(i)
		if !ok {
			continue
		}
		v, present := lookup(name)
		id, text := v.(string)
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
