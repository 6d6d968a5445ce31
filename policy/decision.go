package policy

import (
	"slices"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

// Outcome of a decision. The zero Outcome is OutcomeDenied.
type Outcome uint8

// Outcomes.
const (
	OutcomeDenied  Outcome = iota // nothing may be done
	OutcomePartial                // some fields are permitted, some denied
	OutcomePermitted
)

var outcomeNames = [...]string{"denied", "partial", "permitted"}

// String is the name of the outcome.
func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return outcomeNames[0]
}

// MarshalText writes the name.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// Decision is the answer to a request, field by field. The zero Decision denies everything. It is
// immutable and holds no personal value.
type Decision struct {
	ID             string // ULID shared with the audit events; empty when nothing was recorded
	Outcome        Outcome
	Action         purpose.Action
	Purpose        string
	Recipient      string
	Country        string // of the recipient
	At, KnownAt    time.Time
	Notice         string // version in force
	RegisterDigest string
	PolicyDigest   string
	PersonDecides  bool   // a human must judge before more can be said
	ReferTo        string // another controller who answers for the dataset

	plan                          *purpose.Plan
	requested, permitted, redacts purpose.FieldSet
	withheld                      purpose.FieldSet // permitted, and kept back with the others
	screened                      bool             // the request was refused before the register was asked
	recorded                      bool             // and released, or refused on the way out
	used                          []use            // shared by decisions, as is rejected: nobody changes them
	rejected                      []rejection
	findings                      []finding
	redactions                    []Redaction
	hits                          []Hit
	extra                         []string // obligations beside those of the activities
	duties                        []string // obligations of what refuses
	machine                       bool     // a solely automated decision with significant effect
}

// use is an activity and claim that fields were permitted on.
type use struct {
	act      *activity
	claim    *basis.Claim
	evidence string
	fields   purpose.FieldSet
}

// rejection is a claim that was tried and did not hold.
type rejection struct {
	act    *activity
	claim  *basis.Claim
	result basis.Result
	fields purpose.FieldSet
}

// finding is a reason for a denial, over the fields that it concerns.
type finding struct {
	code     Code
	act      *activity // nil where the reason is not about one
	param    string    // a register key
	evidence string    // an event id or rule position
	fields   purpose.FieldSet
	clause   string // where it is not the activity's
}

// Reason is why a field was denied.
type Reason struct {
	Code     Code   `json:"code"`
	Activity string `json:"activity,omitempty"` // whose conditions were not met
	Clause   string `json:"clause,omitempty"`
	Param    string `json:"param,omitempty"`    // the register key that Code's text speaks of
	Evidence string `json:"evidence,omitempty"` // id of the ledger event, or place of the policy rule
}

// Ground is what permitted fields rest on.
type Ground struct {
	Activity string      `json:"activity"`
	Clause   string      `json:"clause"`
	Basis    basis.Basis `json:"basis"`
	Laws     []string    `json:"laws,omitempty"`
	Evidence string      `json:"evidence,omitempty"` // event id, law or assessment
	Fields   []string    `json:"fields"`
}

// Rejected is a claim that was declared, tried, and did not hold.
type Rejected struct {
	Activity string      `json:"activity"`
	Basis    basis.Basis `json:"basis"`
	Code     Code        `json:"code"`
	Evidence string      `json:"evidence,omitempty"`
}

func (d *Decision) names(fs purpose.FieldSet) []string {
	if d.plan == nil {
		return nil
	}
	names := make([]string, 0, fs.Len())
	for i := range fs.All {
		if i < len(d.plan.Fields) {
			names = append(names, d.plan.Fields[i].Path)
		}
	}
	return names
}

// Requested lists the fields that were asked for.
func (d *Decision) Requested() []string { return d.names(d.requested) }

// Permitted lists the fields that may be released, redacted ones included.
func (d *Decision) Permitted() []string { return d.names(d.permitted) }

// Redacted lists the permitted fields that are released masked.
func (d *Decision) Redacted() []string { return d.names(d.redacts) }

// Denied lists the fields that may not.
func (d *Decision) Denied() []string { return d.names(d.requested.Without(d.permitted)) }

// Permits reports whether a field may be released.
func (d *Decision) Permits(field string) bool {
	i, ok := d.index(field)
	return ok && d.permitted.Has(i)
}

// MaskOf reports how a field is masked.
func (d *Decision) MaskOf(field string) (Mask, bool) {
	i, ok := d.index(field)
	if !ok || !d.redacts.Has(i) {
		return Remove, false
	}
	return d.maskAt(i), true
}

