package retention_test

import (
	"fmt"
	"time"

	"github.com/purposebound/purposebound/retention"
)

// Five years from the end of the customer relation: the law demands them, and erasure after them.
func ExampleDecide() {
	aml := &retention.Rule{
		Key: "aml", Law: "dk.hvl", Clause: "FX-5.2",
		Anchor: retention.Anchor{
			Kind:     retention.OnCaseEnd,
			Events:   []string{"customer_relation_ended"},
			Reopened: []string{"customer_relation_started"},
		},
		Floor:   retention.MustPeriod("P5Y"),
		Ceiling: retention.MustPeriod("P5Y"),
	}
	zone := retention.MustZone("Europe/Copenhagen")
	facts := &retention.Facts{
		Zone: zone,
		Events: []retention.Event{
			{Key: "customer_relation_started", At: retention.MustDate("2015-03-01").StartIn(zone)},
			{Key: "customer_relation_ended", At: retention.MustDate("2020-02-29").StartIn(zone)},
		},
	}
	for _, day := range []string{"2025-02-28", "2025-03-01"} {
		answer, err := retention.Decide([]*retention.Rule{aml}, facts, retention.MustDate(day).StartIn(zone))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(day, answer.Status, answer.Because.Reason, answer.LastDay, answer.FirstErasable.Format(time.RFC3339))
	}
	// Output:
	// 2025-02-28 must-keep retention.floor-running 2025-02-28 2025-03-01T00:00:00+01:00
	// 2025-03-01 must-erase retention.ceiling-passed 2025-02-28 2025-03-01T00:00:00+01:00
}

// What one purpose may no longer read, another must still keep.
func ExampleCombine() {
	zone := retention.MustZone("Europe/Copenhagen")
	years, err := retention.FinancialYearsEnding(time.December, 31, 2015, 2030)
	if err != nil {
		fmt.Println(err)
		return
	}
	facts := &retention.Facts{Zone: zone, Years: years, Events: []retention.Event{
		{Key: "relation_ended", At: retention.MustDate("2019-03-10").StartIn(zone)},
		{Key: "invoice_dated", At: retention.MustDate("2019-01-20").StartIn(zone)},
	}}
	service := &retention.Rule{
		Key: "service", Clause: "AR-2.2-T", Ceiling: retention.MustPeriod("P5Y"),
		Anchor: retention.Anchor{Kind: retention.OnEvent, Events: []string{"relation_ended"}},
	}
	books := &retention.Rule{
		Key: "books", Law: "dk.bfl", Floor: retention.MustPeriod("P5Y"), Ceiling: retention.MustPeriod("P5Y"),
		Anchor: retention.Anchor{Kind: retention.OnFinancialYearEnd, Events: []string{"invoice_dated"}},
	}
	at := retention.MustDate("2024-06-01").StartIn(zone)
	forService, _ := service.Answer(facts, at)
	forBooks, _ := books.Answer(facts, at)
	fmt.Println("service:", forService.Status, forService.Readable)
	fmt.Println("books:", forBooks.Status, forBooks.Readable)
	both := retention.Combine(forService, forBooks)
	fmt.Println("datum:", both.Status, both.Because.Rule, both.LastDay)
	// Output:
	// service: must-erase false
	// books: must-keep true
	// datum: must-keep books 2024-12-31
}

// The day of the event is not counted, and a date that a month lacks is its last day.
func ExamplePeriod_From() {
	month := retention.MustPeriod("P1M")
	for _, day := range []string{"2023-01-31", "2024-01-31", "2024-04-15"} {
		fmt.Println(day, "+", month, "=", month.From(retention.MustDate(day)))
	}
	// Output:
	// 2023-01-31 + P1M = 2023-02-28
	// 2024-01-31 + P1M = 2024-02-29
	// 2024-04-15 + P1M = 2024-05-15
}

// An answer to a data subject is due within a month, and not on Christmas Day.
func ExampleDeadline() {
	zone := retention.MustZone("Europe/Copenhagen")
	received := retention.MustDate("2024-11-25").StartIn(zone)
	due, err := retention.Deadline(received, retention.MustPeriod("P1M"), zone, retention.Denmark())
	fmt.Println(due, err)
	// Output: 2024-12-27 <nil>
}

// A calendar of one's own adds days to a country's.
type closedOnFridays struct{ retention.Calendar }

func (c closedOnFridays) WorkingDay(d retention.Date) (bool, error) {
	working, err := c.Calendar.WorkingDay(d)
	return working && d.Weekday() != time.Friday, err
}

func ExampleCalendar() {
	day, err := retention.WorkingDays(retention.MustDate("2024-06-06"), 1, closedOnFridays{retention.Netherlands()})
	fmt.Println(day, day.Weekday(), err)
	// Output: 2024-06-10 Monday <nil>
}

func ExampleRule_Validate() {
	rule := retention.Rule{
		Key: "typo", Clause: "XX-1", Floor: retention.MustPeriod("P5Y"), Ceiling: retention.MustPeriod("P3Y"),
		Anchor: retention.Anchor{Kind: retention.OnLaterOf, Events: []string{"moved_out"}},
	}
	for _, problem := range rule.Validate() {
		fmt.Println(problem)
	}
	// Output:
	// retention rule "typo": anchor.events: trigger-missing
	// retention rule "typo": law: floor-without-law
	// retention rule "typo": floor: floor-above-ceiling
}
