package acceptance

import (
	"slices"
	"strings"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

// scope is the register's key of a consent scope.
func (w *World) scope(s string) (string, bool) {
	key := or(w.Notice.Vocabulary.Scopes[s], strings.ReplaceAll(s, ":", "."))
	return key, slices.ContainsFunc(w.Spec.Scopes, func(x purpose.Scope) bool { return x.Key == key })
}

func (w *World) consents() {
	for _, c := range w.Case.Given.Consents {
		at, ok := instant(c["given_at"], w.Zone)
		scope := c.Text("scope")
		if fields, restricted := strings.CutPrefix(scope, "restricted_use:"); restricted {
			continue // see restrictions
		} else if !ok {
			w.Unmapped("consents.%s.given_at", fields)
			continue
		}
		key, known := w.scope(scope)
		if _, err := w.categories(scope); !known && err == nil { // to a field: nobody asks for that, and the ledger refuses it
			w.Happened(at, basis.ConsentGiven{Scope: scope, Quality: basis.GoodConsent()})
			w.events[len(w.events)-1].optional = true
			continue
		}
		if !known {
			w.Closed("consents.%s", scope)
			continue
		}
		given := basis.ConsentGiven{Scope: key, Quality: basis.GoodConsent()}
		w.quality(c, &given)
		w.Happened(at, given)
		if ch := c.Object("changed"); ch != nil {
			if at, ok := instant(ch["at"], w.Zone); ok {
				w.Happened(at, basis.ConsentNarrowed{Scope: key, Categories: w.outside(key, ch.Texts("fields"))})
			}
		}
		if at, ok := instant(c["withdrawn_at"], w.Zone); ok {
			w.Happened(at, basis.ConsentWithdrawn{Scope: key})
		}
	}
}

// quality reads how a consent was given (GDPR Art. 4(11), 7).
func (w *World) quality(c Object, given *basis.ConsentGiven) {
	q := basis.GoodConsent()
	none := false
	for _, k := range c.Keys() {
		b, _ := c[k].(bool)
		switch k {
		case "scope", "given_at", "withdrawn_at", "changed":
		case "notice_version", "version", "language", "channel": // what was shown, and where
		case "explicit":
			q.Explicit = b
		case "separate", "specific", "granular":
			q.Specific = b
		case "free", "freely_given", "voluntary":
			q.Free = b
		case "informed":
			q.Informed = b
		case "affirmative", "unambiguous", "active", "clear":
			q.Affirmative = b
		case "valid", "documented", "demonstrable", "recorded", "proof": // GDPR Art. 7(1)
			none = none || !truthy(c[k])
		case "pre_ticked", "bundled", "bundled_with", "implied", "by_use", "silence", "ambiguous", "conditional", "coerced", "opt_out":
			none = none || truthy(c[k]) // none is a clear, separate act
		case "method", "form", "how":
			switch c.Text(k) {
			case "click", "tick", "opt_in", "double_opt_in", "checkbox", "signature", "signed_form", "written", "oral", "settings":
			case "pre_ticked", "pre_ticked_box", "implied", "silence", "inactivity", "by_use", "browsing", "continued_browsing", "opt_out":
				none = true
			default:
				w.Unmapped("consents.%s", k)
			}
		case "expires_at", "until", "valid_until", "valid_to":
			given.Until, _ = w.through(c[k])
		default: // what nobody understands makes no good consent
			w.Unmapped("consents.%s", k)
			none = true
		}
	}
	if given.Quality = q; none {
		given.Quality = basis.Quality{}
	}
}

// through is the end of what lasts until a time, or through a day.
func (w *World) through(v any) (time.Time, bool) {
	t, ok := instant(v, w.Zone)
	if s, _ := v.(string); ok && len(s) == len(time.DateOnly) {
		t = t.AddDate(0, 0, 1)
	}
	return t, ok
}

// outside are the categories that rest on a consent scope, less those of some fields: what a consent narrowed to these
// fields no longer covers.
func (w *World) outside(scope string, fields []string) []string {
	var keep, list []string
	for _, f := range fields {
		categories, err := w.categories(f)
		if err != nil {
			w.Unmapped("consents.changed.%s: %v", f, err)
		}
		keep = append(keep, categories...)
	}
	for _, a := range w.Spec.Activities {
		if !slices.ContainsFunc(a.Claims, func(c basis.Claim) bool { return c.Scope == scope }) {
			continue
		}
		for _, leaf := range w.leaves(a.Categories) {
			if !slices.Contains(keep, leaf) && !slices.Contains(list, leaf) {
				list = append(list, leaf)
			}
		}
	}
	return list
}

// objections records them, and what was decided about those that may be refused: with compelling grounds or a legal
// claim on record (GDPR Art. 21(1)).
func (w *World) objections() {
	facts := w.Case.Given.Facts
	for _, o := range w.Case.Given.Objections {
		at, ok := instant(o["at"], w.Zone)
		if !ok { // one of which nothing says when stands from the beginning
			w.Unmapped("objections.at")
			at = w.Before()
		}
		raised := basis.ObjectionRaised{Ground: basis.OwnSituation, Purposes: o.Texts("purpose")}
		switch o.Text("scope") {
		case "direct_marketing", "marketing", "profiling_for_marketing":
			raised.Ground = basis.Marketing
		case "legitimate_interest", "own_situation":
		case "all", "everything", "any":
			w.Happened(at, basis.ObjectionRaised{Ground: basis.Marketing, Purposes: raised.Purposes})
		default: // by whatever name, the person objects
			w.Unmapped("objections.%s", o.Text("scope"))
			w.Happened(at, basis.ObjectionRaised{Ground: basis.Marketing, Purposes: raised.Purposes})
		}
		w.rest("objections", o, "scope", "at", "purpose", "grounds", "channel")
		raised.Purposes = o.Texts("purpose")
		id := w.Happened(at, raised)
		ground := ""
		for _, k := range []string{"compelling_grounds", "legal_ground_to_refuse"} {
			if truthy(facts[k]) {
				ground = k
			}
		}
		switch facts.Text("objection_assessment") {
		case "", "rejected", "refused", "overridden", "unfounded":
		default: // it stands while it is weighed (GDPR Art. 18(1)(d)), and where it was found right
			ground = ""
		}
		if ground != "" && raised.Ground == basis.OwnSituation {
			w.Happened(later(at, w.At), basis.ObjectionRefused{Objection: id, Reference: ground})
		}
	}
}

// later is a second after a time, and not after the end.
func later(at, end time.Time) time.Time {
	if t := at.Add(time.Second); t.Before(end) {
		return t
	}
	return end
}
