package basis

import (
	"context"
	"errors"
	"iter"
	"time"
)

// Ledger answers what is true of a data subject. Implementations are safe for concurrent use and
// see every event that was acknowledged before the call, by this process or another.
type Ledger interface {
	// StateAt folds the events of a data subject that are valid at validAt and were recorded at or
	// before knownAt (zero: everything recorded so far). A person without events has an empty State,
	// not an error. To ask again later what a decision knew, pass the KnownAt of its State: an event
	// may still be recorded in the instant that a clock shows.
	StateAt(ctx context.Context, dataSubject string, validAt, knownAt time.Time) (*State, error)
}

// Recorder appends events. Nil means that all are recorded, durably as the store defines, and
// seen by every later StateAt; an error means that none is.
type Recorder interface {
	Record(ctx context.Context, events ...Event) error
}

// History reads events back in recorded order, one data subject at a time.
type History interface {
	Events(ctx context.Context, dataSubject string) iter.Seq2[Event, error]
}

// Eraser forgets one person.
type Eraser interface {
	// Erase removes the events of a data subject (GDPR Art. 17(1)) and says how many. Objections to
	// marketing that stand are kept: they bind whatever is obtained later (Art. 21(3)). While a hold
	// or a restriction stands nothing is removed and the error is ErrHeld. Decisions about the person
	// cannot be replayed afterwards.
	Erase(ctx context.Context, dataSubject string) (int, error)
}

// Errors of ledgers. A decision that meets one of them denies with "state.unavailable".
var (
	ErrClosed      = errors.New("basis: ledger closed")
	ErrEvent       = errors.New("basis: event refused")                // wrapped with the place and reason, never a personal value
	ErrConflict    = errors.New("basis: event id already used")        // same id, other content
	ErrFuture      = errors.New("basis: event lies in the future")     //
	ErrUnavailable = errors.New("basis: ledger cannot answer")         //
	ErrKnownLater  = errors.New("basis: known-at lies in the future")  //
	ErrHeld        = errors.New("basis: a hold or restriction stands") // erasing waits for its end
)
