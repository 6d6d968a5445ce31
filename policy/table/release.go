package table

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// sample stands for every value of the record. All masks change it.
const sample = "1985-12-10 Ada Lovelace"

// release reads or shares a record, all or nothing: what comes out must be as explained, and the trail must say so. A request for another action, or about another time, releases nothing.
func (s *scene) release(ctx context.Context, w *world, e *policy.Explanation) []Failure {
	if a := s.req.Action; a != purpose.Read && a != purpose.Share || (a == purpose.Share) != (s.req.Recipient != "") ||
		!s.req.At.IsZero() || !s.req.KnownAt.IsZero() {
		return nil
	}
	record := make(map[string]string)
	for i := range w.plan.Fields {
		record[w.plan.Fields[i].Path] = sample
	}
	for role, id := range s.people {
		if role != "" && id != "" {
			record[idField(role)] = id
		}
	}
	if e.Outcome != policy.OutcomePermitted {
		return s.read(ctx, w, record, nil, nil)
	}
	permitted, masks := released(e)
	return s.read(ctx, w, record, permitted, masks)
}

// read asks for the fields and compares with what should come out: nothing, where want is empty.
func (s *scene) read(ctx context.Context, w *world, record map[string]string, want []string, masks map[string]policy.Mask) []Failure {
	w.trail.take()
	out, err := policy.ReadMap(ctx, w.guard, s.req, w.plan, record, s.fields...)
	recorded := w.trail.take()
	fail := func(want, got string) []Failure { return []Failure{{"release", want, got}} }
	if len(want) == 0 {
		if err == nil || !errors.Is(err, policy.ErrDenied) || len(out) > 0 {
			return fail("a refusal, as explained", "a release")
		}
		if len(recorded) == 0 || recorded[0].Outcome != audit.Denied {
			return fail("a refusal on record", "none")
		}
		return nil
	}
	if err != nil {
		code := policy.CodeInternal
		if denied := (*policy.DeniedError)(nil); errors.As(err, &denied) {
			code = denied.Decision.Because()
		}
		return fail("the permitted fields, as explained", "a refusal: "+string(code))
	}
	if got := slices.Sorted(maps.Keys(out)); !slices.Equal(got, want) {
		return fail(strings.Join(want, ", "), strings.Join(got, ", "))
	}
	for _, f := range want {
		value := sample
		if m, ok := masks[f]; ok {
			value = m.Text(sample)
		}
		if out[f] != value {
			return fail(fmt.Sprintf("%s masked as explained", f), "another mask")
		}
	}
	if len(recorded) == 0 || recorded[0].Outcome != audit.Permitted {
		return fail("a release on record", "none")
	}
	return nil
}

// released are the permitted fields of an explanation, sorted, and how they are masked.
func released(e *policy.Explanation) (fields []string, masks map[string]policy.Mask) {
	masks = make(map[string]policy.Mask)
	for i := range e.Fields {
		f := &e.Fields[i]
		switch f.Result {
		case "redact":
			var m policy.Mask
			if m.UnmarshalText([]byte(f.Mask)) != nil {
				m = policy.Remove
			}
			masks[f.Field] = m
			fields = append(fields, f.Field)
		case "permit":
			fields = append(fields, f.Field)
		}
	}
	slices.Sort(fields)
	return fields, masks
}
