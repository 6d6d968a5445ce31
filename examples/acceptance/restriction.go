package acceptance

import (
	"slices"
	"strings"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

// restrictions records them with the exceptions that the case shows (GDPR Art. 18).
func (w *World) restrictions() {
	list := w.Case.Given.Restrictions
	if s := w.Case.Given.Facts.Texts("shielded"); len(s) > 0 {
		list = append(slices.Clip(list), Object{"at": w.Just().Format(time.RFC3339), "reason": "accuracy_contested", "fields": s})
	}
	facts := w.Case.Given.Facts
	for _, r := range list {
		at, ok := instant(r["at"], w.Zone)
		if !ok { // one of which nothing says when stands from the beginning
			w.Unmapped("restrictions.at")
			at = w.Before()
		}
		w.rest("restrictions", r, "at", "reason", "fields", "lifted_at", "subject_informed_at")
		reason := r.Text("reason")
		imposed := basis.RestrictionImposed{Reason: w.restrictionReason(reason)}
		for _, f := range r.Texts("fields") {
			categories, err := w.categories(f)
			if err != nil {
				w.Unmapped("restrictions.%s: %v", f, err)
			}
			imposed.Categories = append(imposed.Categories, categories...)
		}
		id := w.Happened(at, imposed)
		except := func(x basis.Exception, reference string, purposes ...string) {
			if len(purposes) > 0 && purposes[0] != "" {
				w.Happened(later(at, w.At), basis.RestrictionExcepted{Restriction: id, Exception: x, Purposes: purposes, Reference: reference})
			}
		}
		if truthy(facts["legal_claim_pending"]) {
			except(basis.LegalClaims, "legal_claim_pending", w.Notice.Vocabulary.Claims...)
		}
		if truthy(facts["protects_rights_of"]) {
			except(basis.RightsOfAnother, "protects_rights_of", w.Case.Request.Text("purpose"))
		}
		for _, key := range []string{"public_interest", "important_public_interest"} {
			if truthy(facts[key]) {
				except(basis.PublicInterest, key, w.Case.Request.Text("purpose"))
			}
		}
		w.consentedUse(id, r.Texts("fields"))
		if lifted, ok := instant(r["lifted_at"], w.Zone); ok {
			informed, _ := instant(r["subject_informed_at"], w.Zone)
			w.Happened(lifted, basis.RestrictionLifted{Restriction: id, InformedAt: informed})
			w.events[len(w.events)-1].optional = true
		}
	}
}

// restrictionReason is the ground of GDPR Art. 18(1); one that nobody knows restricts all the same.
func (w *World) restrictionReason(s string) string {
	key := or(w.Notice.Vocabulary.Restrictions[s], strings.ReplaceAll(s, "_", "-"))
	switch key {
	case "accuracy-contested", "unlawful", "legal-claims", "objection-pending":
		return key
	case "legal-claim", "needed-for-claim", "needed-for-claims":
		return "legal-claims"
	case "unlawful-processing":
		return "unlawful"
	case "objection":
		return "objection-pending"
	}
	w.Unmapped("restrictions.reason %s", s)
	return "accuracy-contested"
}

// consentedUse records consents to the use of restricted data: "restricted_use:<field>".
func (w *World) consentedUse(restriction string, fields []string) {
	for _, c := range w.Case.Given.Consents {
		field, ok := strings.CutPrefix(c.Text("scope"), "restricted_use:")
		given, dated := instant(c["given_at"], w.Zone)
		if !ok || !dated || !slices.Contains(fields, field) || w.Case.Request.Text("purpose") == "" {
			continue
		}
		x := basis.RestrictionExcepted{Restriction: restriction, Exception: basis.ByConsent, Purposes: w.Case.Request.Texts("purpose"), Reference: c.Text("scope")}
		x.Until, _ = instant(c["withdrawn_at"], w.Zone)
		w.Happened(given, x)
	}
}

// agreements records the processing agreements: those of the case and no other, or what the clause presupposes.
func (w *World) agreements() {
	if w.Case.Given.Agreements == nil {
		for i := range w.Spec.Recipients {
			if r := &w.Spec.Recipients[i]; r.Agreement != nil && r.Agreement.Ledger {
				w.agree(r, w.Before(), Object{})
			}
		}
		return
	}
	w.Edit(func(s *purpose.Spec) { // exactly those exist: none is in force by the register alone
		for i := range s.Recipients {
			if a := s.Recipients[i].Agreement; a != nil {
				own := *a
				own.Ledger = true
				s.Recipients[i].Agreement = &own
			}
		}
	})
	org := w.Case.Request.Object("actor").Text("org")
	for _, a := range *w.Case.Given.Agreements {
		with := a.Text("with")
		key := w.party(with)
		if with == org && w.Case.Request.Text("recipient") != "" && w.recipient(with) == nil && w.Notice.Vocabulary.Parties[with] == "" {
			key = w.Request.Recipient // the organisation that receives
		} else if org != "" && with != org && w.recipient(with) == nil {
			continue // somebody else's
		}
		at, ok := instant(a["signed_at"], w.Zone)
		r := w.recipient(key)
		if !ok || r == nil {
			w.Closed("agreements.%s", with)
			continue
		}
		w.agree(r, at, a)
	}
}

// agree records one agreement with its instructions. One without is none, and the ledger refuses it.
func (w *World) agree(r *purpose.Recipient, at time.Time, a Object) {
	signed := basis.AgreementSigned{Recipient: r.Key, Reference: "agreement"}
	for _, k := range a.Keys() {
		switch k {
		case "with", "signed_at", "has_instructions":
		case "type":
			if s := a.Text(k); s != "dpa" && s != "processing_agreement" && s != "data_processing_agreement" {
				w.Closed("agreements.type %s", s)
				return // of another kind
			}
		case "written":
			if !truthy(a[k]) {
				return // GDPR Art. 28(9)
			}
		case "ended_at", "terminated_at":
			signed.Until, _ = instant(a[k], w.Zone)
		case "valid_until", "valid_to", "expires_at":
			signed.Until, _ = w.through(a[k])
		default:
			w.mean("agreements", k, a[k])
		}
	}
	switch told := w.Case.Given.Facts.Texts("instructed_purposes"); {
	case a.Has("has_instructions") && !truthy(a["has_instructions"]):
	case w.Case.Given.Facts.Has("instructed_purposes"):
		signed.Purposes = told
	default:
		for _, x := range w.Spec.Activities {
			if slices.ContainsFunc(x.Recipients, func(g purpose.Grant) bool { return g.Recipient == r.Key }) {
				signed.Purposes = append(signed.Purposes, x.Purposes...)
			}
		}
		slices.Sort(signed.Purposes)
		signed.Purposes = slices.Compact(signed.Purposes)
	}
	w.Happened(at, signed)
	w.events[len(w.events)-1].optional = true
}
