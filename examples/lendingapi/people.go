package main

import (
	"context"
	"errors"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose/sealed"
)

// The seeded applications: Karl has applied, Maja has a loan and agreed to be quoted, Lone was refused.
const (
	karl = "a-1001"
	maja = "a-1002"
	lone = "a-1003"

	officer = "staff-17" // who works on them
)

func applications() []*Application {
	return []*Application{
		{ID: karl, Person: "person-1", Officer: officer, Name: sealed.Of("Karl Brandstrup"), Email: sealed.Of("karl@brandstrup.example"), CPR: sealed.Of("110379-9993"),
			Income: sealed.Of[int64](438_217), Occupation: sealed.Of("chimney sweep"), Account: sealed.Of("DK2150510001842277"), Credit: sealed.Of("no remarks recorded")},
		{ID: maja, Person: "person-2", Officer: officer, Name: sealed.Of("Maja Thorvaldsen"), Email: sealed.Of("maja@thorvaldsen.example"), CPR: sealed.Of("240986-9998"),
			Income: sealed.Of[int64](366_540), Occupation: sealed.Of("lighthouse keeper"), Account: sealed.Of("DK6400400440116243"), Credit: sealed.Of("one remark, settled")},
		{ID: lone, Person: "person-3", Officer: officer, Name: sealed.Of("Lone Skovgaard"), Income: sealed.Of[int64](201_905), Credit: sealed.Of("two remarks recorded")},
	}
}

// history is what the ledger knows of them.
func history(now time.Time) []basis.Event {
	ago := func(days int) time.Time { return now.AddDate(0, 0, -days) }
	happened := func(id, person, event string, days int) basis.Event {
		return basis.Event{ID: id, DataSubject: person, ValidAt: ago(days), Body: basis.Occurred{Event: event}}
	}
	return []basis.Event{
		happened("karl-asked", "person-1", "enquiry", 12),
		happened("karl-applied", "person-1", "application_filed", 9),
		happened("maja-applied", "person-2", "application_filed", 400),
		happened("maja-signed", "person-2", "customer_relation_started", 380),
		{ID: "maja-agreed", DataSubject: "person-2", ValidAt: ago(30), Body: basis.ConsentGiven{Scope: testimonial, Quality: basis.GoodConsent()}},
		happened("lone-applied", "person-3", "application_filed", 90),
		happened("lone-refused", "person-3", "application_closed", 60),
	}
}

// testimonial is the scope of consent to be quoted.
const testimonial = "ext.testimonial"

// seed stores applications and what is known of the people. It may be repeated: what is there stays as it is.
func (s *service) seed(ctx context.Context, list []*Application, past []basis.Event) error {
	for _, a := range list {
		if err := s.store.Put(ctx, a); err != nil {
			return err
		}
	}
	for _, e := range past {
		if err := s.ledger.Record(ctx, e); err != nil && !errors.Is(err, basis.ErrConflict) {
			return err
		}
	}
	return nil
}
