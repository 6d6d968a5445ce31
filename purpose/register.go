package purpose

import (
	"slices"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/retention"
)

// Register is a checked, immutable register; Compile makes it. It is safe for concurrent use. The
// zero Register declares nothing.
type Register struct {
	spec   Spec
	digest string
	zone   *time.Location
	years  retention.FinancialYears
	advice []Problem

	purposes, categories *Tree
	class                []Class // by category
	marketing            []bool  // by purpose
	consentOnly          []bool  // by purpose
	disclosure           []bool  // by purpose
	notices              []notice

	capacities, events, facts, sources, laws, assessments    map[string]int
	scopes, recipients, datasets, rules, activities          map[string]int
	lawSpans, assessmentSpans, agreementSpans, adequacySpans []span
	safeguardSpans                                           [][]span // by recipient
	changes                                                  []time.Time
}

type notice struct {
	version string
	span
	objection bool
}

// Digest identifies the content of the register, "sha256:...".
func (r *Register) Digest() string { return r.digest }

// FinancialYears of the controller, for retention rules that count from their end; empty where none were declared.
func (r *Register) FinancialYears() retention.FinancialYears { return r.years }

// Zone is the time zone of the controller.
func (r *Register) Zone() *time.Location {
	if r.zone == nil {
		return time.UTC
	}
	return r.zone
}

// Country of the controller, ISO 3166 alpha-2.
func (r *Register) Country() string { return r.spec.Controller.Country }

// Spec is a copy of what the register says.
func (r *Register) Spec() Spec { return specShape().clone(r.spec) }

// Advice lists what is legal but deserves a look: assumptions, entries that nothing uses.
func (r *Register) Advice() []Problem { return slices.Clone(r.advice) }

// Purposes is the purpose tree.
func (r *Register) Purposes() *Tree { return orEmpty(r.purposes) }

// Categories is the tree of data categories.
func (r *Register) Categories() *Tree { return orEmpty(r.categories) }

func orEmpty(t *Tree) *Tree {
	if t == nil {
		return new(Tree)
	}
	return t
}

// ClassOf is the class of a category.
func (r *Register) ClassOf(category ID) Class {
	if int(category) < len(r.class) {
		return r.class[category]
	}
	return 0
}

// Marketing reports whether a purpose is direct marketing.
func (r *Register) Marketing(purpose ID) bool {
	return int(purpose) < len(r.marketing) && r.marketing[purpose]
}

// Disclosure reports whether a purpose names a disclosure and no aim.
func (r *Register) Disclosure(purpose ID) bool {
	return int(purpose) < len(r.disclosure) && r.disclosure[purpose]
}

// NoticeAt is the index and version of the notice in force at t; ok is false when there is none.
func (r *Register) NoticeAt(t time.Time) (i int, version string, ok bool) {
	for i := len(r.notices) - 1; i >= 0; i-- {
		if r.notices[i].contains(t) {
			return i, r.notices[i].version, true
		}
	}
	return 0, "", false
}

// LawInForce reports whether a declared law is in force at t.
func (r *Register) LawInForce(law string, t time.Time) bool {
	i, ok := r.laws[law]
	return ok && r.lawSpans[i].contains(t)
}

// AssessmentValid reports whether an assessment is on file, and whether it is valid at t for a purpose.
func (r *Register) AssessmentValid(assessment, purpose string, t time.Time) (known, valid bool) {
	i, ok := r.assessments[assessment]
	if !ok {
		return false, false
	}
	if !r.assessmentSpans[i].contains(t) {
		return true, false
	}
	for _, node := range r.spec.Assessments[i].Purposes {
		if under(purpose, node) {
			return true, true
		}
	}
	return true, false
}

// AgreementInForce reports whether the register's agreement with a recipient is in force at t.
func (r *Register) AgreementInForce(recipient string, t time.Time) bool {
	i, ok := r.recipients[recipient]
	return ok && r.spec.Recipients[i].Agreement != nil && r.agreementSpans[i].contains(t)
}

// SafeguardInForce reports whether a safeguard or adequacy decision lets a recipient in a country receive data by a
// mechanism at t, and the claim that must hold of every person, for a derogation.
func (r *Register) SafeguardInForce(recipient, country string, m Mechanism, t time.Time) (claim *basis.Claim, ok bool) {
	i, known := r.recipients[recipient]
	if !known {
		return nil, false
	}
	x := &r.spec.Recipients[i]
	for j := range x.Safeguards {
		if g := &x.Safeguards[j]; g.Mechanism == m && slices.Contains(g.Countries, country) && r.safeguardSpans[i][j].contains(t) {
			if m == Derogation {
				return &g.Claim, true
			}
			return nil, true
		}
	}
	for j := range r.spec.Transfers.Adequacy {
		if d := &r.spec.Transfers.Adequacy[j]; m == Adequacy && d.covers(country, x) && r.adequacySpans[j].contains(t) {
			return nil, true
		}
	}
	return nil, false
}

// NextChange is the first instant after t at which a notice, law, assessment, agreement, safeguard or adequacy decision
// begins or ceases to be in force; zero when there is none.
func (r *Register) NextChange(t time.Time) time.Time {
	i, _ := slices.BinarySearchFunc(r.changes, t, func(at, t time.Time) int {
		if at.After(t) {
			return 1
		}
		return -1
	})
	if i == len(r.changes) {
		return time.Time{}
	}
	return r.changes[i]
}

// ObjectionNotified reports whether the notice in force at t brings the right to object to
// attention (GDPR Art. 21(4)).
func (r *Register) ObjectionNotified(t time.Time) bool {
	i, _, ok := r.NoticeAt(t)
	return ok && r.notices[i].objection
}

// Within reports whether purpose is node or lies below it.
func (r *Register) Within(purpose, node string) bool { return under(purpose, node) }

// Vocabulary is what a ledger of this register's data subjects may record.
func (r *Register) Vocabulary() basis.Vocabulary {
	v := basis.Vocabulary{
		Purposes:        parents(r.Purposes()),
		Categories:      parents(r.Categories()),
		Recipients:      make(map[string]bool, len(r.recipients)),
		Events:          make(map[string]basis.EventMeaning, len(r.events)),
		Scopes:          make(map[string][]basis.ScopedPurpose, len(r.scopes)),
		ScopeRecipients: make(map[string][]string),
		Rules:           make(map[string]bool, len(r.rules)),
	}
	for k := range r.recipients {
		v.Recipients[k] = true
	}
	for k := range r.rules {
		v.Rules[k] = true
	}
	for _, e := range r.spec.Events {
		v.Events[e.Key] = basis.EventMeaning{Relation: e.Relation, Stage: e.Stage, Gives: slices.Clone(e.Gives), Ends: slices.Clone(e.Ends)}
	}
	for _, s := range r.spec.Scopes {
		ps := make([]basis.ScopedPurpose, len(s.Purposes))
		for i, p := range s.Purposes {
			ps[i] = basis.ScopedPurpose{Purpose: p.Purpose, Since: p.Since}
		}
		v.Scopes[s.Key] = ps
		if len(s.Recipients) > 0 {
			v.ScopeRecipients[s.Key] = slices.Clone(s.Recipients)
		}
	}
	for _, n := range r.notices {
		v.Notices = append(v.Notices, basis.NoticeSpan{Version: n.version, From: n.from, Until: n.until})
	}
	return v
}

func parents(t *Tree) map[string]string {
	m := make(map[string]string, len(t.keys))
	for _, k := range t.keys {
		m[k] = Parent(k)
	}
	return m
}
