package acceptance

import (
	"slices"
	"strings"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// housing is the vocabulary of the notice behind examples/housing.
func housing() Vocabulary {
	return Vocabulary{
		Fields: map[string][]string{
			"contact_details": {"contact.name", "contact.address", "contact.phone", "contact.email"},
			"cvr_number":      {"business.cvr_number"}, "cvr_number:anonymous": {"company.cvr_number"},
			"cctv_footage": {"footage.cctv_footage"}, "cctv_footage:live": {"live-footage.cctv_footage"},

			"enquiry_text": {"enquiry-unchecked.enquiry_text"}, "enquiry_text:unclassified": {"enquiry-unchecked.enquiry_text"},
			"enquiry_text:ordinary": {"enquiry.enquiry_text"}, "enquiry_text:confidential": {"enquiry-sensitive.enquiry_text"},
			"enquiry_text:special_category": {"enquiry-sensitive.enquiry_text"},
			"enquiry_text:separable":        {"enquiry.enquiry_text", "enquiry-sensitive.sensitive_passages"},

			"cancellation_case_data":                  {"cancellation.cancellation_case_data"},
			"cancellation_case_data:ordinary":         {"cancellation.cancellation_case_data"},
			"cancellation_case_data:confidential":     {"cancellation-confidential.cancellation_case_data"},
			"cancellation_case_data:special_category": {"cancellation-sensitive.cancellation_case_data"},
		},
		Controllers: map[string]Meaning{"property_administrator": givenDirectly},
		Arrives: map[string][]string{
			"tenant":               {"tenancy_started"},
			"former_tenant":        {"tenancy_started", "tenancy_ended"},
			"subtenant":            {"sublet_began"},
			"interest_list_member": {"interest_shown"},
			"parking_applicant":    {"parking_requested"},
		},
		FieldSources: map[string]string{"subtenant_names": "tenant"}, // who sublets gives them
		Defaults: map[string]any{
			"address_of": "own",                 // whoever is registered lives in one of the landlord's dwellings
			"key_kind":   []any{"fob", "phone"}, // nobody says what kind of key it is: any
		},
		Collected: []string{"key_log_entry", "recorded"},
		Judged:    map[string]bool{"df.ret.contact": true, "df.ret.inert": true, "df.ret.figures": true},
		Reasons:   map[string]string{"request_missing": "facts.missing police_request.ref", "unclassified": "prohibition.category unclassified-not-forwarded"},
		Facts: map[string]Meaning{
			"assessment_open":      Choose(map[string]Meaning{"true": Nothing("the application is open until it was assessed"), "false": dfAssessed}),
			"assessment_closed_at": Occurs("sublet_assessed"),
			"agreement_ended_at":   Occurs("tenancy_ended"),
			"in_contact":           Judged("df.ret.contact"),
			"open_cases": func(w *World, key string, v any) error {
				if n, _ := v.(float64); n > 0 {
					w.Happened(w.Before(), basis.Occurred{Event: "case_opened"})
				}
				return nil
			},
			"occasion":   Choose(map[string]Meaning{"moving_in": Occurs("moved_in"), "move_in": Occurs("moved_in"), "moving_out": Nothing("nobody moves in"), "move_out": Nothing("nobody moves in")}),
			"legal_form": dfLegalForm,
			"key_kind":   dfKeyKind,
			"measure":    dfMeasure,
			"mode":       dfMode,
			"stream":     dfMode,
			"live":       dfLive,
			"necessary":  Choose(map[string]Meaning{"true": Nothing("necessity alone opens nothing (AMB-32)")}),
			"separable":  dfSeparable,
			"tenancy":    dfTenancy,
			"window":     dfWindow,
			"door":       dfDoor,
			"incident":   dfIncident,

			"cancellation_ground": Among("rent_not_paid", "rent_unpaid", "left_without_agreement", "abandoned", "handed_over_to_others", "handed_over"), // DF-4

			"legal_task":     Parts("kind"),
			"police_request": Parts("kind", "case"),

			"inbound_unasked":                Nothing("the number is not stored whether asked for or not"),
			"durable":                        Nothing("storing is durable"),
			"data_given_as":                  givenTo,
			"data_given_to":                  givenTo,
			"sent_directly_to":               givenTo,
			"data_sent_to":                   givenTo,
			"sent_to":                        givenTo,
			"given_to":                       givenTo,
			"sent_directly":                  givenDirectly,
			"given_directly":                 givenDirectly,
			"sent_directly_to_administrator": givenDirectly,
			"topic":                          Nothing("who answers for the topic is said beside"),
			"scope":                          Nothing("a reply on all properties names no tenancy"),
		},
		// Whoever asks to be erased asks off the mailing list, which takes no form (DF-6).
		Finish: func(w *World) {
			r := w.Case.Request
			if r.Text("action") == "request_right" && r.Text("right") == "erasure" && slices.Contains(w.Case.Given.Subject, "mailing_list_member") {
				w.Happened(w.Just(), basis.Occurred{Event: "removal_requested"})
			}
		},
		Loads: map[string]Meaning{
			"agreement_ended_at": Nothing("when the clock of the rule would start"),
			"limitation_until": func(w *World, _ string, v any) error {
				return w.rules(func(r *retention.Rule) {
					if v == nil {
						r.Anchor.Date = ""
					}
				})
			},
			"camera": dfCamera,
		},
	}
}

// givenTo: what a person sends the administrator is the administrator's own, who is no processor of it (AMB-30). All else
// is given to the landlord's representative.
func givenTo(w *World, _ string, v any) error {
	s, ok := v.(string)
	if !ok && v != nil {
		return errValue
	}
	if !strings.Contains(s, "administrator") {
		return nil
	}
	w.Of = "property_administrator"
	w.Edit(func(s *purpose.Spec) {
		s.Recipients = slices.Clone(s.Recipients)
		for i := range s.Recipients {
			if r := &s.Recipients[i]; r.Key == w.Of {
				r.Kind, r.Agreement = purpose.SeparateController, nil
			}
		}
	})
	return nil
}

func givenDirectly(w *World, key string, v any) error {
	if truthy(v) {
		return givenTo(w, key, "property_administrator")
	}
	return nil
}

// dfAssessed closes the assessment just before the request.
func dfAssessed(w *World, _ string, _ any) error {
	w.Happened(w.Just(), basis.Occurred{Event: "sublet_assessed"})
	return nil
}

// dfMeasure makes the use of a complaint the decision that it is, taken by who asks.
func dfMeasure(w *World, _ string, v any) error {
	if truthy(v) {
		w.Request.Action, w.Request.Reviewer = purpose.Decide, "actor"
	}
	return nil
}

// dfLegalForm: the number of a company, other than that of a sole trader, is about nobody.
func dfLegalForm(w *World, _ string, v any) error {
	if s, _ := v.(string); s == "company" || s == "limited_company" || s == "legal_person" {
		if d := w.Data["cvr_number"]; d != nil {
			d["class"] = "anonymous"
		}
	}
	return nil
}

// dfKeyKind: a wristband is registered as a fob is.
func dfKeyKind(w *World, key string, v any) error {
	if s, _ := v.(string); s != "" {
		kind := map[string]string{"wristband": "fob", "bracelet": "fob", "armband": "fob", "app": "phone", "mobile": "phone", "phone_key": "phone"}[s]
		return w.State(key, or(kind, s))
	}
	return w.State(key, v)
}

// dfMode: live pictures are another category than recordings. Watching a log needs what reading it needs.
func dfMode(w *World, _ string, v any) error {
	if s, _ := v.(string); strings.Contains(s, "live") {
		if d := w.Data["cctv_footage"]; d != nil {
			d["class"] = "live"
		}
	}
	return nil
}

func dfLive(w *World, key string, v any) error {
	if truthy(v) {
		return dfMode(w, key, "live")
	}
	return nil
}

// dfSeparable: sensitive passages that can be cut out are a datum of their own.
func dfSeparable(w *World, _ string, v any) error {
	if b, _ := v.(bool); b {
		w.Data["enquiry_text"]["class"] = "separable"
	}
	return nil
}

// dfTenancy is whose dwelling it is among the facts, and which one in a request.
func dfTenancy(w *World, key string, v any) error {
	if s, _ := v.(string); !w.Case.Request.Has(key) && (s == "own" || s == "other_landlord") {
		return w.State("address_of", v)
	}
	return w.State(key, v)
}

// dfWindow is the period of a search. What nobody says was approved was approved as it is asked for.
func dfWindow(w *World, key string, v any) error {
	o := object(v)
	approved := o
	if f := w.Case.Given.Facts; f.Has("approved_window") {
		approved = f.Object("approved_window")
	} else if f.Has("approved_door") {
		approved = nil
	}
	for _, part := range []string{"from", "to"} {
		if err := w.State(key+"."+part, o[part]); err != nil {
			return err
		}
		if err := w.State("approved_window."+part, approved[part]); err != nil {
			return err
		}
	}
	return nil
}

// dfDoor is the door of a search.
func dfDoor(w *World, key string, v any) error {
	if f := w.Case.Given.Facts; !f.Has("approved_window") && !f.Has("approved_door") {
		if err := w.State("approved_door", v); err != nil {
			return err
		}
	}
	return w.State(key, v)
}

// dfIncident is what happened. The kinds have one name in the register.
func dfIncident(w *World, key string, v any) error {
	o := object(v)
	if o == nil {
		return nil
	}
	kind := o.Text("kind")
	if same := map[string]string{"police_work": "police", "police_request": "police", "police_investigation": "police", "dispute": "legal_dispute", "lawsuit": "legal_dispute", "break_in": "burglary"}[kind]; same != "" {
		kind = same
	}
	w.rest("facts."+key, o, "ref", "at", "opened_at", "kind", "unlawful_act", "unlawful", "unlawful_act_documented", "documented")
	unlawful := any(nil)
	for _, part := range []string{"unlawful_act", "unlawful", "unlawful_act_documented"} {
		if o.Has(part) {
			unlawful = truthy(o[part])
		}
	}
	if b, said := o["documented"].(bool); said && !b {
		unlawful = nil // AMB-40: a documented one
	}
	for fact, v := range map[string]any{"incident.ref": o["ref"], "incident.kind": kind, "incident.unlawful_act": unlawful} {
		if v == nil || v == "" {
			continue
		}
		if err := w.State(fact, v); err != nil {
			return err
		}
	}
	return nil
}

// dfCamera takes away what is not on file about a camera.
func dfCamera(w *World, _ string, v any) error {
	o := object(v)
	for key, assessment := range map[string]string{"signposted": "cctv.signs", "police_registered": "cctv.police_register"} {
		if truthy(o[key]) {
			continue
		}
		w.Edit(func(s *purpose.Spec) {
			var kept []purpose.Assessment
			for _, a := range s.Assessments {
				if a.Key != assessment {
					kept = append(kept, a)
				}
			}
			s.Assessments = kept
		})
	}
	return nil
}
