package table

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/policy"
)

// Failure is one thing that came out otherwise than expected.
type Failure struct {
	What string `json:"what"` // key of the expectation, or "release"
	Want string `json:"want"`
	Got  string `json:"got"`
}

// compare holds a decision against what is expected of it.
func compare(want *Expect, e *policy.Explanation) (failures []Failure) {
	same := func(what, want, got string) {
		if want != got {
			failures = append(failures, Failure{what, orNothing(want), orNothing(got)})
		}
	}
	set := func(what string, want, got []string) { same(what, listed(want), listed(got)) }
	if want.Outcome != 0 {
		same("outcome", want.Outcome.String(), e.Outcome.String())
	}
	if want.Reason != "" {
		same("reason", string(want.Reason), string(because(e)))
	}
	fields, masks := released(e)
	if want.Permitted != nil {
		set("permitted", want.Permitted, fields)
	}
	for _, f := range slices.Sorted(maps.Keys(want.Denied)) {
		denied(e, f, want.Denied[f], same)
	}
	if want.Redacted != nil {
		set("redacted", masked(want.Redacted), masked(masks))
	}
	if want.Obligations != nil {
		set("obligations", want.Obligations, e.Obligations)
	}
	if want.Grounds != nil {
		set("grounds", want.Grounds, grounds(e, func(g *policy.Ground) string { return g.Activity }))
	}
	if want.Basis != nil {
		var names []string
		for _, b := range want.Basis {
			names = append(names, b.String())
		}
		set("basis", names, grounds(e, func(g *policy.Ground) string { return g.Basis.String() }))
	}
	if want.Clause != nil {
		got := grounds(e, func(g *policy.Ground) string { return g.Clause })
		if len(got) == 0 && e.Because != nil && e.Because.Clause != "" {
			got = []string{e.Because.Clause}
		}
		set("clause", want.Clause, got)
	}
	if want.PersonDecides != nil {
		same("person_decides", fmt.Sprint(*want.PersonDecides), fmt.Sprint(e.PersonDecides))
	}
	if want.ReferTo != "" {
		same("refer_to", want.ReferTo, e.ReferTo)
	}
	return failures
}

// denied wants a field to be refused, with codes among its reasons.
func denied(e *policy.Explanation, field string, want Codes, same func(what, want, got string)) {
	what := "denied " + field
	i := slices.IndexFunc(e.Fields, func(f policy.FieldExplanation) bool { return f.Field == field })
	if i < 0 || e.Fields[i].Result != "deny" {
		result := "not asked for"
		if i >= 0 {
			result = e.Fields[i].Result
		}
		same(what, "deny", result)
		return
	}
	var codes []string
	for _, r := range e.Fields[i].Reasons {
		codes = append(codes, string(r.Code))
	}
	for _, c := range want {
		if !slices.Contains(codes, string(c)) {
			same(what, string(c), listed(codes))
		}
	}
}

// because is the code of the reason that matters most.
func because(e *policy.Explanation) policy.Code {
	switch {
	case e.Because != nil:
		return e.Because.Code
	case e.Outcome == policy.OutcomeDenied:
		return policy.CodeInternal
	}
	return ""
}

func grounds(e *policy.Explanation, of func(*policy.Ground) string) (list []string) {
	for i := range e.Grounds {
		list = append(list, of(&e.Grounds[i]))
	}
	return list
}

func masked(m map[string]policy.Mask) (list []string) {
	for f, mask := range m {
		list = append(list, f+": "+mask.String())
	}
	return list
}

// listed is a list as a set, in one form.
func listed(list []string) string {
	list = slices.Clone(list)
	slices.Sort(list)
	return strings.Join(slices.Compact(list), ", ")
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}
