package oracle_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/policy"
)

// differ says where the answer of the guard differs from that of the oracle; empty when nowhere.
func differ(q *question, want, got answer) string {
	whole := want.outcome
	if q.target.release && whole == policy.OutcomePartial {
		whole = policy.OutcomeDenied // a map is released wholly or not at all
	}
	if got.outcome != whole {
		return fmt.Sprintf("outcome: oracle %v, guard %v", whole, got.outcome)
	}
	for i := range want.fields {
		a, b := want.fields[i], got.fields[i]
		if q.target.release && whole == policy.OutcomeDenied && a.failed == 0 {
			a, b.grounds = fieldAnswer{path: a.path}, nil // withheld with the others
		}
		if unknownPeople(q, a.path) { // where nothing tells who it is, most gates cannot tell either
			if b.failed&gateOf(policy.GateRequest) == 0 {
				return fmt.Sprintf("%s: the guard knows nobody and does not say so: %v", a.path, b.failed)
			}
			continue
		}
		switch {
		case a.failed != b.failed:
			return fmt.Sprintf("%s: oracle fails %v, guard %v", a.path, a.failed, b.failed)
		case got.released || a.failed != 0:
		case a.redacted != b.redacted || a.mask != b.mask:
			return fmt.Sprintf("%s: redaction: oracle %v %v, guard %v %v", a.path, a.redacted, a.mask, b.redacted, b.mask)
		case !slices.Equal(a.grounds, b.grounds):
			return fmt.Sprintf("%s: grounds: oracle %q, guard %q", a.path, a.grounds, b.grounds)
		}
	}
	if !got.released && !q.target.release && !slices.Equal(want.obligations, got.obligations) {
		return fmt.Sprintf("obligations: oracle %q, guard %q", want.obligations, got.obligations)
	}
	return ""
}

// unknownPeople says whether nothing tells whom a field is about.
func unknownPeople(q *question, path string) bool {
	for _, f := range q.target.fields {
		if f.path == path {
			r := q.target.roles[f.role]
			if r.byAsk {
				return q.req.DataSubject == ""
			}
			return slices.Contains(r.ids, "") || !r.absent && len(r.ids) == 0
		}
	}
	return false
}

// read brings a decision into the form of the oracle's answer.
func read(q *question, d *policy.Decision) (a answer) {
	a.outcome, a.obligations, a.released = d.Outcome, d.Obligations(), d.ID == released
	grounds := map[string][]string{}
	for _, g := range d.Grounds() {
		for _, p := range g.Fields {
			grounds[p] = append(grounds[p], strings.Join([]string{g.Activity, g.Basis.String(), g.Evidence}, " "))
		}
	}
	for _, f := range q.target.fields {
		if len(q.paths) > 0 && !slices.Contains(q.paths, f.path) {
			continue
		}
		fa := fieldAnswer{path: f.path}
		if !d.Permits(f.path) && !a.released {
			for _, r := range d.Reasons(f.path) {
				fa.failed |= gateOf(r.Code.Gate())
			}
		}
		fa.grounds = grounds[f.path]
		slices.Sort(fa.grounds)
		fa.grounds = slices.Compact(fa.grounds)
		fa.mask, fa.redacted = d.MaskOf(f.path)
		a.fields = append(a.fields, fa)
	}
	return a
}

// released is the id that stands for a release without a decision to show.
const released = "released"
