package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
	"github.com/purposebound/purposebound/retention/erasure"
)

// claim is a row of the store of claims, as far as retention asks: the latest review, and since when it is shielded.
type claim struct {
	key              string
	needed           bool
	reviewed, shield string // days; empty: never
	nextReview       string
	story            string
	expected         string // what becomes of it
}

// store keeps claims for the purposes of administration, collection, purchase and valuation.
type store struct{ rows []claim }

func newStore() *store {
	return &store{[]claim{
		{key: "claim-1", reviewed: "2017-10-09", nextReview: "2018-10-09", story: "paid, the reviewer found it no longer needed", expected: "erased"},
		{key: "claim-2", needed: true, reviewed: "2017-03-01", nextReview: "2018-03-01", story: "in collection, still needed", expected: "may-keep"},
		{key: "claim-3", needed: true, reviewed: "2016-01-15", nextReview: "2017-01-15", story: "the review is overdue", expected: "person-decides"},
		{key: "claim-4", story: "nobody has ever asked", expected: "person-decides"},
		{key: "claim-5", reviewed: "2017-10-09", nextReview: "2018-10-09", shield: "2017-09-20", story: "no longer needed, and shielded at the person's request", expected: "may-keep"},
	}}
}

// layout says which column holds what retention asks about.
func layout() retention.Layout {
	return retention.Layout{
		Key:          "claim",
		Answers:      []retention.AnswerColumns{{Question: "fo.ret.claims", Necessary: "needed", At: "reviewed", ReviewBy: "next_review"}},
		Restrictions: []retention.SpanColumns{{From: "shielded"}},
	}
}

func (c *claim) row() retention.Row {
	day := func(s string) retention.Value {
		if s == "" {
			return retention.Value{}
		}
		return retention.DayValue(retention.MustDate(s))
	}
	necessary := retention.Value{}
	if c.reviewed != "" {
		necessary = retention.AnswerValue(c.needed)
	}
	return retention.Row{Key: c.key, Values: []retention.Value{necessary, day(c.reviewed), day(c.nextReview), day(c.shield)}}
}

// Look implements [erasure.Eraser].
func (s *store) Look(_ context.Context, keys []string) (rows []retention.Row, err error) {
	for i := range s.rows {
		if slices.Contains(keys, s.rows[i].key) {
			rows = append(rows, s.rows[i].row())
		}
	}
	return rows, nil
}

// Carry implements [erasure.Eraser]: the register asks for nothing but erasure.
func (s *store) Carry(_ context.Context, order erasure.Order) (n int, err error) {
	if order.Then() != retention.Erase {
		return 0, errors.New("claims are erased, not changed")
	}
	for task := range order.Rows() {
		s.rows = slices.DeleteFunc(s.rows, func(c claim) bool { return c.key == task.Key })
		n++
	}
	return n, nil
}

func (s *store) all(yield func(retention.Row, error) bool) {
	for _, c := range slices.Clone(s.rows) {
		if !yield(c.row(), nil) {
			return
		}
	}
}

// kept is what becomes of one claim.
type kept struct{ key, story, becomes, why string }

// tonight erases what is due, on record, and tells what becomes of every claim.
func tonight(ctx context.Context, s *service, trail audit.Trail, clock func() time.Time, dir string) (list []kept, surprises int, err error) {
	schedule, err := claimSchedule(s.register)
	if err != nil {
		return nil, 0, err
	}
	rows := newStore()
	before := slices.Clone(rows.rows)
	for i := range before {
		item, err := schedule.Decide(before[i].row(), clock())
		if err != nil {
			return nil, 0, err
		}
		list = append(list, kept{before[i].key, before[i].story, item.Status.String(), string(item.Because.Reason)})
	}
	secret := make([]byte, erasure.MinSecret)
	if _, err := rand.Read(secret); err != nil {
		return nil, 0, err
	}
	journal, err := erasure.OpenJournal(filepath.Join(dir, "erasure.journal"))
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, journal.Close()) }()
	gone, err := erasure.OpenLedger(filepath.Join(dir, "erasure.ledger"), "claims", secret)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, gone.Close()) }()
	executor, err := erasure.New(erasure.Options{Schedule: schedule, Store: rows, Journal: journal, Ledger: gone, Trail: trail, Clock: clock,
		RegisterDigest: s.register.Digest()})
	if err != nil {
		return nil, 0, err
	}
	if _, err := executor.Execute(ctx, rows.all); err != nil {
		return nil, 0, err
	}
	for i := range list {
		if !slices.ContainsFunc(rows.rows, func(c claim) bool { return c.key == list[i].key }) {
			list[i].becomes = "erased"
		}
		if list[i].becomes != before[i].expected {
			surprises++
			list[i].story += fmt.Sprintf("  SURPRISE expected %s", before[i].expected)
		}
	}
	return list, surprises, nil
}

// claimSchedule is the register's rule for claims over the store's columns.
func claimSchedule(r *purpose.Register) (*retention.Schedule, error) {
	spec := r.Spec()
	i := slices.IndexFunc(spec.Retention, func(x retention.Rule) bool { return x.Key == "fo.ret.claims" })
	if i < 0 {
		return nil, errors.New("the register has no rule for claims")
	}
	return retention.NewSchedule(retention.Table{Name: "claims", Zone: r.Zone(), Layout: layout(), Uses: retention.UsesOf(&spec.Retention[i])})
}
