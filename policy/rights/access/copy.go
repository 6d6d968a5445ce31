package access

import (
	"context"
	"errors"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
)

// Value is a value of the copy, as text.
type Value struct {
	Text   string
	Masked bool // it is not the whole value
}

// Release gives the value of one holding, and nobody else's. It gets it out of a guard: a [policy.DeniedError] leaves the value out
// of the copy, with the reason; any other error ends the report. Values come one after the other, never at once.
type Release func(ctx context.Context, h rights.Holding) (Value, error)

// ErrOther refuses a field that is about another person than the one who asks (Art. 15(4)).
var ErrOther = errors.New("access: the field is about another person")

// Guarded releases fields of a record through a guard, each by a decision of its own: req says who hands over the copy and for
// which purpose, which the register needs to have (an activity on the legal obligation of Art. 15, for one). The field of a
// holding is the field of the plan, its dataset that of the request, and so is the day of its collection. A field that the plan gives to another person is never asked for.
func Guarded(g *policy.Guard, req policy.Request, plan *purpose.Plan, record map[string]string) Release {
	return func(ctx context.Context, h rights.Holding) (Value, error) {
		if g == nil || plan == nil {
			return Value{}, ErrRequest
		}
		i, ok := plan.Index(h.Field)
		if !ok {
			return Value{}, ErrRequest
		}
		if plan.Fields[i].Person != 0 {
			return Value{}, ErrOther
		}
		r := req
		if h.Dataset != "" {
			r.Dataset = h.Dataset
		}
		if !h.CollectedAt.IsZero() {
			r.Provenance.CollectedAt = h.CollectedAt
		}
		r.Action = purpose.Read
		d, err := g.DecidePlan(ctx, r, plan, h.Field)
		if err != nil {
			return Value{}, err
		}
		_, masked := d.MaskOf(h.Field)
		out, err := policy.ReadMap(ctx, g, r, plan, record, h.Field)
		if err != nil {
			return Value{}, err
		}
		text, ok := out[h.Field]
		if !ok {
			return Value{}, ErrCopy
		}
		return Value{Text: text, Masked: masked}, nil
	}
}
