package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/purposebound/purposebound/purpose/retentionschedule"
	"github.com/purposebound/purposebound/retention"
	"github.com/purposebound/purposebound/retention/erasure"
)

// file is one thing in the archive: what it is, and the days that say how long it stays.
type file struct {
	key, category, what string
	days                map[string]string // event to day
}

// archive is the store that the night goes through. Each file has the clock of its own application, relation or year.
type archive struct {
	files  []file
	layout retention.Layout
}

// counted are the events that rules count from or ask for.
var counted = []string{"enquiry", "business_enquiry", "offer_requested", "application_filed", "offer_made", "application_closed", "offer_declined",
	"customer_relation_started", "sole_trader_relation_started", "customer_relation_ended", "business_relation_started", "business_relation_ended",
	"booked", "record_registered", "legal_claim_pending", "legal_claim_settled"}

func newArchive() *archive {
	a := &archive{layout: retention.Layout{Key: "file", Category: "category",
		Answers: []retention.AnswerColumns{{Question: "ar.ret.enquiry", Necessary: "still_open", At: "last_asked"}}}}
	for _, e := range counted {
		a.layout.Events = append(a.layout.Events, retention.EventColumn{Event: e, Column: e})
	}
	loan := func(end string, more ...string) map[string]string {
		days := map[string]string{"customer_relation_started": "2012-06-01", "customer_relation_ended": end}
		for i := 0; i+1 < len(more); i += 2 {
			days[more[i]] = more[i+1]
		}
		return days
	}
	a.files = []file{
		{"f-01", "contact.name", "name of a customer until 4 May 2021", loan("2021-05-04")},
		{"f-02", "contact.name", "name of a customer until 5 May 2021", loan("2021-05-05")},
		{"f-03", "aml.kyc_record", "what the money laundering act wants kept, of the latter", loan("2021-05-05")},
		{"f-04", "books.invoice", "an invoice of 2020, of the former", loan("2021-05-04", "booked", "2020-11-30")},
		{"f-05", "books.invoice", "an invoice of 2021, of the former", loan("2021-05-04", "booked", "2021-01-31")},
		{"f-06", "credit.loan_offer", "an offer declined on 4 May 2025", map[string]string{"offer_requested": "2025-04-01", "offer_declined": "2025-05-04"}},
		{"f-07", "credit.credit_application", "an application refused on 5 May 2025", map[string]string{"application_filed": "2025-04-01", "application_closed": "2025-05-05"}},
		{"f-08", "contact.email", "address of somebody who only asked, in 2024", map[string]string{"enquiry": "2024-02-12"}},
		{"f-09", "contact.name", "a director who left in 2018, of a business that was a customer until 2022", map[string]string{"business_relation_started": "2015-01-01", "business_relation_ended": "2022-05-31"}},
		{"f-10", "digital.content_viewed", "what a visitor saw on 4 May 2025", map[string]string{"record_registered": "2025-05-04"}},
		{"f-11", "digital.content_viewed", "what a visitor saw on 5 May 2025", map[string]string{"record_registered": "2025-05-05"}},
	}
	return a
}

// row is a file as retention sees it.
func (a *archive) row(f *file) retention.Row {
	r := retention.Row{Key: f.key, Category: f.category}
	for _, c := range a.layout.Columns() {
		var v retention.Value
		if d, ok := f.days[c]; ok {
			v = retention.DayValue(retention.MustDate(d))
		}
		r.Values = append(r.Values, v)
	}
	return r
}

func (a *archive) all(yield func(retention.Row, error) bool) {
	for _, f := range slices.Clone(a.files) {
		if !yield(a.row(&f), nil) {
			return
		}
	}
}

// Look implements [erasure.Eraser].
func (a *archive) Look(_ context.Context, keys []string) (rows []retention.Row, err error) {
	for i := range a.files {
		if slices.Contains(keys, a.files[i].key) {
			rows = append(rows, a.row(&a.files[i]))
		}
	}
	return rows, nil
}

// Carry implements [erasure.Eraser].
func (a *archive) Carry(_ context.Context, order erasure.Order) (n int, err error) {
	for task := range order.Rows() {
		before := len(a.files)
		a.files = slices.DeleteFunc(a.files, func(f file) bool { return f.key == task.Key })
		n += before - len(a.files)
	}
	return n, nil
}

// tonight is what the night does, file by file.
type tonight struct {
	Files  []kept `json:"files"`
	Erased uint64 `json:"erased"`
	Left   int    `json:"left"`
}

type kept struct {
	Key      string           `json:"key"`
	What     string           `json:"what"`
	Category string           `json:"category"`
	Status   retention.Status `json:"status"`
	Rule     string           `json:"rule,omitempty"`
	Reason   retention.Reason `json:"reason"`
	Clause   string           `json:"clause,omitempty"`
	Law      string           `json:"law,omitempty"`
	LastDay  retention.Date   `json:"last_day,omitzero"`
}

// night goes through the archive and erases what must not be kept any longer, no more and no less.
func night(ctx context.Context, s *service, dir string) (n tonight, err error) {
	a := newArchive()
	var categories []string
	for _, f := range a.files {
		categories = append(categories, f.category)
	}
	slices.Sort(categories)
	table, err := retentionschedule.Table(s.register, "archive", a.layout, slices.Compact(categories)...)
	if err != nil {
		return n, err
	}
	schedule, err := retention.NewSchedule(table)
	if err != nil {
		return n, err
	}
	journal, err := erasure.OpenJournal(filepath.Join(dir, "journal"))
	if err != nil {
		return n, err
	}
	defer func() { err = errors.Join(err, journal.Close()) }()
	erased, err := erasure.OpenLedger(filepath.Join(dir, "erased"), "archive", secret())
	if err != nil {
		return n, err
	}
	defer func() { err = errors.Join(err, erased.Close()) }()
	for _, f := range a.files {
		item, err := schedule.Decide(a.row(&f), s.clock())
		if err != nil {
			return n, err
		}
		n.Files = append(n.Files, kept{f.key, f.what, f.category, item.Status, item.Because.Rule, item.Because.Reason, item.Because.Clause, item.Because.Law, item.LastDay})
	}
	x, err := erasure.New(erasure.Options{Schedule: schedule, Store: a, Journal: journal, Ledger: erased, Trail: s.trail, Clock: s.clock, RegisterDigest: s.register.Digest()})
	if err != nil {
		return n, err
	}
	report, err := x.Execute(ctx, a.all)
	n.Erased, n.Left = report.Done.Rows(), len(a.files)
	if err == nil && report.Failed > 0 {
		err = fmt.Errorf("%d files could not be erased", report.Failed)
	}
	return n, err
}

// midnight after the day.
func midnight() time.Time { return time.Date(2026, time.May, 5, 0, 0, 0, 0, minute(0).Location()) }
