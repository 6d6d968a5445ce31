package acceptance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// wbpClaims reads the grounds of Wbp Art. 8 as those of GDPR Art. 6(1) that took their place. Activities by which a machine
// decides have a ground of their own.
func wbpClaims(w *World, key string, v any) error {
	var list []any
	for _, s := range texts(v) {
		if s == "nl.wbp" {
			s = "nl.wbp.8.f" // AMB-95
		}
		list = append(list, strings.NewReplacer("nl.wbp.8.", "gdpr.6.1.", "nl.wbp 8(", "gdpr.6.1.", ")", "").Replace(s))
	}
	own := map[string][]basis.Claim{}
	for _, a := range w.Spec.Activities {
		if a.Automated != purpose.NotAutomated {
			own[a.Key] = a.Claims
		}
	}
	if err := claims(w, key, list); err != nil {
		return err
	}
	w.Edit(func(s *purpose.Spec) {
		for i := range s.Activities {
			if c, ok := own[s.Activities[i].Key]; ok {
				s.Activities[i].Claims = c
			}
		}
	})
	return nil
}

// declared adds the field to the activities of the purpose, unless one of them has it in that class.
func declared(w *World, key string, v any) error {
	class := strings.ReplaceAll(strings.TrimSuffix(fmt.Sprint(v), "_category"), "_", "-")
	known := 0
	fields := w.Case.Request.Texts("fields")
	for _, f := range fields {
		list, err := w.categories(f)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(w.Spec.Activities, func(a purpose.Activity) bool {
			return contains(a.Purposes, w.Case.Request.Text("purpose")) && !slices.ContainsFunc(list, func(c string) bool {
				id, ok := w.Notice.Register.Categories().ID(c)
				return !ok || w.Notice.Register.ClassOf(id).String() != class || !contains(a.Categories, c)
			})
		}) {
			known++
		}
	}
	if len(fields) > 0 && known == len(fields) {
		return nil
	}
	return loads()["class"](w, key, v)
}

// regime loads the versions of the notice that were written under a law.
func regime(w *World, _ string, v any) error {
	law, _ := v.(string)
	if law == "gdpr" || law == "eu.gdpr" {
		law = ""
	}
	w.Edit(func(s *purpose.Spec) {
		s.Notices = slices.DeleteFunc(slices.Clone(s.Notices), func(n purpose.Notice) bool { return n.Regime != law })
	})
	return nil
}

// bureauRetention writes the rule as stated; null leaves the purpose without one.
func bureauRetention(w *World, key string, v any) error {
	if v == nil {
		return w.activities(func(a *purpose.Activity) { a.Retention = nil })
	}
	stated := Object{}
	for k, x := range object(v) { // null is not stated
		if x != nil {
			stated[k] = x
		}
	}
	if !stated.Has("criterion") {
		if err := w.rules(func(r *retention.Rule) { r.Criterion = retention.Criterion{} }); err != nil {
			return err
		}
	}
	return retentionRule(w, key, map[string]any(stated))
}

// registerEntry is the entry of the processing in the register of the authority or of the officer.
func registerEntry(w *World, _ string, v any) error {
	entry, _ := v.(string)
	return w.activities(func(a *purpose.Activity) { a.Registration = entry })
}

// substantivePurpose registers a disclosure: as a grant to its recipients beside the purpose that it serves, or, where
// there is none, as a purpose of its own.
func substantivePurpose(w *World, _ string, v any) error {
	disclosure := w.Case.Request.Text("purpose")
	aims := texts(v)
	if len(aims) == 0 {
		aims = []string{disclosure}
	}
	via := func(g purpose.Grant) bool { return g.Via == disclosure }
	w.Edit(func(s *purpose.Spec) {
		for i := range s.Activities {
			a := s.Activities[i]
			if !slices.ContainsFunc(a.Recipients, via) || len(texts(v)) > 0 && !slices.Contains(a.Purposes, aims[0]) {
				continue
			}
			a.Key, a.Purposes, a.Actions = "disclosure", aims, []purpose.Action{purpose.Share}
			a.Recipients = slices.DeleteFunc(slices.Clone(a.Recipients), func(g purpose.Grant) bool { return !via(g) })
			s.Activities = append(slices.Clip(s.Activities), a)
			return
		}
		s.Activities = append(slices.Clip(s.Activities), purpose.Activity{Key: "disclosure", Purposes: aims})
	})
	return nil
}

// cookiePolicy is where the cookie policy is found.
func cookiePolicy(w *World, _ string, v any) error {
	reference, _ := v.(string)
	found := false
	w.Edit(func(s *purpose.Spec) {
		s.Notices = slices.Clone(s.Notices)
		for i := range s.Notices {
			s.Notices[i].Annexes = slices.Clone(s.Notices[i].Annexes)
			for j := range s.Notices[i].Annexes {
				if x := &s.Notices[i].Annexes[j]; x.Key == "cookie-policy" {
					x.Reference, found = reference, true
				}
			}
		}
	})
	if !found {
		return errValue
	}
	return nil
}
