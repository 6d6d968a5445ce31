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

// paper is one thing in the archive: what it is, and the days that say how long it stays.
type paper struct {
	key, category, what string
	days                map[string]string // event to day
}

// archive is the store that the night goes through.
type archive struct {
	papers []paper
	layout retention.Layout
}

// events that rules of the register count from.
var counted = []string{"application_filed", "application_rejected", "offer_not_accepted", "agreement_started", "agreement_ended", "obligations_fulfilled",
	"debt_written_off", "data_found_wrong", "booked"}

func newArchive() *archive {
	a := &archive{layout: retention.Layout{Key: "paper", Category: "category",
		Answers: []retention.AnswerColumns{{Question: "op.ret.written_off", Necessary: "claim_stands", At: "claim_asked"}}}}
	for _, e := range counted {
		a.layout.Events = append(a.layout.Events, retention.EventColumn{Event: e, Column: e})
	}
	paid := map[string]string{"agreement_started": "2018-05-02", "obligations_fulfilled": "2021-05-04"}
	booked := func(day string) map[string]string {
		return map[string]string{"agreement_started": "2018-05-02", "obligations_fulfilled": "2021-05-04", "booked": day}
	}
	a.papers = []paper{
		{"p-01", "basic.name", "name of a customer who paid the last instalment on 4 May 2021", paid},
		{"p-02", "contact.email", "the e-mail address", paid},
		{"p-03", "aml.kyc_record", "know-your-customer record of one who paid it a day later", map[string]string{"agreement_started": "2018-05-02", "obligations_fulfilled": "2021-05-05"}},
		{"p-04", "accounting.invoice", "an invoice booked in 2018", booked("2018-11-30")},
		{"p-05", "accounting.invoice", "an invoice booked in 2020", booked("2020-02-28")},
		{"p-06", "contact.address", "address of somebody rejected on 4 May 2024", map[string]string{"application_filed": "2024-04-22", "application_rejected": "2024-05-04"}},
		{"p-07", "contact.address", "address of somebody rejected on 5 May 2024", map[string]string{"application_filed": "2024-04-22", "application_rejected": "2024-05-05"}},
		{"p-08", "payment.payment_data", "payments under an agreement that ended in debt", map[string]string{"agreement_started": "2012-03-01", "agreement_ended": "2015-03-01"}},
		{"p-09", "payment.payment_data", "payments of a debt that was written off", map[string]string{"agreement_started": "2012-03-01", "agreement_ended": "2015-03-01", "debt_written_off": "2019-01-31"}},
		{"p-10", "contact.phone", "a telephone number found to be wrong today", map[string]string{"agreement_started": "2024-02-01", "data_found_wrong": "2026-05-04"}},
	}
	return a
}

// row is a paper as retention sees it.
func (a *archive) row(p *paper) retention.Row {
	r := retention.Row{Key: p.key, Category: p.category}
	for _, c := range a.layout.Columns() {
		var v retention.Value
		if d, ok := p.days[c]; ok {
			v = retention.DayValue(retention.MustDate(d))
		}
		r.Values = append(r.Values, v)
	}
	return r
}

func (a *archive) all(yield func(retention.Row, error) bool) {
	for _, p := range slices.Clone(a.papers) {
		if !yield(a.row(&p), nil) {
			return
		}
	}
}

// Look implements [erasure.Eraser].
func (a *archive) Look(_ context.Context, keys []string) (rows []retention.Row, err error) {
	for i := range a.papers {
		if slices.Contains(keys, a.papers[i].key) {
			rows = append(rows, a.row(&a.papers[i]))
		}
	}
	return rows, nil
}

// Carry implements [erasure.Eraser]: papers are destroyed.
func (a *archive) Carry(_ context.Context, order erasure.Order) (n int, err error) {
	for task := range order.Rows() {
		before := len(a.papers)
		a.papers = slices.DeleteFunc(a.papers, func(p paper) bool { return p.key == task.Key })
		n += before - len(a.papers)
	}
	return n, nil
}

// tonight is what the night does, paper by paper.
type tonight struct {
	Papers []kept `json:"papers"`
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

// night goes through the archive and destroys what must not be kept any longer, no more and no less.
func night(ctx context.Context, s *service, dir string) (n tonight, err error) {
	a := newArchive()
	var categories []string
	for _, p := range a.papers {
		categories = append(categories, p.category)
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
	for _, p := range a.papers {
		item, err := schedule.Decide(a.row(&p), s.clock())
		if err != nil {
			return n, err
		}
		n.Papers = append(n.Papers, kept{p.key, p.what, p.category, item.Status, item.Because.Rule, item.Because.Reason, item.Because.Clause, item.Because.Law, item.LastDay})
	}
	x, err := erasure.New(erasure.Options{Schedule: schedule, Store: a, Journal: journal, Ledger: erased, Trail: s.trail, Clock: s.clock, RegisterDigest: s.register.Digest()})
	if err != nil {
		return n, err
	}
	report, err := x.Execute(ctx, a.all)
	n.Erased, n.Left = report.Done.Rows(), len(a.papers)
	if err == nil && report.Failed > 0 {
		err = fmt.Errorf("%d papers could not be erased", report.Failed)
	}
	return n, err
}

// midnight after the day.
func midnight() time.Time { return time.Date(2026, time.May, 5, 0, 0, 0, 0, minute(0).Location()) }
