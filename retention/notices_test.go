package retention_test

import "github.com/purposebound/purposebound/retention"

// The retention rules of the five notices, as their clauses state them.

func anchor(kind retention.AnchorKind, events ...string) retention.Anchor {
	return retention.Anchor{Kind: kind, Events: events}
}

var relationEnd = retention.Anchor{
	Kind: retention.OnCaseEnd, Events: []string{"customer_relation_ended"}, Reopened: []string{"customer_relation_started"},
}

var notices = keyed(map[string]*retention.Rule{
	"fx.ret.own_cookies":      {Clause: "FX-5.1", Anchor: anchor(retention.OnLastActivity, "site_visit"), Ceiling: period("P1Y")},
	"fx.ret.customer":         {Clause: "FX-5.2", Anchor: relationEnd, Ceiling: period("P0D")},
	"fx.ret.product_interest": {Clause: "FX-5.2", Anchor: anchor(retention.OnEvent, "collected"), Ceiling: period("P6M")},
	"fx.ret.former_customer":  {Clause: "FX-5.2", Law: "dk.hvl", Anchor: relationEnd, Floor: period("P5Y"), Ceiling: period("P5Y")},
	"fx.ret.newsletter": {Clause: "FX-5.3", Anchor: retention.Anchor{
		Kind: retention.OnCaseEnd, Events: []string{"consent_withdrawn"}, Reopened: []string{"consent_given"},
	}, Ceiling: period("P0D")},
	"fx.ret.facebook_profile": {Clause: "FX-5.4", Anchor: anchor(retention.OnEvent, "deleted_by_data_subject"), Ceiling: period("P0D")},
	"fx.ret.competition":      {Clause: "FX-5.4", Anchor: anchor(retention.OnEvent, "copied_to_own_system"), Ceiling: period("P3M")},
	"fx.ret.partner": {Clause: "FX-5.5", Criterion: retention.Criterion{
		Question: "relevant_or_documentation", Review: period("P1Y"),
	}},
	"fx.ret.third_party_cookies": {Clause: "FX-5.1", Anchor: anchor(retention.OnEvent, "cookie_set"), Table: "cookie_policy"},

	"df.ret.key_log": {Clause: "DF-2.8", Anchor: anchor(retention.OnEvent, "key_log_entry"), Ceiling: period("P1Y")},
	"df.ret.cctv": {Clause: "DF-2.9", Law: "dk.tvo", Anchor: anchor(retention.OnEvent, "recorded"), Ceiling: period("P30D"),
		Unit: retention.ElapsedTime},
	"df.ret.interest": {Clause: "DF-3", Anchor: anchor(retention.OnLastActivity, "dwelling_shown"), Ceiling: period("P1Y")},
	"df.ret.tenancy":  {Clause: "DF-6", Anchor: anchor(retention.OnCaseEnd, "tenancy_ended"), Ceiling: period("P0D")},
	"df.ret.cancellation_sensitive": {Clause: "DF-4",
		Anchor: anchor(retention.OnLaterOf, "cancellation_effected", "moved_out"), Ceiling: period("P0D")},
	"df.ret.sublet_sensitive": {Clause: "DF-2.3", Anchor: anchor(retention.OnCaseEnd, "assessment_ended"), Transient: true},
	"df.ret.contract_case": {Clause: "DF-6", Anchor: retention.Anchor{
		Kind: retention.OnGivenDate, Date: "limitation_until",
	}, Ceiling: period("P0D")},
	"df.ret.contact": {Clause: "DF-6", Anchor: retention.Anchor{
		Kind: retention.OnCaseEnd, Events: []string{"contact_ended"}, Reopened: []string{"contact_resumed"},
	}, Ceiling: period("P0D")},
	"df.ret.mailing_list": {Clause: "DF-6", Anchor: anchor(retention.OnEvent, "removal_requested"), Ceiling: period("P0D")},

	"ar.ret.customer": {Clause: "AR-2.2-T", Law: "dk.hvl", Anchor: relationEnd, Floor: period("P5Y"), Ceiling: period("P5Y")},
	"ar.ret.connected": {Clause: "AR-2.1-T", Law: "dk.hvl",
		Anchor: anchor(retention.OnCaseEnd, "business_relation_ended"), Floor: period("P5Y"), Ceiling: period("P5Y")},
	"ar.ret.prospect": {Clause: "AR-2.1-T", Anchor: anchor(retention.OnEvent, "application_closed", "offer_declined"),
		Ceiling: period("P12M"),
		When:    retention.Condition{Happened: []string{"application_filed"}, NotHappened: []string{"customer_relation_started"}}},
	"ar.ret.enquiry": {Clause: "AR-2.1-T", Criterion: retention.Criterion{Question: "enquiry_necessary", Review: period("P6M")}},
	"ar.ret.bookkeeping": {Clause: "AR-2.1-T", Law: "dk.bfl", Anchor: anchor(retention.OnFinancialYearEnd, "dated"),
		Floor: period("P5Y"), Ceiling: period("P5Y")},
	"ar.ret.digital": {Clause: "AR-2.3-T", Anchor: anchor(retention.OnEvent, "record_registered"), Ceiling: period("P1Y")},

	"op.ret.customer": {Clause: "OP-7", Anchor: anchor(retention.OnEvent, "obligations_fulfilled"), Ceiling: period("P5Y")},
	"op.ret.written_off": {Clause: "OP-7", Assumed: true, Note: "a write-off fulfils nothing",
		When:      retention.Condition{Happened: []string{"debt_written_off"}, NotHappened: []string{"obligations_fulfilled"}},
		Criterion: retention.Criterion{Question: "claim_open", Review: period("P1Y")}},
	"op.ret.potential": {Clause: "OP-7", Anchor: anchor(retention.OnEvent, "application_rejected", "offer_not_accepted"),
		Ceiling: period("P2Y"), When: retention.Condition{NotHappened: []string{"agreement_started"}}},
	"op.ret.statutory": {Clause: "OP-7", Law: "se.bfl", Anchor: anchor(retention.OnFinancialCalendarYearEnd, "dated"),
		Floor: period("P7Y"), Ceiling: period("P7Y")},

	"fo.ret.possible_future": {Clause: "FO-4.5", Criterion: retention.Criterion{Question: "still_possible", Review: period("P1Y")}},
})

func keyed(rules map[string]*retention.Rule) map[string]*retention.Rule {
	for key, rule := range rules {
		rule.Key = key
	}
	return rules
}
