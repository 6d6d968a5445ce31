package retention_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/retention"
)

func TestRulesOfTheNoticesAreValid(t *testing.T) {
	var all []*retention.Rule
	for _, rule := range notices {
		all = append(all, rule)
	}
	assert.Empty(t, retention.Validate(all, retention.Statutes()))
}

// TestClauses runs the notices' retention cases. Each purpose of a case is a list of rules; the status is that of all
// of them together.
func TestClauses(t *testing.T) {
	const (
		erase = retention.MustErase
		may   = retention.MayKeep
		must  = retention.MustKeep
		ask   = retention.PersonDecides
	)
	calendarYears, err := retention.FinancialYearsEnding(time.December, 31, 2000, 2040)
	require.NoError(t, err)
	juneYears, err := retention.FinancialYearsEnding(time.June, 30, 2000, 2040)
	require.NoError(t, err)
	februaryYears, err := retention.FinancialYearsEnding(time.February, 29, 2000, 2040)
	require.NoError(t, err)
	years := func(bounds ...string) retention.FinancialYears {
		var list []retention.FinancialYear
		for i := 0; i < len(bounds); i += 2 {
			list = append(list, retention.FinancialYear{Start: date(bounds[i]), End: date(bounds[i+1])})
		}
		table, err := retention.NewFinancialYears(list...)
		require.NoError(t, err)
		return table
	}

	for _, c := range []struct {
		id       string
		purposes []string // each a list of rule keys
		events   string   // "key at key at ..."
		days     string
		answers  string // "question yes|no at"
		holds    string // "from until"
		years    retention.FinancialYears
		at       string
		want     retention.Status
		lastDay  string
		first    string // first erasable instant
	}{
		{id: "FX-5.1 last instant", purposes: []string{"fx.ret.own_cookies"}, events: "site_visit 2023-05-10T09:00:00+02:00",
			at: "2024-05-10T23:59:59.999+02:00", want: may, lastDay: "2024-05-10", first: "2024-05-11T00:00:00+02:00"},
		{id: "FX-5.1 over", purposes: []string{"fx.ret.own_cookies"}, events: "site_visit 2023-05-10T09:00:00+02:00",
			at: "2024-05-11T00:00:00+02:00", want: erase, lastDay: "2024-05-10", first: "2024-05-11T00:00:00+02:00"},
		{id: "FX-5.1 new visit restarts", purposes: []string{"fx.ret.own_cookies"},
			events: "site_visit 2023-05-10T09:00:00+02:00 site_visit 2023-11-02T20:00:00+01:00",
			at:     "2024-05-11T00:00:00+02:00", want: may, lastDay: "2024-11-02", first: "2024-11-03T00:00:00+01:00"},
		{id: "FX-5.2 customer", purposes: []string{"fx.ret.customer"}, events: "customer_relation_started 2021-01-10",
			at: "2024-04-15T10:00:00+02:00", want: may},
		{id: "FX-5.2 customer came back", purposes: []string{"fx.ret.former_customer"},
			events: "customer_relation_started 2010-01-10 customer_relation_ended 2012-01-10 customer_relation_started 2013-05-01",
			at:     "2024-04-15T10:00:00+02:00", want: may},
		{id: "FX-5.2 own deadline", purposes: []string{"fx.ret.product_interest"}, events: "collected 2023-01-01 customer_relation_started 2021-01-10",
			at: "2024-04-15T10:00:00+02:00", want: erase, lastDay: "2023-07-01", first: "2023-07-02T00:00:00+02:00"},
		{id: "FX-5.2 midnight in UTC clothes", purposes: []string{"fx.ret.former_customer"},
			events: "customer_relation_started 2015-03-01 customer_relation_ended 2019-06-30",
			at:     "2024-06-30T22:00:00Z", want: erase, lastDay: "2024-06-30", first: "2024-07-01T00:00:00+02:00"},
		{id: "FX-5.2 a nanosecond sooner", purposes: []string{"fx.ret.former_customer"},
			events: "customer_relation_started 2015-03-01 customer_relation_ended 2019-06-30",
			at:     "2024-06-30T21:59:59.999999999Z", want: must, lastDay: "2024-06-30", first: "2024-07-01T00:00:00+02:00"},
		{id: "FX-5.2 leap day", purposes: []string{"fx.ret.former_customer"},
			events: "customer_relation_started 2015-03-01 customer_relation_ended 2020-02-29",
			at:     "2025-02-28T12:00:00+01:00", want: must, lastDay: "2025-02-28", first: "2025-03-01T00:00:00+01:00"},
		{id: "FX-5.3 withdrawal", purposes: []string{"fx.ret.newsletter"},
			events: "consent_given 2023-01-01T09:00:00+01:00 consent_withdrawn 2024-04-15T09:59:59+02:00",
			at:     "2024-04-15T10:00:00+02:00", want: erase, lastDay: "2024-04-15", first: "2024-04-15T09:59:59+02:00"},
		{id: "FX-5.3 consent again", purposes: []string{"fx.ret.newsletter"},
			events: "consent_withdrawn 2024-04-14T09:59:59+02:00 consent_given 2024-04-15T09:00:00+02:00",
			at:     "2024-04-15T10:00:00+02:00", want: may},
		{id: "FX-5.4 still in February", purposes: []string{"fx.ret.competition"}, events: "copied_to_own_system 2023-11-30",
			at: "2024-02-29T12:00:00+01:00", want: may, lastDay: "2024-02-29", first: "2024-03-01T00:00:00+01:00"},
		{id: "FX-5.4 first of March", purposes: []string{"fx.ret.competition"}, events: "copied_to_own_system 2023-11-30",
			at: "2024-03-01T00:00:00+01:00", want: erase, lastDay: "2024-02-29", first: "2024-03-01T00:00:00+01:00"},
		{id: "FX-5.4 common year", purposes: []string{"fx.ret.competition"}, events: "copied_to_own_system 2022-11-30",
			at: "2023-03-01T00:00:00+01:00", want: erase, lastDay: "2023-02-28", first: "2023-03-01T00:00:00+01:00"},
		{id: "FX-5.4 deleted on the page", purposes: []string{"fx.ret.facebook_profile"}, events: "deleted_by_data_subject 2024-04-01",
			at: "2024-04-15T10:00:00+02:00", want: erase, lastDay: "2024-03-31", first: "2024-04-01T00:00:00+02:00"},
		{id: "FX-5.4 not deleted", purposes: []string{"fx.ret.facebook_profile"}, events: "collected 2019-01-01",
			at: "2024-04-15T10:00:00+02:00", want: may},
		{id: "FX-5.5 documentation", purposes: []string{"fx.ret.partner"}, answers: "relevant_or_documentation yes 2024-01-10",
			at: "2024-04-15T10:00:00+02:00", want: may},
		{id: "FX-5.5 neither", purposes: []string{"fx.ret.partner"}, answers: "relevant_or_documentation no 2024-04-10",
			at: "2024-04-15T10:00:00+02:00", want: erase, lastDay: "2024-04-09", first: "2024-04-10T00:00:00+02:00"},
		{id: "FX-5.5 nobody asked", purposes: []string{"fx.ret.partner"}, at: "2024-04-15T10:00:00+02:00", want: ask},

		{id: "DF-2.8 last instant", purposes: []string{"df.ret.key_log"}, events: "key_log_entry 2023-02-28T10:00:00+01:00",
			at: "2024-02-28T23:59:59+01:00", want: may, lastDay: "2024-02-28", first: "2024-02-29T00:00:00+01:00"},
		{id: "DF-2.8 the 29th is no longer the year", purposes: []string{"df.ret.key_log"}, events: "key_log_entry 2023-02-28T10:00:00+01:00",
			at: "2024-02-29T00:00:00+01:00", want: erase, lastDay: "2024-02-28", first: "2024-02-29T00:00:00+01:00"},
		{id: "DF-2.8 leap day entry", purposes: []string{"df.ret.key_log"}, events: "key_log_entry 2024-02-29T10:00:00+01:00",
			at: "2025-03-01T00:00:00+01:00", want: erase, lastDay: "2025-02-28", first: "2025-03-01T00:00:00+01:00"},
		{id: "DF-2.9 leap year", purposes: []string{"df.ret.cctv"}, events: "recorded 2024-01-30T12:00:00+01:00",
			at: "2024-03-01T00:00:00+01:00", want: erase, lastDay: "2024-02-29", first: "2024-02-29T12:00:00+01:00"},
		{id: "DF-2.9 common year", purposes: []string{"df.ret.cctv"}, events: "recorded 2023-01-30T12:00:00+01:00",
			at: "2023-03-02T00:00:00+01:00", want: erase, lastDay: "2023-03-01", first: "2023-03-01T12:00:00+01:00"},
		{id: "DF-2.9 summer time begins", purposes: []string{"df.ret.cctv"}, events: "recorded 2024-03-05T12:00:00+01:00",
			at: "2024-04-05T00:00:00+02:00", want: erase, lastDay: "2024-04-04", first: "2024-04-04T12:00:00+02:00"},
		{id: "DF-2.9 a moment after", purposes: []string{"df.ret.cctv"}, events: "recorded 2024-02-10T12:00:00+01:00",
			at: "2024-03-11T12:00:00.001+01:00", want: erase, lastDay: "2024-03-11", first: "2024-03-11T12:00:00+01:00"},
		{id: "DF-2.9 a moment before", purposes: []string{"df.ret.cctv"}, events: "recorded 2024-02-10T12:00:00+01:00",
			at: "2024-03-11T11:59:59.999+01:00", want: may, lastDay: "2024-03-11", first: "2024-03-11T12:00:00+01:00"},
		{id: "DF-2.9 dispute in time", purposes: []string{"df.ret.cctv"}, events: "recorded 2024-03-01T12:00:00+01:00",
			holds: "2024-03-20T09:00:00+01:00", at: "2024-04-15T10:00:00+02:00", want: must},
		{id: "DF-2.9 dispute too late", purposes: []string{"df.ret.cctv"}, events: "recorded 2024-03-01T12:00:00+01:00",
			holds: "2024-04-12T09:00:00+02:00", at: "2024-04-15T10:00:00+02:00", want: ask},
		{id: "DF-3 a year after the showing", purposes: []string{"df.ret.interest"}, events: "dwelling_shown 2023-08-31",
			at: "2024-08-31T23:59:59+02:00", want: may, lastDay: "2024-08-31", first: "2024-09-01T00:00:00+02:00"},
		{id: "DF-3 over, tenancy holds the same data", purposes: []string{"df.ret.interest", "df.ret.tenancy"},
			events: "dwelling_shown 2023-08-31 tenancy_started 2023-10-01", at: "2024-09-01T00:00:00+02:00", want: may},
		{id: "DF-4 only cancelled", purposes: []string{"df.ret.cancellation_sensitive"}, events: "cancellation_effected 2024-03-01",
			at: "2024-04-15T10:00:00+02:00", want: may},
		{id: "DF-4 only moved out", purposes: []string{"df.ret.cancellation_sensitive"}, events: "moved_out 2024-03-01",
			at: "2024-04-15T10:00:00+02:00", want: may},
		{id: "DF-4 both", purposes: []string{"df.ret.cancellation_sensitive"}, events: "cancellation_effected 2024-03-01 moved_out 2024-04-14",
			at: "2024-04-15T10:00:00+02:00", want: erase, lastDay: "2024-04-13", first: "2024-04-14T00:00:00+02:00"},
		{id: "DF-4 both, held", purposes: []string{"df.ret.cancellation_sensitive"}, events: "cancellation_effected 2024-03-01 moved_out 2024-04-14",
			holds: "2024-04-01", at: "2024-04-15T10:00:00+02:00", want: must},
		{id: "DF-4 ordinary case data", purposes: []string{"df.ret.contract_case"}, days: "limitation_until 2027-04-14",
			at: "2024-04-15T10:00:00+02:00", want: may, lastDay: "2027-04-14", first: "2027-04-15T00:00:00+02:00"},
		{id: "DF-6 limitation over", purposes: []string{"df.ret.contract_case"}, days: "limitation_until 2023-12-31",
			at: "2024-04-15T10:00:00+02:00", want: erase, lastDay: "2023-12-31", first: "2024-01-01T00:00:00+01:00"},
		{id: "DF-6 limitation runs", purposes: []string{"df.ret.contract_case"}, days: "limitation_until 2025-06-30",
			at: "2024-04-15T10:00:00+02:00", want: may, lastDay: "2025-06-30", first: "2025-07-01T00:00:00+02:00"},
		{id: "DF-6 limitation unknown", purposes: []string{"df.ret.contract_case"}, at: "2024-04-15T10:00:00+02:00", want: ask},
		{id: "DF-6 removal asked", purposes: []string{"df.ret.mailing_list"}, events: "removal_requested 2024-04-15T09:00:00+02:00",
			at: "2024-04-15T10:00:00+02:00", want: erase, lastDay: "2024-04-15", first: "2024-04-15T09:00:00+02:00"},
		{id: "DF-6 twelve years on the list", purposes: []string{"df.ret.mailing_list"}, events: "joined_mailing_list 2012-01-01",
			at: "2024-04-15T10:00:00+02:00", want: may},
		{id: "DF-6 supplier in contact", purposes: []string{"df.ret.contact"}, at: "2024-04-15T10:00:00+02:00", want: may},

		{id: "AR-2.2-T summer time begins", purposes: []string{"ar.ret.customer"}, events: "customer_relation_ended 2016-03-27",
			at: "2021-03-28T00:00:00+01:00", want: erase, lastDay: "2021-03-27", first: "2021-03-28T00:00:00+01:00"},
		{id: "AR-2.1-T connected person", purposes: []string{"ar.ret.connected"}, events: "left_role 2018-04-30 business_relation_ended 2022-05-31",
			at: "2024-05-06T10:00:00+02:00", want: must, lastDay: "2027-05-31", first: "2027-06-01T00:00:00+02:00"},
		{id: "AR-2.1-T income is no voucher", purposes: []string{"ar.ret.customer"}, events: "customer_relation_ended 2019-03-10 dated 2019-01-20",
			years: calendarYears, at: "2024-06-01T10:00:00+02:00", want: erase, lastDay: "2024-03-10", first: "2024-03-11T00:00:00+01:00"},
		{id: "AR-2.1-T invoice outlives the relation", purposes: []string{"ar.ret.customer", "ar.ret.bookkeeping"},
			events: "customer_relation_ended 2019-03-10 dated 2019-01-20",
			years:  calendarYears, at: "2024-06-01T10:00:00+02:00", want: must, lastDay: "2024-12-31", first: "2025-01-01T00:00:00+01:00"},
		{id: "AR-2.1-T invoice over", purposes: []string{"ar.ret.customer", "ar.ret.bookkeeping"},
			events: "customer_relation_ended 2019-03-10 dated 2019-01-20",
			years:  calendarYears, at: "2025-01-01T00:00:00+01:00", want: erase, lastDay: "2024-12-31", first: "2025-01-01T00:00:00+01:00"},
		{id: "AR-2.2-T split year", purposes: []string{"ar.ret.customer", "ar.ret.bookkeeping"},
			events: "customer_relation_ended 2020-07-15 dated 2020-06-30",
			years:  juneYears, at: "2025-07-16T10:00:00+02:00", want: erase, lastDay: "2025-07-15", first: "2025-07-16T00:00:00+02:00"},
		{id: "AR-2.2-T short year", purposes: []string{"ar.ret.customer", "ar.ret.bookkeeping"},
			events: "customer_relation_ended 2020-04-01 dated 2020-03-01",
			years:  years("2019-01-01", "2019-12-31", "2020-01-01", "2020-06-30", "2020-07-01", "2021-06-30"),
			at:     "2025-07-01T00:00:00+02:00", want: erase, lastDay: "2025-06-30", first: "2025-07-01T00:00:00+02:00"},
		{id: "AR-2.2-T year to the end of February", purposes: []string{"ar.ret.bookkeeping"}, events: "dated 2022-10-01",
			years: februaryYears, at: "2028-02-29T12:00:00+01:00", want: must, lastDay: "2028-02-29", first: "2028-03-01T00:00:00+01:00"},
		{id: "AR-2.2-T year not in the table", purposes: []string{"ar.ret.bookkeeping"}, events: "dated 2022-10-01",
			years: years("2019-01-01", "2019-12-31"), at: "2040-01-01T12:00:00+01:00", want: ask},
		{id: "AR-2.1-T declined on leap day", purposes: []string{"ar.ret.prospect"}, events: "application_filed 2023-01-15 offer_declined 2024-02-29",
			at: "2025-03-01T00:00:00+01:00", want: erase, lastDay: "2025-02-28", first: "2025-03-01T00:00:00+01:00"},
		{id: "AR-2.1-T declined, last instant", purposes: []string{"ar.ret.prospect"}, events: "application_filed 2023-01-15 offer_declined 2023-06-15",
			at: "2024-06-15T23:59:59.999+02:00", want: may, lastDay: "2024-06-15", first: "2024-06-16T00:00:00+02:00"},
		{id: "AR-2.1-T declined, over", purposes: []string{"ar.ret.prospect"}, events: "application_filed 2023-01-15 offer_declined 2023-06-15",
			at: "2024-06-16T00:00:00+02:00", want: erase, lastDay: "2024-06-15", first: "2024-06-16T00:00:00+02:00"},
		{id: "AR-2.1-T each application its own clock", purposes: []string{"ar.ret.prospect"},
			events: "application_filed 2022-01-15 application_closed 2022-02-01",
			at:     "2023-02-02T00:00:00+01:00", want: erase, lastDay: "2023-02-01", first: "2023-02-02T00:00:00+01:00"},
		{id: "AR-2.1-T became a customer", purposes: []string{"ar.ret.prospect ar.ret.customer"},
			events: "application_filed 2022-01-15 application_closed 2022-02-01 customer_relation_started 2022-02-01",
			at:     "2023-02-02T00:00:00+01:00", want: may},
		{id: "AR-2.1-T bare enquirer", purposes: []string{"ar.ret.prospect ar.ret.enquiry"}, events: "enquiry 2023-01-15",
			at: "2024-05-06T10:00:00+02:00", want: ask},
		{id: "AR-2.3-T last instant", purposes: []string{"ar.ret.digital"}, events: "record_registered 2023-01-01",
			at: "2024-01-01T23:59:59+01:00", want: may, lastDay: "2024-01-01", first: "2024-01-02T00:00:00+01:00"},
		{id: "AR-2.3-T over", purposes: []string{"ar.ret.digital"}, events: "record_registered 2023-01-01",
			at: "2024-01-02T00:00:00+01:00", want: erase, lastDay: "2024-01-01", first: "2024-01-02T00:00:00+01:00"},
		{id: "AR-2.4-T after the day of 25 hours", purposes: []string{"ar.ret.customer"}, events: "customer_relation_ended 2019-10-27",
			at: "2024-10-27T23:00:00Z", want: erase, lastDay: "2024-10-27", first: "2024-10-28T00:00:00+01:00"},

		{id: "OP-7 over", purposes: []string{"op.ret.customer"}, events: "obligations_fulfilled 2018-04-30",
			at: "2023-05-01T00:00:00+02:00", want: erase, lastDay: "2023-04-30", first: "2023-05-01T00:00:00+02:00"},
		{id: "OP-7 leap day, last second", purposes: []string{"op.ret.customer"}, events: "obligations_fulfilled 2016-02-29",
			at: "2021-02-28T23:59:59+01:00", want: may, lastDay: "2021-02-28", first: "2021-03-01T00:00:00+01:00"},
		{id: "OP-7 leap day, over", purposes: []string{"op.ret.customer"}, events: "obligations_fulfilled 2016-02-29",
			at: "2021-03-01T00:00:00+01:00", want: erase, lastDay: "2021-02-28", first: "2021-03-01T00:00:00+01:00"},
		{id: "OP-7 debt open", purposes: []string{"op.ret.customer op.ret.written_off"}, events: "agreement_started 2009-11-10 agreement_ended 2012-06-01",
			at: "2023-03-14T10:00:00+01:00", want: may},
		{id: "OP-7 debt written off", purposes: []string{"op.ret.customer op.ret.written_off"}, events: "agreement_ended 2016-06-01 debt_written_off 2017-01-31",
			at: "2022-02-01T00:00:00+01:00", want: ask},
		{id: "OP-7 rejected, last second", purposes: []string{"op.ret.potential"}, events: "application_rejected 2022-02-28",
			at: "2024-02-28T23:59:59+01:00", want: may, lastDay: "2024-02-28", first: "2024-02-29T00:00:00+01:00"},
		{id: "OP-7 offer not accepted, over", purposes: []string{"op.ret.potential"}, events: "offer_not_accepted 2022-02-28",
			at: "2024-02-29T00:00:00+01:00", want: erase, lastDay: "2024-02-28", first: "2024-02-29T00:00:00+01:00"},
		{id: "OP-7 accepted applicant", purposes: []string{"op.ret.potential op.ret.customer"}, events: "application_filed 2020-05-01 agreement_started 2020-05-20",
			at: "2022-05-21T00:00:00+02:00", want: may},
		{id: "OP-7 bookkeeping outlives the notice", purposes: []string{"op.ret.customer", "op.ret.statutory"},
			events: "obligations_fulfilled 2017-01-31 dated 2016-03-01", years: years("2015-07-01", "2016-06-30"),
			at: "2023-06-01T00:00:00+02:00", want: must, lastDay: "2023-12-31", first: "2024-01-01T00:00:00+01:00"},
		{id: "OP-7 the longer time carries no other data", purposes: []string{"op.ret.customer"},
			events: "obligations_fulfilled 2017-01-31 dated 2016-03-01", years: years("2015-07-01", "2016-06-30"),
			at: "2023-06-01T00:00:00+02:00", want: erase, lastDay: "2022-01-31", first: "2022-02-01T00:00:00+01:00"},
		{id: "OP-7 year ended in 2017, last second of 2024", purposes: []string{"op.ret.customer", "op.ret.statutory"},
			events: "obligations_fulfilled 2017-01-31 dated 2016-08-01", years: years("2016-07-01", "2017-06-30"),
			at: "2024-12-31T23:59:59+01:00", want: must, lastDay: "2024-12-31", first: "2025-01-01T00:00:00+01:00"},

		{id: "FO-4.5 review overdue", purposes: []string{"fo.ret.possible_future"}, answers: "still_possible yes 2015-01-01",
			at: "2017-10-10T10:00:00+02:00", want: ask},
	} {
		t.Run(c.id, func(t *testing.T) {
			zone := copenhagen
			switch c.id[:2] {
			case "OP":
				zone = stockholm
			case "FO":
				zone = amsterdam
			}
			f := retention.Facts{Zone: zone, Years: c.years, Events: events(t, zone, strings.Fields(c.events)...)}
			if d := strings.Fields(c.days); len(d) > 0 {
				f.Days = []retention.GivenDay{{Key: d[0], Day: date(d[1])}}
			}
			if a := strings.Fields(c.answers); len(a) > 0 {
				f.Answers = []retention.Necessity{{Question: a[0], Necessary: a[1] == "yes", At: instant(t, a[2], zone)}}
			}
			if c.holds != "" {
				f.Holds = []retention.Span{{Ref: "H-1", From: instant(t, c.holds, zone)}}
			}
			at := instant(t, c.at, zone)
			var answers []retention.Answer
			for _, keys := range c.purposes {
				var rules []*retention.Rule
				for _, key := range strings.Fields(keys) {
					require.Contains(t, notices, key)
					rules = append(rules, notices[key])
				}
				answers = append(answers, decide(t, &f, at, rules...))
			}
			got := retention.Combine(answers...)
			assert.Equal(t, c.want, got.Status, "%+v", got)
			assert.Equal(t, c.lastDay, got.LastDay.String())
			if c.first == "" {
				assert.Zero(t, got.FirstErasable)
			} else {
				assert.Equal(t, instant(t, c.first, zone).UTC(), got.FirstErasable.UTC())
			}
			for i, a := range answers {
				mayRead := a.Status == retention.MayKeep || a.Status == retention.MustKeep && a.Because.Reason == retention.FloorRunning
				if a.Readable {
					assert.True(t, mayRead, "purpose %d is readable though %v", i, a.Status)
				}
			}
		})
	}
}

