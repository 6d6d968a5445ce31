package acceptance

import (
	"errors"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// load compiles the notice's register with what the case says changed in it.
func (w *World) load(r *Result) {
	req := w.Case.Request
	known := loads()
	before := len(w.unmapped)
	changed := false
	for _, key := range w.Case.Given.Facts.Keys() {
		m := w.Notice.Vocabulary.Loads[key]
		if m == nil {
			m = known[key]
		}
		if m == nil {
			w.Unmapped("facts.%s", key)
			continue
		}
		changed = true
		w.try("facts", key, w.Case.Given.Facts[key], m)
	}
	if req.Text("action") == "register_activity" {
		w.registered()
	}
	for _, key := range req.Keys() {
		if !structural[key] {
			w.Unmapped("request.%s", key)
		}
	}
	if p := req.Text("purpose"); p != "" && !slices.ContainsFunc(w.Spec.Purposes, func(x purpose.Purpose) bool { return x.Key == p }) {
		changed = true // a purpose that the register does not declare: it says so
		w.Edit(func(s *purpose.Spec) {
			s.Activities = append(slices.Clip(s.Activities), purpose.Activity{Key: "registered", Purposes: []string{p}})
		})
	}
	if !changed && len(w.unmapped) == before {
		r.Err = errors.New("nothing says what is loaded")
	}
	if len(w.unmapped) > before { // what nobody can write is written as an entry that says nothing, which does not load
		w.Edit(func(s *purpose.Spec) {
			s.Activities = append(slices.Clip(s.Activities), purpose.Activity{Key: "unmapped"})
		})
	}
	reg, err := purpose.Compile(w.Spec)
	if err == nil && w.replaces {
		err = reg.Succeeds(w.Notice.Register)
	}
	r.Outcome = Valid
	if err != nil {
		r.Outcome = Invalid
		var problems purpose.Problems
		if errors.As(err, &problems) {
			for _, p := range problems {
				r.Codes = append(r.Codes, p.Code+" "+p.Path)
			}
		} else {
			r.Codes = []string{err.Error()}
		}
		r.Err = nil
	}
}

// registered adds the fields of the entry to the activities of its purpose that have none of them, each in the class that the
// register has it in.
func (w *World) registered() {
	for _, f := range w.Case.Request.Texts("fields") {
		list, err := w.categories(f)
		if err != nil {
			w.Unmapped("fields.%s: %v", f, err)
			continue
		}
		p := w.Case.Request.Text("purpose")
		has := func(a purpose.Activity) bool {
			return contains(a.Purposes, p) && !slices.ContainsFunc(list, func(c string) bool { return !contains(a.Categories, c) })
		}
		if slices.ContainsFunc(w.Spec.Activities, has) {
			continue
		}
		w.try("request", "fields", f, func(w *World, _ string, _ any) error {
			return w.activities(func(a *purpose.Activity) { a.Categories = append(slices.Clip(a.Categories), list...) })
		})
	}
}

// loads are the meanings of facts that say how an entry is written.
func loads() map[string]Meaning {
	return map[string]Meaning{
		"purpose": Nothing("the request names it"), "field": Nothing("the request names it"), "fields": Nothing("the request names it"),
		"statute": Nothing("a part of the claim"), "loaded_versions": versions,
		"class": func(w *World, _ string, v any) error {
			text, _ := v.(string)
			c := classOf(text)
			if c == 0 {
				return errValue
			}
			return w.declareFields(c)
		},
		"basis":              claims,
		"consent_scope":      eachClaim(basis.Consent, consentScope),
		"interest_statement": eachClaim(basis.LegitimateInterests, func(_ *World, c *basis.Claim, v string) { c.Interest = v }),
		"balancing_test":     eachClaim(basis.LegitimateInterests, balancingTest),
		"art9_condition":     ground(purpose.Special),
		"national_id_rule":   ground(purpose.NationalID),
		"article6": func(w *World, _ string, v any) error {
			if v != nil {
				return errValue
			}
			return w.activities(func(a *purpose.Activity) { a.Claims = nil })
		},
		"rule":      retentionRule,
		"retention": retentionRule,
		"regime": func(w *World, _ string, v any) error {
			w.Edit(func(s *purpose.Spec) {
				if n := len(s.Notices); n > 0 {
					s.Notices[n-1].Regime, _ = v.(string)
				}
			})
			return nil
		},
		"recipient": func(w *World, _ string, v any) error {
			key, _ := v.(string)
			w.Edit(func(s *purpose.Spec) {
				for i := range s.Recipients {
					if x := &s.Recipients[i]; x.Key == key {
						x.Countries = append(slices.Clip(x.Countries), w.Case.Given.Facts.Texts("country")...)
					}
				}
			})
			return w.activities(func(a *purpose.Activity) {
				if !slices.ContainsFunc(a.Recipients, func(g purpose.Grant) bool { return g.Recipient == key }) {
					a.Recipients = append(slices.Clip(a.Recipients), purpose.Grant{Recipient: key, Clause: a.Clause})
				}
			})
		},
		"country": Nothing("of the recipient"),
		"rule_anchor": func(w *World, _ string, v any) error {
			var k retention.AnchorKind
			text, _ := v.(string)
			if err := k.UnmarshalText([]byte(strings.ReplaceAll(text, "_", "-"))); err != nil {
				return err
			}
			return w.rules(func(x *retention.Rule) { x.Anchor.Kind = k })
		},
		"controller": func(w *World, _ string, v any) error {
			w.Case.Given.Controller = nil // stated here instead
			o := object(v)
			w.Edit(func(s *purpose.Spec) {
				s.Controller.FinancialYears = purpose.FinancialYears{Ending: o.Text("financial_year_end")}
			})
			return nil
		},
		"new_version": func(w *World, _ string, v any) error {
			from, _ := v.(string)
			w.Edit(func(s *purpose.Spec) {
				if n := len(s.Notices); n > 0 {
					x := s.Notices[n-1]
					x.Version, x.From, x.Through, x.Announced = or(from, "next"), from, "", from
					if w.Case.Given.Facts.Has("announced") && !truthy(w.Case.Given.Facts["announced"]) {
						x.Announced = ""
					}
					if m, ok := w.Case.Given.Facts["material_change"].(bool); ok {
						x.Material = m
					}
					s.Notices = append(slices.Clip(s.Notices), x)
				}
			})
			return nil
		},
		"version_id": Nothing("content_changed names it"),
		"content_changed": func(w *World, _ string, v any) error {
			if w.replaces = true; !truthy(v) {
				return nil
			}
			id := w.Case.Given.Facts.Text("version_id")
			w.Edit(func(s *purpose.Spec) {
				s.Notices = slices.Clone(s.Notices)
				for i := range s.Notices {
					if n := &s.Notices[i]; n.Version == id || n.From == id || id == "" && i == len(s.Notices)-1 {
						n.Digest = "sha256:" + strings.Repeat("0", 64)
					}
				}
			})
			return nil
		},
		"announced": Nothing("of the new version"), "material_change": Nothing("of the new version"),
		"valid_to": func(w *World, _ string, v any) error {
			through, _ := v.(string)
			w.Edit(func(s *purpose.Spec) {
				if n := len(s.Notices); n > 0 {
					s.Notices[n-1].Through = through
				}
			})
			return nil
		},
		"limitation_until": Nothing("a vocabulary says which rule asks for it"),
	}
}
