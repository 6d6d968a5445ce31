package basis

import (
	"slices"
	"time"
)

// Covers reports whether the state holds at a valid time.
func (s *State) Covers(at time.Time) bool {
	return !at.Before(s.From) && (s.Until.IsZero() || at.Before(s.Until))
}

// Consent is the state of a scope; the zero ConsentState is not given.
func (s *State) Consent(scope string) ConsentState {
	if c := s.consent(scope); c != nil {
		return *c
	}
	return ConsentState{Scope: scope}
}

func (s *State) consent(scope string) *ConsentState {
	for i := range s.Consents {
		if s.Consents[i].Scope == scope {
			return &s.Consents[i]
		}
	}
	return nil
}

// HasCapacity reports whether the person acts in a capacity.
func (s *State) HasCapacity(key string) bool {
	for i := range s.Capacities {
		if s.Capacities[i].Key == key {
			return true
		}
	}
	return false
}

// Objection is the latest standing objection on a ground that reaches a purpose. With nil Records
// every objection on the ground does.
func (s *State) Objection(ground Ground, purpose string, records Records) (Objection, bool) {
	for i := len(s.Objections) - 1; i >= 0; i-- {
		if o := &s.Objections[i]; o.Ground == ground && o.reaches(purpose, records) {
			return *o, true
		}
	}
	return Objection{}, false
}

// MarketingObjection is the objection to marketing that stops a purpose, whatever the basis (GDPR
// Art. 21(3)). A standing consent to that very purpose given later is the person's later will and
// lifts it, as long as it stands.
func (s *State) MarketingObjection(purpose string, records Records) (Objection, bool) {
	o, ok := s.AgainstMarketing(purpose, records)
	if !ok {
		return o, false
	}
	for i := range s.Consents {
		c := &s.Consents[i]
		if c.Status == Standing && c.Given.After(o.Since) && slices.Contains(c.Purposes, purpose) {
			return Objection{}, false
		}
	}
	return o, true
}

// AgainstMarketing is the latest standing objection against a purpose of direct marketing, whatever consent came later: one
// to marketing, or one on the person's own situation that names the purpose. Stating a ground makes it no weaker (GDPR
// Art. 21(2), (3)).
func (s *State) AgainstMarketing(purpose string, records Records) (o Objection, ok bool) {
	for i := range s.Objections {
		x := &s.Objections[i]
		named := x.Ground == OwnSituation && len(x.Purposes) > 0
		if (x.Ground == Marketing || named) && x.reaches(purpose, records) && (!ok || !x.Since.Before(o.Since)) {
			o, ok = *x, true
		}
	}
	return o, ok
}

func (o *Objection) reaches(purpose string, records Records) bool {
	if len(o.Purposes) == 0 || records == nil {
		return true
	}
	for _, node := range o.Purposes {
		if records.Within(purpose, node) {
			return true
		}
	}
	return false
}
