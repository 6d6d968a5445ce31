package acceptance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

// sharedMeanings are those of keys that mean the same in every notice.
func sharedMeanings() map[string]Meaning {
	m := map[string]Meaning{
		"actor_id": func(w *World, _ string, v any) error {
			w.Request.Principal.ID, _ = v.(string)
			return nil
		},
		// Read where objections, restrictions and agreements are built; a fact or event too where the register declares one.
		"compelling_grounds": also, "legal_ground_to_refuse": also, "objection_assessment": also, "protects_rights_of": also,
		"public_interest": also, "important_public_interest": also, "legal_claim_pending": also, "shielded": also, "instructed_purposes": also,

		"client_instruction": instruct, "source_instruction": instruct,
		"loaded_versions": versions,
		"scc_valid_until": Edits(func(s *purpose.Spec, v any) error {
			day, _ := v.(string)
			for i := range s.Recipients {
				s.Recipients[i].Safeguards = slices.Clone(s.Recipients[i].Safeguards)
				for j := range s.Recipients[i].Safeguards {
					if g := &s.Recipients[i].Safeguards[j]; g.Mechanism == purpose.SCC {
						g.Through = day
					}
				}
			}
			return nil
		}),
		"legal_hold":       Held(),
		"concrete_dispute": Held(),
		"decision":         decision,
	}
	for _, key := range []string{"identity_proven", "identity_doubted", "scope", "received", "extended", "answered", "accessed_before", "data_correct", "data_relevant", "lawful",
		"transfer_feasible", "channel", "reason", "consent_scope", "format", "to", "grounds", "ground", "changes", "addressed_to", "facts_true", "about_subject", "human_reviewer"} {
		m[key] = also // read where a right is asked for
	}
	m["agreements_ok"] = func(w *World, _ string, v any) error {
		if !truthy(v) {
			w.Case.Given.Agreements = &[]Object{}
		}
		return nil
	}
	for _, key := range []string{"server_country", "recipient_role"} {
		m[key] = also // said by other keys, or by the register
	}
	return m
}

// also gives a key that is read elsewhere the meaning of its name as well, where the register has one for it.
func also(w *World, key string, v any) error {
	w.byName("facts", key, v)
	return nil
}

// instruct replaces what the party that a dataset is held for has instructed.
func instruct(w *World, key string, v any) error {
	name, party := "", strings.TrimSuffix(key, "_instruction")
	for _, d := range w.Case.Given.Data {
		of, _ := w.dataset(d.Text("dataset"))
		if slices.ContainsFunc(w.Spec.Datasets, func(x purpose.Dataset) bool { return x.Key == of && x.OnBehalfOf == party }) {
			name = of
		}
	}
	if name == "" {
		return fmt.Errorf("no dataset of a %s", party)
	}
	list := texts(v)
	w.Edit(func(s *purpose.Spec) {
		for i := range s.Datasets {
			if s.Datasets[i].Key == name {
				s.Datasets[i].Purposes = list
			}
		}
	})
	return nil
}

// dataset is the register's key of a dataset.
func (w *World) dataset(s string) (string, bool) {
	key := or(w.Notice.Vocabulary.Datasets[s], strings.TrimPrefix(s, "dataset:"))
	return key, slices.ContainsFunc(w.Spec.Datasets, func(d purpose.Dataset) bool { return d.Key == key })
}

// decision says how a decision is taken: by whom, with which effect, on which ground of GDPR Art. 22(2).
func decision(w *World, _ string, v any) error {
	d := object(v)
	for _, key := range d.Keys() {
		b, _ := d[key].(bool)
		switch key {
		case "solely_automated":
			if !b {
				w.Request.Reviewer = d.Text("human_reviewer")
			}
		case "human_reviewer":
		case "significant":
			w.Request.Minor = !b
		case "explicit_consent":
			if b {
				w.decisionConsent()
			}
			w.byName("decision", "decision."+key, d[key])
		default:
			if !w.byName("decision", "decision."+key, d[key]) && truthy(d[key]) {
				return fmt.Errorf("%s", key)
			}
		}
	}
	return nil
}

// decisionConsent records explicit consent to a decision by machine: the scopes of explicit claims that cover the purpose.
func (w *World) decisionConsent() {
	p := w.Case.Request.Text("purpose")
	for _, a := range w.Spec.Activities {
		if a.Automated != purpose.ExplicitConsent {
			continue
		}
		for _, c := range a.Claims {
			i := slices.IndexFunc(w.Spec.Scopes, func(s purpose.Scope) bool { return s.Key == c.Scope })
			if !c.Explicit || i < 0 || !slices.ContainsFunc(w.Spec.Scopes[i].Purposes, func(x purpose.ScopedPurpose) bool { return x.Purpose == p }) {
				continue
			}
			q := basis.GoodConsent()
			q.Explicit = true
			w.Happened(w.Before(), basis.ConsentGiven{Scope: c.Scope, Quality: q})
		}
	}
}

// reachBack lets what began with the first version of a register begin with an earlier one that is loaded.
func reachBack(s *purpose.Spec, first, earlier string) {
	if earlier >= first {
		return
	}
	s.Assessments, s.Recipients = slices.Clone(s.Assessments), slices.Clone(s.Recipients)
	for i := range s.Assessments {
		if a := &s.Assessments[i]; a.From == first {
			a.From = earlier
		}
	}
	for i := range s.Recipients {
		if a := s.Recipients[i].Agreement; a != nil && a.From == first {
			own := *a
			own.From = earlier
			s.Recipients[i].Agreement = &own
		}
	}
}

// versions replaces the notice versions by those that are loaded, "version@date".
func versions(w *World, _ string, v any) error {
	var list []purpose.Notice
	var known []string
	old := w.Spec.Notices
	for _, s := range texts(v) {
		version, from, ok := strings.Cut(s, "@")
		if !ok || len(old) == 0 {
			return errValue
		}
		n := old[len(old)-1]
		if i := slices.IndexFunc(old, func(n purpose.Notice) bool { return n.Version == version }); i >= 0 {
			n = old[i]
		}
		n.Version, n.From, n.Through, n.Announced = version, from, "", from
		list, known = append(list, n), append(known, version)
	}
	if len(list) == 0 {
		return errValue
	}
	slices.SortStableFunc(list, func(a, b purpose.Notice) int { return strings.Compare(a.From, b.From) })
	w.Edit(func(s *purpose.Spec) {
		s.Notices = list
		reachBack(s, old[0].From, list[0].From)
		for i := range s.Activities {
			a := &s.Activities[i]
			if len(a.Notices) > 0 {
				a.Notices = slices.DeleteFunc(slices.Clone(a.Notices), func(v string) bool { return !slices.Contains(known, v) })
				if len(a.Notices) == 0 { // of none that is loaded: of no version that decides here
					a.Notices = []string{known[len(known)-1]}
				}
			}
		}
		for i := range s.Scopes {
			for j := range s.Scopes[i].Purposes {
				if x := &s.Scopes[i].Purposes[j]; x.Since != "" && !slices.Contains(known, x.Since) {
					x.Since = ""
				}
			}
		}
	})
	return nil
}
