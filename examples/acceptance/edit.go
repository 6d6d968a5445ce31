package acceptance

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// activities edits the activities of the request's purpose. There must be one.
func (w *World) activities(edit func(*purpose.Activity)) error {
	p, found := w.Case.Request.Text("purpose"), false
	w.Edit(func(s *purpose.Spec) {
		for i := range s.Activities {
			if a := &s.Activities[i]; contains(a.Purposes, p) {
				found = true
				edit(a)
			}
		}
	})
	if !found {
		return fmt.Errorf("no activity of %s", p)
	}
	return nil
}

// rules edits the retention rule that the request names, or those of the purpose's activities.
func (w *World) rules(edit func(*retention.Rule)) error {
	key, p := w.Case.Request.Text("rule"), w.Case.Request.Text("purpose")
	var of []string
	for _, a := range w.Spec.Activities {
		if p != "" && contains(a.Purposes, p) {
			of = append(of, a.Retention...)
		}
	}
	found := false
	w.Edit(func(s *purpose.Spec) {
		for i := range s.Retention {
			if x := &s.Retention[i]; x.Key == key || slices.Contains(of, x.Key) {
				found = true
				edit(x)
			}
		}
	})
	if !found {
		return errors.New("no such rule")
	}
	return nil
}

// retentionRule writes a rule as the case states it: floor, ceiling and trigger, or criterion and review.
func retentionRule(w *World, _ string, v any) error {
	o := object(v)
	var bad error
	read := func(key string) retention.Period {
		if o[key] == nil {
			return retention.Period{}
		}
		p, err := period(o[key])
		bad = errors.Join(bad, err)
		return p
	}
	for _, k := range o.Keys() {
		if !slices.Contains([]string{"floor", "ceiling", "trigger", "criterion", "review_every"}, k) {
			return fmt.Errorf("%s", k)
		}
	}
	floor, ceiling, review := read("floor"), read("ceiling"), read("review_every")
	if bad != nil {
		return bad
	}
	return w.rules(func(x *retention.Rule) {
		if o.Has("criterion") {
			law, clause, note := x.Law, x.Clause, x.Note
			*x = retention.Rule{Key: x.Key, Categories: x.Categories, Purposes: x.Purposes, Law: law, Clause: clause, When: x.When, Assumed: x.Assumed, Note: note,
				Criterion: retention.Criterion{Question: x.Key, Review: review}}
			return
		}
		x.Floor, x.Ceiling = floor, ceiling
		if t := o.Text("trigger"); t != "" {
			x.Anchor.Events = []string{t}
		}
	})
}

// claims replaces the claims of the activities by those named, as far as articles of the GDPR go; what a claim needs is
// kept from one of the same basis.
func claims(w *World, _ string, v any) error {
	var list []basis.Basis
	var laws []string
	for _, s := range texts(v) {
		if b, err := basis.Parse(slugBasis(s)); err == nil {
			list = append(list, b)
		} else {
			laws = append(laws, s)
		}
	}
	if statute := w.Case.Given.Facts.Text("statute"); statute != "" {
		laws = append(laws, statute)
	}
	return w.activities(func(a *purpose.Activity) {
		var next []basis.Claim
		for _, b := range list {
			i := slices.IndexFunc(a.Claims, func(c basis.Claim) bool { return c.Basis == b })
			switch {
			case i >= 0:
				next = append(next, a.Claims[i])
			case b == basis.LegalObligation:
				next = append(next, basis.Claim{Basis: b, Laws: laws, Clause: a.Clause})
			default:
				next = append(next, basis.Claim{Basis: b, Clause: a.Clause})
			}
		}
		a.Claims = next
	})
}

// eachClaim edits a part of every claim of a basis of the activities. Null takes the part away.
func eachClaim(of basis.Basis, set func(w *World, c *basis.Claim, v string)) Meaning {
	return func(w *World, _ string, v any) error {
		text, ok := v.(string)
		if !ok && v != nil {
			return errValue
		}
		return w.activities(func(a *purpose.Activity) {
			a.Claims = slices.Clone(a.Claims)
			for i := range a.Claims {
				if a.Claims[i].Basis == of {
					set(w, &a.Claims[i], text)
				}
			}
		})
	}
}

// consentScope names a scope, which the register declares with it.
func consentScope(w *World, c *basis.Claim, v string) {
	key, known := w.scope(v)
	if c.Scope = key; !known && v != "" {
		w.Spec.Scopes = append(slices.Clip(w.Spec.Scopes), purpose.Scope{Key: key, Purposes: []purpose.ScopedPurpose{{Purpose: w.Case.Request.Text("purpose")}}})
	}
}

// balancingTest names the record of one, which the register declares with it.
func balancingTest(w *World, c *basis.Claim, v string) {
	switch {
	case v == "":
		c.Assessment = ""
	case c.Assessment == "":
		c.Assessment = "stated"
		w.Spec.Assessments = append(slices.Clip(w.Spec.Assessments), purpose.Assessment{Key: "stated", Reference: v, Purposes: w.Case.Request.Texts("purpose"), From: "2000-01-01"})
	}
}

// ground takes away the extra ground that a class needs, or names another.
func ground(class purpose.Class) Meaning {
	return func(w *World, _ string, v any) error {
		return w.activities(func(a *purpose.Activity) {
			a.Overlays = slices.Clone(a.Overlays)
			if v == nil {
				a.Overlays = slices.DeleteFunc(a.Overlays, func(o purpose.Overlay) bool { return o.Class == class })
				return
			}
			for i := range a.Overlays {
				if a.Overlays[i].Class == class {
					s, _ := v.(string)
					if rest, ok := strings.CutPrefix(s, "gdpr."); ok {
						s = "gdpr:" + strings.ReplaceAll(rest, ".", "-")
					}
					a.Overlays[i].Ground = s
				}
			}
		})
	}
}

// declareFields adds the request's fields to the activities of its purpose, as categories of a class.
func (w *World) declareFields(class purpose.Class) error {
	for _, f := range w.Case.Request.Texts("fields") {
		w.Data[f] = Object{}
		list, err := w.categories(f)
		if err != nil && w.Notice.Vocabulary.Fields[f] == nil { // the entry brings a category of its own
			list = []string{slug(f)}
			w.Edit(func(s *purpose.Spec) {
				s.Categories = append(slices.Clip(s.Categories), purpose.Category{Key: list[0], Title: f})
			})
		} else if err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
		w.Edit(func(s *purpose.Spec) {
			for i := range s.Categories {
				if slices.Contains(list, s.Categories[i].Key) {
					s.Categories[i].Class = class
				}
			}
		})
		if err := w.activities(func(a *purpose.Activity) {
			for _, c := range list {
				if !contains(a.Categories, c) {
					a.Categories = append(slices.Clip(a.Categories), c)
				}
			}
		}); err != nil {
			return err
		}
	}
	return nil
}
