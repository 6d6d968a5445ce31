package acceptance

import (
	"strings"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// leasing is the vocabulary of the notice behind examples/leasing.
func leasing() Vocabulary {
	contact := []string{"contact.name", "contact.address", "contact.email", "contact.phone"}
	return Vocabulary{
		Fields: map[string][]string{
			"contact_details":     contact,
			"newsletter_signup":   {"contact.name", "contact.email", "newsletter.signup"},
			"cookie_usage_data":   {"visit.ip_address", "visit.browser_type", "visit.search_topics", "visit.network_location", "visit.computer_info"},
			"purchase_info":       {"purchase.info"},
			"payment_record":      {"purchase.payment"},
			"transaction_record":  {"purchase.transaction"},
			"leasing_contract":    {"lease.contract"},
			"vehicle_data":        {"vehicle.data"},
			"enquiry_text":        {"enquiry.text"},
			"credit_application":  {"credit.application"},
			"credit_score":        {"credit.score"},
			"cpr_number":          {"national-id.cpr"},
			"personal_number":     {"national-id.cpr"},
			"bank_account":        {"finance.iban"},
			"bank_payment_info":   {"finance.iban"},
			"third_party_cookie":  {"cookies.third_party"},
			"third_party_cookies": {"cookies.third_party"},
			"marketing_profile":   {"marketing.profile"},
		},
		Scopes:        map[string]string{"direct_marketing": "marketing_material", "marketing": "marketing_material", "facebook_marketing": "marketing_material"},
		Party:         "processor",
		ProveIdentity: true,
		Claims:        []string{"fx.legal_claim"},
		Dated:         map[string]string{"invoice": "purchase_booked", "purchase_info": "purchase_booked", "payment_record": "purchase_booked", "transaction_record": "purchase_booked"},
		Defaults:      map[string]any{"fraud_signal": false, "won_competition": false},
		Facts: map[string]Meaning{
			"via":                cameVia,
			"relation":           partnerRelation,
			"relation_relevant":  Choose(map[string]Meaning{"true": Nothing("the relation runs"), "false": relationOver}),
			"documentation_need": Judged("fx.ret.partner"),
			"deleted_by_user":    Occurs("deleted_by_data_subject"),
			"own_deadline":       ownDeadline,
			"other_basis":        Choose(map[string]Meaning{"gdpr.6.1.b": Occurred("customer_relation_started")}),
			"consent_refused":    Nothing("see law_requires"),
			"law_requires":       lawRequires,
			"third_party_cookie": Nothing("the rule is that of such cookies"),
			"expiry_table_entry": expiryTable("fx.ret.third_party_cookies"),
			"data_given_as":      Nothing("the controller is the same for all that a customer or partner gives"),
		},
		Loads: map[string]Meaning{
			"third_party_cookie": Nothing("the rule is that of such cookies"),
			"expiry_table_entry": expiryTable("fx.ret.third_party_cookies"),
		},
	}
}

// cameVia is the source of what is collected: "cookie".
func cameVia(w *World, _ string, v any) error {
	w.Source, _ = v.(string)
	return nil
}

// partnerRelation signs a contract with partners who are not merely employed by one.
func partnerRelation(w *World, _ string, v any) error {
	if s, _ := v.(string); s != "" && !strings.HasPrefix(s, "employee") {
		w.Happened(w.Before(), basis.Occurred{Event: "partner_contract_signed"})
	}
	return nil
}

func relationOver(w *World, _ string, _ any) error {
	w.Happened(w.Before(), basis.Occurred{Event: "partner_relation_started"})
	w.Happened(w.Before().Add(1), basis.Occurred{Event: "partner_relation_ended"})
	return nil
}

// ownDeadline is the earlier deadline of a datum, which the register holds by category.
func ownDeadline(w *World, _ string, v any) error {
	p, err := period(v)
	if err != nil {
		return err
	}
	found := false
	w.Edit(func(s *purpose.Spec) {
		for i := range s.Retention {
			if s.Retention[i].Key == "fx.ret.product_interest" {
				found, s.Retention[i].Ceiling = true, p
			}
		}
	})
	if !found {
		return errValue
	}
	return nil
}

// lawRequires says which of the refused data a law demands: none, and the refusal changes nothing (AMB-10).
func lawRequires(w *World, _ string, v any) error {
	if truthy(w.Case.Given.Facts["consent_refused"]) && truthy(v) {
		w.Happened(w.Just(), basis.Occurred{Event: "required_data_refused"})
	}
	return nil
}

// expiryTable writes a rule for cookies with the entry of the table of periods.
func expiryTable(rule string) Meaning {
	return func(w *World, _ string, v any) error {
		var p retention.Period
		if v != nil {
			var err error
			if p, err = period(v); err != nil {
				return err
			}
		}
		w.Edit(func(s *purpose.Spec) {
			for i := range s.Retention {
				if x := &s.Retention[i]; x.Key == rule {
					x.Table, x.Ceiling = "", p
				}
			}
		})
		return nil
	}
}
