package audittest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/purposebound/purposebound/audit"
)

// Mood is a way in which a [Faulty] trail takes an Append. The list is closed; the zero value is Good.
type Mood int

const (
	Good       Mood = iota
	Fails           // appends nothing and says so
	Hangs           // until [Faulty.Release], whatever the context says
	Dawdles         // appends after a millisecond
	Panics          // with a value that must not get out
	FailsAfter      // appends, and then says that it did not
)

// ErrFaulty is what a [Faulty] trail fails with.
var ErrFaulty = errors.New("audittest: faulty trail")

// Faulty is a trail that misbehaves, for tests of what appends to one. It is safe for concurrent use.
type Faulty struct {
	*Recorder
	mood Mood
	gone chan struct{}
	once sync.Once
}

var _ audit.Trail = (*Faulty)(nil)

// NewFaulty returns an empty trail in this mood. Clock nil means [time.Now].
func NewFaulty(mood Mood, clock func() time.Time) *Faulty {
	return &Faulty{Recorder: NewRecorder(clock), mood: mood, gone: make(chan struct{})}
}

// Release lets go of the calls that hang; they, and later ones, append nothing. It may be called twice.
func (f *Faulty) Release() { f.once.Do(func() { close(f.gone) }) }

// Append implements [audit.Trail], badly.
func (f *Faulty) Append(ctx context.Context, events []audit.Event) error {
	switch f.mood {
	case Fails:
		return ErrFaulty
	case Hangs:
		<-f.gone
		return ErrFaulty
	case Dawdles:
		time.Sleep(time.Millisecond)
	case Panics:
		panic("canary")
	case FailsAfter:
		return errors.Join(ErrFaulty, f.Recorder.Append(ctx, events))
	}
	return f.Recorder.Append(ctx, events)
}
