package policytest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stretchr/testify/assert"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
)

// TestingT is what assertions report to: a *testing.T.
type TestingT = assert.TestingT

// DecisionOf is the decision in the error of a guard. It fails the test, and returns the zero Decision, for an error that is
// no refusal, and for none.
func DecisionOf(t TestingT, err error) policy.Decision {
	helper(t)
	var denied *policy.DeniedError
	if !errors.As(err, &denied) {
		assert.Fail(t, "this is no refusal of a guard", "error: %v", err)
		return policy.Decision{}
	}
	return denied.Decision
}

// Permitted asserts that fields may be released, masked or not; without fields that everything that was asked for may.
func Permitted(t TestingT, d policy.Decision, fields ...string) bool {
	helper(t)
	if len(fields) == 0 && d.Outcome != policy.OutcomePermitted {
		return fail(t, &d, "expected everything to be permitted, got %s because of %s", d.Outcome, d.Because())
	}
	for _, f := range fields {
		if !d.Permits(f) {
			return fail(t, &d, "expected %s to be permitted; reasons: %s", f, codes(&d, f))
		}
	}
	return true
}

// Denied asserts that fields may not be released, for a reason among others; without fields that nothing may, and that the
// reason is the one that matters most. An empty code is any reason.
func Denied(t TestingT, d policy.Decision, code policy.Code, fields ...string) bool {
	helper(t)
	if len(fields) == 0 {
		if d.Outcome != policy.OutcomeDenied || code != "" && d.Because() != code {
			return fail(t, &d, "expected a denial because of %s, got %s because of %s", orAny(code), d.Outcome, orNone(d.Because()))
		}
		return true
	}
	denied := d.Denied()
	for _, f := range fields {
		known := func(r policy.Reason) bool { return code == "" || r.Code == code }
		if !slices.Contains(denied, f) || !slices.ContainsFunc(d.Reasons(f), known) {
			return fail(t, &d, "expected %s to be denied because of %s; reasons: %s", f, orAny(code), codes(&d, f))
		}
	}
	return true
}

// Redacted asserts that a field is released under a mask.
func Redacted(t TestingT, d policy.Decision, field string, mask policy.Mask) bool {
	helper(t)
	if got, ok := d.MaskOf(field); !ok || got != mask {
		what := "it is not masked"
		if ok {
			what = "its mask is " + got.String()
		}
		return fail(t, &d, "expected %s under the mask %s: %s", field, mask, what)
	}
	return true
}

// Open asserts that fields are released as they are.
func Open(t TestingT, d policy.Decision, fields ...string) bool {
	helper(t)
	for _, f := range fields {
		if _, masked := d.MaskOf(f); masked || !d.Permits(f) {
			return fail(t, &d, "expected %s to be released as it is; reasons: %s", f, codes(&d, f))
		}
	}
	return true
}

// Withheld asserts that fields were permitted and kept back, because others of the view were not.
func Withheld(t TestingT, d policy.Decision, fields ...string) bool {
	helper(t)
	e := d.Explain()
	for _, f := range fields {
		if !slices.ContainsFunc(e.Fields, func(x policy.FieldExplanation) bool { return x.Field == f && x.Result == "withhold" }) {
			return fail(t, &d, "expected %s to be withheld with the others", f)
		}
	}
	return true
}

// Obliged asserts that obligations come with the permit.
func Obliged(t TestingT, d policy.Decision, obligations ...string) bool {
	helper(t)
	got := d.Obligations()
	for _, o := range obligations {
		if !slices.Contains(got, o) {
			return fail(t, &d, "expected the obligation %s, got %s", o, orNone(strings.Join(got, ", ")))
		}
	}
	return true
}

// Grounded asserts that permitted fields rest on an activity and on a legal basis of it.
func Grounded(t TestingT, d policy.Decision, activity string, on basis.Basis, fields ...string) bool {
	helper(t)
	var have []string
	for _, g := range d.Grounds() {
		if g.Activity == activity && g.Basis == on {
			have = append(have, g.Fields...)
		}
	}
	if len(have) == 0 {
		return fail(t, &d, "expected a permit on %s of %s", on, activity)
	}
	for _, f := range fields {
		if !slices.Contains(have, f) {
			return fail(t, &d, "expected %s to rest on %s of %s", f, on, activity)
		}
	}
	return true
}

// Hit asserts that a policy rule matched. Rules that permit are known of explained decisions alone.
func Hit(t TestingT, d policy.Decision, rule string) bool {
	helper(t)
	if !slices.ContainsFunc(d.Hits(), func(h policy.Hit) bool { return h.Rule == rule && !h.Fields.Empty() }) {
		return fail(t, &d, "expected rule %s to match", rule)
	}
	return true
}

// PersonDecides asserts that a human must judge before more can be said.
func PersonDecides(t TestingT, d policy.Decision) bool {
	helper(t)
	if !d.PersonDecides {
		return fail(t, &d, "expected that a person must decide")
	}
	return true
}

// ReferredTo asserts that another controller answers for the data.
func ReferredTo(t TestingT, d policy.Decision, controller string) bool {
	helper(t)
	if d.ReferTo != controller {
		return fail(t, &d, "expected to be referred to %s, got %s", controller, orNone(d.ReferTo))
	}
	return true
}

func fail(t TestingT, d *policy.Decision, format string, args ...any) bool {
	helper(t)
	return assert.Fail(t, fmt.Sprintf(format, args...), "%s", d.Explain().String())
}

func helper(t TestingT) {
	if h, ok := t.(interface{ Helper() }); ok {
		h.Helper()
	}
}

// codes of the reasons of a field.
func codes(d *policy.Decision, field string) string {
	if d.Permits(field) {
		return "none, it is permitted"
	}
	var list []string
	for _, r := range d.Reasons(field) {
		list = append(list, string(r.Code))
	}
	return orNone(strings.Join(list, ", "))
}

func orAny(code policy.Code) string {
	if code == "" {
		return "any reason"
	}
	return string(code)
}

func orNone[S ~string](s S) string {
	if s == "" {
		return "none"
	}
	return string(s)
}
