package acceptance

import (
	"slices"
	"strings"

	"github.com/purposebound/purposebound/policy"
)

// Outcomes of a case.
const (
	Allow    = "allow"
	Deny     = "deny"
	Redact   = "redact"
	Return   = "return"
	EraseIt  = "erase"
	Keep     = "keep"
	MustKeep = "must-keep"
	Partial  = "partial"
	Granted  = "grant"
	Refused  = "refuse"
	Refer    = "refer"
	Report   = "report"
	Valid    = "valid"
	Invalid  = "invalid"
	Escalate = "escalate"
)

// Result is what the library answered to a case.
type Result struct {
	Outcome string
	// Detail holds what can be compared with the detail of the case, under the same keys: a text, or a list of texts.
	Detail map[string]any
	// Report is what a report that was made holds, under the same keys.
	Report map[string]any
	// Codes are the reasons, "code parameter", for the line of a failing case and for the detail "reason".
	Codes []string
	// Unmapped lists what no vocabulary knew.
	Unmapped []string
	// Entries are the register's entries that the answer rests on or was refused by.
	Entries []string
	Clauses []string
	Err     error
}

// decided reads the answer of the guard.
func (r *Result) decided(a *answer) {
	r.Detail = map[string]any{"removed": a.withheld}
	var obligations, bases []string
	person, rows := false, false
	for i := range a.decisions {
		d := &a.decisions[i]
		obligations = append(obligations, d.Obligations()...)
		person = person || d.PersonDecides
		for _, g := range d.Grounds() {
			bases = append(bases, strings.NewReplacer("gdpr:", "gdpr.", "-", ".").Replace(g.Basis.ID()))
			bases = append(bases, g.Laws...)
			r.Entries, r.Clauses = append(r.Entries, "activity:"+g.Activity), append(r.Clauses, g.Clause)
		}
		for _, x := range d.AllReasons() {
			r.Codes = append(r.Codes, strings.TrimSpace(string(x.Code)+" "+x.Param))
			if x.Activity != "" {
				r.Entries = append(r.Entries, "activity:"+x.Activity)
			}
			r.Clauses = append(r.Clauses, x.Clause)
		}
		for _, h := range d.Hits() {
			r.Entries = append(r.Entries, "rule:"+h.Rule)
			if h.Effect != policy.EffectPermit {
				r.Codes = append(r.Codes, "policy."+h.Effect.String()+" "+h.Rule)
			}
		}
		r.Detail["version"] = d.Notice
	}
	rows = slices.ContainsFunc(obligations, func(o string) bool { return strings.HasPrefix(o, "rows-") })
	r.Detail["obligations"], r.Detail["basis"] = sorted(obligations), sorted(bases)
	r.Codes, r.Entries, r.Clauses = sorted(r.Codes), sorted(r.Entries), sorted(r.Clauses)
	switch {
	case slices.Contains(obligations, "return-to-sender"):
		r.Outcome = Return
	case len(a.withheld) == 0 && len(a.released) > 0 && rows:
		r.Outcome = Redact
	case len(a.withheld) == 0 && len(a.released) > 0:
		r.Outcome = Allow
	case person:
		r.Outcome = Escalate
	case len(a.released) > 0 || a.partly:
		r.Outcome = Redact
	default:
		r.Outcome = Deny
	}
}

// sorted is a list in order, without repetitions and empty texts.
func sorted(list []string) []string {
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(s string) bool { return s == "" })
}
