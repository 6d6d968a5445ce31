package access

import (
	"context"
	"errors"
	"time"
)

var (
	// ErrNotGranted means that the desk did not grant the request; the Outcome says why, and there is no report.
	ErrNotGranted = errors.New("access: the request was not granted")
	// ErrRequest means that the program asked wrongly. It names the place and no value.
	ErrRequest = errors.New("access: request")
	// ErrRegister means that the register lacks what a report has to say.
	ErrRegister = errors.New("access: register")
	// ErrTrail means that the trail did not answer, not in full, or is not the one that the desk records in.
	ErrTrail = errors.New("access: the trail could not be read in full")
	// ErrCopy means that a value could not be had for another reason than a refusal of the guard.
	ErrCopy = errors.New("access: a value could not be copied")

	errPanic = errors.New("access: a part panicked")
)

// failure is that of a part. errors.Is and errors.As see its cause; its text does not repeat the cause's, which may quote
// personal data.
type failure struct {
	what  error
	place string
	cause error
}

func (f *failure) Error() string {
	if f.place == "" {
		return f.what.Error()
	}
	return f.what.Error() + ": " + f.place
}

func (f *failure) Unwrap() []error { return []error{f.what, f.cause} }

// apart runs f on a goroutine of its own and waits for it no longer than the time-out: a part that hangs or panics fails.
func apart[T any](ctx context.Context, timeout time.Duration, f func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	type answer struct {
		v   T
		err error
	}
	done := make(chan answer, 1)
	go func() {
		a := answer{err: errPanic}
		defer func() {
			_ = recover()
			done <- a
		}()
		v, err := f(ctx)
		a = answer{v, err}
	}()
	select {
	case a := <-done:
		return a.v, a.err
	case <-ctx.Done():
		var zero T
		return zero, ctx.Err()
	}
}
