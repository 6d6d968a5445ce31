package basis

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of one event and one batch.
const (
	MaxID    = 256    // bytes in an event id or data subject id
	MaxBatch = 10_000 // events in one call of Record
)

// EventError says which event of a batch was refused and why. It unwraps to ErrEvent, ErrFuture or
// ErrConflict, and holds no value of the event.
type EventError struct {
	Index  int    // position in the batch
	Kind   string // empty if unknown
	Field  string // JSON name of the field
	Reason string
	Err    error
}

// Error names the place and the reason.
func (e *EventError) Error() string {
	kind := e.Kind
	if kind == "" {
		kind = "unknown kind"
	}
	return fmt.Sprintf("%v: event %d: %s: %s: %s", e.Err, e.Index, kind, e.Field, e.Reason)
}

// Unwrap is the sentinel.
func (e *EventError) Unwrap() error { return e.Err }

func refuse(field, reason string) *EventError {
	return &EventError{Field: field, Reason: reason, Err: ErrEvent}
}

// Stored looks up an event of a ledger by its id.
type Stored func(id string) (Event, bool)

// Admit is what a ledger does with a batch before it appends it: it checks every event against the
// vocabulary and against those it refers to, leaves out what is stored already, and gives the rest
// their ids, valid times and recorded times. The times are at now or just after last, whichever is
// later, and strictly increasing. An error means that nothing may be appended.
func (v *Vocabulary) Admit(batch []Event, now, last time.Time, stored Stored) ([]Event, error) {
	if len(batch) > MaxBatch {
		return nil, fmt.Errorf("%w: more than %d events in one batch", ErrEvent, MaxBatch)
	}
	recorded := microseconds(now)
	if recorded.Unix() <= 0 {
		return nil, fmt.Errorf("%w: clock before 1970", ErrUnavailable)
	}
	if !recorded.After(last) {
		recorded = last.Add(time.Microsecond)
	}
	admitted := make([]Event, 0, len(batch))
	fresh := make(map[string]int, len(batch))
	lookup := func(id string) (Event, bool) {
		if i, ok := fresh[id]; ok {
			return admitted[i], true
		}
		return stored(id)
	}
	for i := range batch {
		e, err := v.admit(batch[i], recorded, lookup)
		if err != nil {
			err.Index = i
			if concrete(batch[i].Body) {
				err.Kind = batch[i].Body.Kind()
			}
			return nil, err
		}
		if e == nil {
			continue
		}
		fresh[e.ID] = len(admitted)
		admitted = append(admitted, *e)
		recorded = recorded.Add(time.Microsecond)
	}
	return admitted, nil
}

// admit returns nil for an event that is stored already.
func (v *Vocabulary) admit(e Event, recorded time.Time, stored Stored) (*Event, *EventError) {
	if err := validID("id", e.ID, true); err != nil {
		return nil, err
	}
	if err := validID("data_subject", e.DataSubject, false); err != nil {
		return nil, err
	}
	kind, data, err := EncodeBody(e.Body)
	if err != nil {
		return nil, refuse("body", "unknown kind, or no valid encoding")
	}
	// The ledger keeps a copy of its own.
	if e.Body, err = DecodeBody(kind, data); err != nil {
		return nil, refuse("body", "no valid encoding")
	}
	e.ValidAt = microseconds(e.ValidAt)
	if e.ID == "" {
		e.ID = rand.Text()
	} else if old, ok := stored(e.ID); ok {
		if !same(old, e, data) {
			return nil, &EventError{Field: "id", Reason: "used by another event", Err: ErrConflict}
		}
		return nil, nil
	}
	if !e.RecordedAt.IsZero() {
		return nil, refuse("recorded_at", "assigned by the ledger")
	}
	e.RecordedAt = recorded
	if e.ValidAt.IsZero() {
		e.ValidAt = recorded
	}
	if e.ValidAt.After(recorded) {
		return nil, &EventError{Field: "valid_at", Reason: "after the time of recording", Err: ErrFuture}
	}
	if err := v.check(&e, stored); err != nil {
		return nil, err
	}
	return &e, nil
}

// same compares a stored event with one offered again: a valid time left out matches the recorded one.
func same(old, e Event, data []byte) bool {
	_, stored, err := EncodeBody(old.Body)
	valid := e.ValidAt.Equal(old.ValidAt) || e.ValidAt.IsZero() && old.ValidAt.Equal(old.RecordedAt)
	return err == nil && valid && e.DataSubject == old.DataSubject &&
		e.Body.Kind() == old.Body.Kind() && bytes.Equal(stored, data)
}

func validID(field, id string, optional bool) *EventError {
	switch {
	case id == "" && !optional:
		return refuse(field, "missing")
	case len(id) > MaxID:
		return refuse(field, "too long")
	case !utf8.ValidString(id):
		return refuse(field, "not UTF-8")
	}
	for _, r := range id {
		if unicode.IsControl(r) {
			return refuse(field, "contains a control character")
		}
	}
	return nil
}

// Refused reports whether err says that an event was refused for what it is, so that repeating it
// is of no use.
func Refused(err error) bool {
	return errors.Is(err, ErrEvent) || errors.Is(err, ErrFuture) || errors.Is(err, ErrConflict)
}
