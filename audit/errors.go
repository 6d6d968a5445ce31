package audit

import (
	"errors"
	"strconv"
)

var (
	// ErrInvalid is behind every event or line that was refused.
	ErrInvalid = errors.New("audit: invalid event")
	// ErrFull means that the trail had no room: in its queue until the caller's deadline, or on its disk. Nothing was
	// appended.
	ErrFull = errors.New("audit: trail is full")
	// ErrPoisoned means that the trail can no longer promise durability. It stays so until it is opened anew.
	ErrPoisoned = errors.New("audit: trail is poisoned")
	// ErrPruned means that events which were to be read are there no more.
	ErrPruned = errors.New("audit: events were pruned")
	// ErrClosed means that the trail was closed.
	ErrClosed = errors.New("audit: trail is closed")
	// ErrUnknown means that the caller's context ended while the events were being written. They may become durable or
	// not: treat them as not durable and release nothing.
	ErrUnknown = errors.New("audit: outcome unknown")
)

// FieldError names the key of an event that was refused, and never what it held. It unwraps to [ErrInvalid].
type FieldError struct{ Key, Problem string }

func (e *FieldError) Error() string { return "audit: " + e.Key + ": " + e.Problem }
func (e *FieldError) Unwrap() error { return ErrInvalid }

// LineError is a line that is not the canonical form of an event. It unwraps to [ErrInvalid].
type LineError struct {
	Offset  int    // in bytes, from the start of the line
	Key     string // empty where no known key is concerned
	Problem string
}

func (e *LineError) Error() string {
	at := "audit: line offset " + strconv.Itoa(e.Offset) + ": "
	if e.Key != "" {
		at += e.Key + ": "
	}
	return at + e.Problem
}

func (e *LineError) Unwrap() error { return ErrInvalid }
