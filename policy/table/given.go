package table

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync/atomic"
	"time"

	"github.com/purposebound/purposebound/basis"
)

// record puts what is given into a ledger, in the order in which it was learned.
func (s *scene) record(given []placed) {
	var clock atomic.Pointer[time.Time]
	clock.Store(&s.now)
	s.ledger = basis.NewMemory(s.reg.Vocabulary(), basis.WithClock(func() time.Time { return *clock.Load() }))
	zone := s.reg.Zone()
	for i := range given {
		g := &given[i]
		g.ValidAt, g.RecordedAt, g.Body = in(zone, g.ValidAt), in(zone, g.RecordedAt), zoned(zone, g.Body)
		if g.RecordedAt.IsZero() {
			g.RecordedAt = g.ValidAt
		}
		if g.ID == "" {
			g.ID = fmt.Sprintf("given-%04d", i+1) // no random one: explanations cite it, and events of one instant are in its order
		}
	}
	slices.SortStableFunc(given, func(a, b placed) int { return a.RecordedAt.Compare(b.RecordedAt) })
	for i := range given {
		g := &given[i]
		switch {
		case g.ValidAt.IsZero():
			s.fail("given.time", g.path, "nothing says since when it is true: state valid_at")
			continue
		case g.RecordedAt.After(s.now):
			s.fail("given.time", g.path, "it lies after now")
			continue
		}
		clock.Store(&g.RecordedAt)
		e := basis.Event{ID: g.ID, DataSubject: g.DataSubject, ValidAt: g.ValidAt, Body: g.Body}
		if e.DataSubject == "" {
			e.DataSubject = s.req.DataSubject
			if controllerWide(g.Body) {
				e.DataSubject = basis.ControllerWide
			}
		}
		if err := s.ledger.Record(context.Background(), e); err != nil {
			s.refused(g.path, err)
		}
	}
	clock.Store(&s.now)
}

// refused says what the ledger has against an event.
func (s *scene) refused(path string, err error) {
	var e *basis.EventError
	if !errors.As(err, &e) {
		s.fail("given.event", path, "the ledger does not take it")
		return
	}
	if at := path + "." + e.Field; e.Field != "body" && (s.table.origin == nil || s.table.origin.has(at)) {
		path = at
	}
	s.fail("given.event", path, "%s: %s", e.Field, e.Reason)
}

func controllerWide(b basis.Body) bool {
	switch b.(type) {
	case basis.AssessmentFiled, basis.AgreementSigned, basis.AgreementEnded:
		return true
	}
	return false
}

// zoned is a body with its dates in a zone.
func zoned(zone *time.Location, b basis.Body) basis.Body {
	if b == nil || reflect.TypeOf(b).Kind() != reflect.Struct {
		return b
	}
	v := reflect.New(reflect.TypeOf(b)).Elem()
	v.Set(reflect.ValueOf(b))
	for i := range v.NumField() {
		if t, ok := v.Field(i).Interface().(time.Time); ok {
			v.Field(i).Set(reflect.ValueOf(in(zone, t)))
		}
	}
	if body, ok := v.Interface().(basis.Body); ok {
		return body
	}
	return b
}