func TestClocksOfTheLastCentury(t *testing.T) {
	f := &retention.Facts{Zone: copenhagen, Events: events(t, copenhagen, "e", "1948-02-29")}
	rule := ceilingRule("r", "e", "P5Y")
	last := instant(t, "1953-02-28T23:59:59.999999999+01:00", copenhagen)
	assert.Equal(t, retention.MayKeep, decide(t, f, last, rule).Status)
	assert.Equal(t, retention.MustErase, decide(t, f, last.Add(1), rule).Status)
	assert.Equal(t, "1953-02-28", decide(t, f, last, rule).LastDay.String())
}

// AR-2.2-T and AMB-06: what bookkeeping keeps, customer service may no longer read.
func TestFloorOfAnotherPurposeOpensNothing(t *testing.T) {
	years, err := retention.FinancialYearsEnding(time.December, 31, 2010, 2030)
	require.NoError(t, err)
	f := &retention.Facts{Zone: copenhagen, Years: years, Events: events(t, copenhagen, "customer_relation_ended", "2019-03-10", "dated", "2019-01-20")}
	at := instant(t, "2024-06-01T10:00:00+02:00", copenhagen)

	service := decide(t, f, at, notices["ar.ret.customer"])
	assert.False(t, service.Readable)
	assert.Equal(t, retention.CeilingPassed, service.ReadBecause.Reason)
	assert.Equal(t, "AR-2.2-T", service.ReadBecause.Clause)
	assert.Equal(t, retention.MustErase, service.Status)

	bookkeeping := decide(t, f, at, notices["ar.ret.bookkeeping"])
	assert.True(t, bookkeeping.Readable)

	both := retention.Combine(service, bookkeeping)
	assert.Equal(t, retention.MustKeep, both.Status)
	assert.Equal(t, retention.FloorRunning, both.Because.Reason)
	assert.Equal(t, "ar.ret.bookkeeping", both.Because.Rule)
	assert.False(t, both.Readable, "readable is each purpose's own")

	// In one purpose the ceiling closes it and the floor keeps the datum.
	one := decide(t, f, at, notices["ar.ret.customer"], notices["ar.ret.bookkeeping"])
	assert.Equal(t, retention.MustKeep, one.Status)
	assert.False(t, one.Readable)
	assert.Equal(t, "ar.ret.customer", one.ReadBecause.Rule)
	assert.Equal(t, "ar.ret.bookkeeping", one.Because.Rule)
}
