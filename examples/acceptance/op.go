package acceptance

// businesscredit is the vocabulary of the notice behind examples/businesscredit.
func businesscredit() Vocabulary {
	const whoeverAsks = "whoever asks"
	return Vocabulary{
		Fields: map[string][]string{
			"contact_details": {"basic.name", "contact.address", "contact.phone", "contact.email"},
			"call_recording":  {"communication.communication_record"},
		},
		Sources: map[string]string{
			"src.credit_bureau": "src.credit_reporting_company",
		},
		Party:  "subprocessor",
		Claims: []string{"op.rights_protection"},
		Events: map[string][]string{
			"application_not_accepted": {"application_rejected"},
			"offer_expired":            {"offer_not_accepted"},
			"discovery":                {"data_found_wrong"},
			"discovered":               {"data_found_wrong"},
			"inaccuracy_discovered":    {"data_found_wrong"},
			"inaccuracy_found":         {"data_found_wrong"},
			"error_discovered":         {"data_found_wrong"},
			"found_inaccurate":         {"data_found_wrong"},
			"found_outdated":           {"data_found_wrong"},
			"found_incompatible":       {"data_found_wrong"},
		},
		Dated: map[string]string{"invoice": "booked", "payment_record": "booked"},
		Facts: map[string]Meaning{
			// OP-7: the list is a base document of the policies, which the security team keeps. A case without a list is not
			// about it: whoever asks is on it.
			"predetermined_persons": func(w *World, _ string, v any) error {
				switch v {
				case whoeverAsks:
					v = []Object{{"id": w.Request.Principal.ID, "from": "2000-01-01"}}
				case nil:
					v = []Object{}
				}
				return w.Document("persons/data.yaml", Object{"predetermined": v})
			},
			"medium":       Nothing("OP-7: one list for databases and backups"),
			"data_correct": foundWrong, "accurate": foundWrong, "correct": foundWrong,
			"inaccurate": foundWrong, "incorrect": foundWrong, "outdated": foundWrong, "incompatible": foundWrong, "data_wrong": foundWrong,
			"found_at": foundWrong, "found_wrong_at": foundWrong, "discovered_at": foundWrong, "found_inaccurate_at": foundWrong, "inaccuracy_found_at": foundWrong,
			"missing":                func(w *World, _ string, v any) error { return w.State("necessary_data_present", !truthy(v)) },
			"notice_accepted_by_use": Nothing("OP-2.0: no consent, which is given separately"),
			"mode":                   Nothing("OP-4: by hand or by machine; OP-1: an address that is used is used for a message"),
			"channel":                Nothing("OP-6: an objection covers every channel"),
		},
		Defaults: map[string]any{
			"predetermined_persons":        whoeverAsks,
			"necessary_data_present":       true,
			"electronic_channels_approved": true, // OP-1: by using the services
		},
		Reasons: map[string]string{"mandatory_data_missing": "facts.condition necessary_data_present"},
	}
}

// foundWrong records that data was found incompatible, outdated or wrong: when the value says, or just before the request.
func foundWrong(w *World, key string, v any) error {
	if b, ok := v.(bool); ok {
		v = b != (key == "data_correct" || key == "accurate" || key == "correct")
	}
	return Occurs("data_found_wrong")(w, key, v)
}