// maskAt is the mask of a redacted field; of several, the one that shows least: Remove.
func (d *Decision) maskAt(i int) Mask {
	mask, found := Remove, false
	for j := range d.redactions {
		if r := &d.redactions[j]; r.Fields.Has(i) {
			if found && r.Mask != mask {
				return Remove
			}
			mask, found = r.Mask, true
		}
	}
	return mask
}

func (d *Decision) index(field string) (int, bool) {
	if d.plan == nil {
		return 0, false
	}
	return d.plan.Index(field)
}

// Reasons lists why a field was denied, in the order of the gates; none for a permitted field.
func (d *Decision) Reasons(field string) []Reason {
	i, ok := d.index(field)
	if !ok {
		return d.reasons(func(f *finding) bool { return f.fields.Empty() })
	}
	if d.permitted.Has(i) {
		return nil
	}
	return d.reasons(func(f *finding) bool { return f.fields.Has(i) || f.fields.Empty() })
}

// AllReasons lists why anything was denied, in the order of the gates.
func (d *Decision) AllReasons() []Reason {
	return d.reasons(func(*finding) bool { return true })
}

func (d *Decision) reasons(want func(*finding) bool) []Reason {
	var list []Reason
	for i := range d.findings {
		f := &d.findings[i]
		if !want(f) {
			continue
		}
		if r := f.reason(); !slices.Contains(list, r) {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b Reason) int { return int(a.Code.Gate()) - int(b.Code.Gate()) })
	return list
}

func (f *finding) reason() Reason {
	r := Reason{Code: f.code, Param: f.param, Evidence: f.evidence, Clause: f.clause}
	if f.act != nil {
		r.Activity, r.Clause = f.act.Key, f.act.Clause
	}
	return r
}

// Because is the code of the reason that matters most; empty when all is permitted.
func (d *Decision) Because() Code {
	if r, ok := d.Reason(); ok {
		return r.Code
	}
	if d.Outcome == OutcomeDenied {
		return CodeInternal
	}
	return ""
}

// Reason is the reason that matters most: of those that no activity could change the first in the order of the gates,
// else the first of the activity that came furthest. ok is false when nothing was denied.
func (d *Decision) Reason() (r Reason, ok bool) {
	var best *finding
	for i := range d.findings {
		if f := &d.findings[i]; f.act == nil && (best == nil || f.code.Gate() < best.code.Gate()) {
			best = f
		}
	}
	if best != nil {
		return best.reason(), true
	}
	for i := range d.findings {
		f := &d.findings[i]
		if first := d.firstOf(f.act); best == nil || first.code.Gate() > best.code.Gate() {
			best = first
		}
	}
	if best == nil {
		return Reason{}, false
	}
	return best.reason(), true
}

// firstOf is the first thing, in the order of the gates, that an activity lacked.
func (d *Decision) firstOf(a *activity) (first *finding) {
	for i := range d.findings {
		if f := &d.findings[i]; f.act == a && (first == nil || f.code.Gate() < first.code.Gate()) {
			first = f
		}
	}
	return first
}

// Grounds lists what the permitted fields rest on.
func (d *Decision) Grounds() []Ground {
	var list []Ground
	for i := range d.used {
		u := &d.used[i]
		if fs := u.fields.And(d.permitted); !fs.Empty() {
			if list == nil {
				list = make([]Ground, 0, len(d.used)-i)
			}
			list = append(list, Ground{u.act.Key, u.act.Clause, u.claim.Basis, u.claim.Laws, u.evidence, d.names(fs)})
		}
	}
	return list
}

// Rejected lists the claims that were tried and did not hold.
func (d *Decision) Rejected() []Rejected {
	var list []Rejected
	for i := range d.rejected {
		r := &d.rejected[i]
		list = append(list, Rejected{r.act.Key, r.claim.Basis, claimCode(r.result.Code), r.result.Evidence})
	}
	return list
}

// Obligations lists what comes with the permit: keys of the register, of policies and of the law, sorted.
func (d *Decision) Obligations() []string {
	list := slices.Clone(d.duties)
	if !d.permitted.Empty() {
		for i := range d.used {
			u := &d.used[i]
			if fs := u.fields.And(d.permitted); !fs.Empty() {
				list = append(list, u.act.Obligations...)
				if d.machine && u.act.Automated != purpose.ByLaw {
					list = append(list, ObligationIntervention, ObligationContest)
				}
			}
		}
		list = append(list, d.extra...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Hits lists the policy rules that matched: those that denied or redacted, in an explanation also
// those that permitted.
func (d *Decision) Hits() []Hit { return slices.Clone(d.hits) }
