package basis

import (
	"slices"
	"time"
)

// incidentLimit bounds an emergency (GDPR Art. 6(1)(d)): 72 hours, then a person reviews it.
const incidentLimit = 72 * time.Hour

var restrictionReasons = []string{"accuracy-contested", "unlawful", "legal-claims", "objection-pending"}

// check tests an event against the vocabulary and against the event it refers to.
func (v *Vocabulary) check(e *Event, stored Stored) *EventError {
	if err := checkPlace(e); err != nil {
		return err
	}
	c := checker{e: e, stored: stored}
	switch b := e.Body.(type) {
	case ConsentGiven:
		known(&c, "scope", v.Scopes, b.Scope)
		c.that("notice", b.Notice == "" || v.shown(b.Notice, e.ValidAt) >= 0, "not in the register")
		known(&c, "recipients", v.Recipients, b.Recipients...)
		c.until("until", b.Until)
	case ConsentNarrowed:
		known(&c, "scope", v.Scopes, b.Scope)
		known(&c, "purposes", v.Purposes, b.Purposes...)
		known(&c, "recipients", v.Recipients, b.Recipients...)
		known(&c, "categories", v.Categories, b.Categories...)
		c.that("purposes", len(b.Purposes)+len(b.Recipients)+len(b.Categories) > 0, "nothing is taken out")
	case ConsentWithdrawn:
		known(&c, "scope", v.Scopes, b.Scope)
	case ObjectionRaised:
		c.that("ground", b.Ground.Valid(), "not a ground")
		known(&c, "purposes", v.Purposes, b.Purposes...)
	case ObjectionRefused:
		if o, ok := refer[ObjectionRaised](&c, "objection", b.Objection); ok {
			c.that("objection", o.Ground == OwnSituation, "an objection to marketing cannot be refused")
		}
		c.present("reference", b.Reference)
	case ObjectionUpheld:
		refer[ObjectionRaised](&c, "objection", b.Objection)
	case RestrictionImposed:
		known(&c, "categories", v.Categories, b.Categories...)
		c.that("reason", slices.Contains(restrictionReasons, b.Reason), "not a reason")
	case RestrictionLifted:
		refer[RestrictionImposed](&c, "restriction", b.Restriction)
		c.that("informed_at", !b.InformedAt.IsZero() && !b.InformedAt.After(e.ValidAt), "the person is told before lifting")
	case RestrictionExcepted:
		refer[RestrictionImposed](&c, "restriction", b.Restriction)
		c.that("exception", b.Exception.Valid(), "not an exception")
		some(&c, "purposes", v.Purposes, b.Purposes)
		c.present("reference", b.Reference)
		c.until("until", b.Until)
	case Occurred:
		known(&c, "event", v.Events, b.Event)
	case IncidentOpened:
		c.present("reference", b.Reference)
		some(&c, "purposes", v.Purposes, b.Purposes)
		c.until("until", b.Until)
		c.that("until", !b.Until.IsZero() && b.Until.Sub(e.ValidAt) <= incidentLimit, "more than 72 hours after valid_at")
	case HoldPlaced:
		known(&c, "categories", v.Categories, b.Categories...)
		c.present("reason", b.Reason)
	case HoldReleased:
		refer[HoldPlaced](&c, "hold", b.Hold)
	case NecessityJudged:
		known(&c, "rule", v.Rules, b.Rule)
		c.until("review_at", b.ReviewAt)
	case AttestationGiven:
		c.present("by", b.By)
		some(&c, "categories", v.Categories, b.Categories)
	case AssessmentFiled:
		c.present("assessment", b.Assessment)
		some(&c, "purposes", v.Purposes, b.Purposes)
		c.present("reference", b.Reference)
		c.until("until", b.Until)
	case AgreementSigned:
		known(&c, "recipient", v.Recipients, b.Recipient)
		some(&c, "purposes", v.Purposes, b.Purposes)
		known(&c, "categories", v.Categories, b.Categories...)
		for _, a := range b.Actions {
			c.present("actions", a)
		}
		for _, country := range b.Countries {
			c.that("countries", isCountry(country), "not two capital letters")
		}
		c.present("reference", b.Reference)
		c.until("until", b.Until)
	case AgreementEnded:
		refer[AgreementSigned](&c, "agreement", b.Agreement)
	default:
		return refuse("body", "unknown kind")
	}
	return c.err
}

// checkPlace keeps what concerns a person and what concerns the controller apart.
func checkPlace(e *Event) *EventError {
	controller := e.DataSubject == ControllerWide
	switch e.Body.(type) {
	case AssessmentFiled, AgreementSigned, AgreementEnded:
		if !controller {
			return refuse("data_subject", "controller-wide only")
		}
	case AttestationGiven:
	default:
		if controller {
			return refuse("data_subject", "concerns one person")
		}
	}
	return nil
}

// checker keeps the first error.
type checker struct {
	e      *Event
	stored Stored
	err    *EventError
}

func (c *checker) that(field string, ok bool, otherwise string) {
	if !ok && c.err == nil {
		c.err = refuse(field, otherwise)
	}
}

func (c *checker) present(field, s string) { c.that(field, s != "", "missing") }

func (c *checker) until(field string, t time.Time) {
	c.that(field, t.IsZero() || t.After(c.e.ValidAt), "not after valid_at")
}

// known wants every key in the register; there may be none.
func known[V any](c *checker, field string, register map[string]V, keys ...string) {
	c.that(field, hasAll(register, keys), "not in the register")
}

// some wants at least one key, all in the register.
func some[V any](c *checker, field string, register map[string]V, keys []string) {
	c.that(field, len(keys) > 0, "missing")
	known(c, field, register, keys...)
}

// refer wants an earlier event of the same person and of type B.
func refer[B Body](c *checker, field, id string) (B, bool) {
	old, ok := c.stored(id)
	body, is := old.Body.(B)
	ok = ok && is && old.DataSubject == c.e.DataSubject
	c.that(field, ok, "no such event of this data subject")
	c.that(field, !ok || !old.ValidAt.After(c.e.ValidAt), "valid later than this event")
	return body, ok
}

func isCountry(s string) bool {
	return len(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z'
}
