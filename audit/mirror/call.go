package mirror

import (
	"context"
	"errors"
	"fmt"
)

var (
	errPanicked = errors.New("mirror: it panicked")
	errHangs    = errors.New("mirror: it does not come back")
)

// call lets f talk to somebody else's code, for as long as the time-out. One that hangs beyond is left alone, with one
// goroutine, and nothing else is called until it comes back: so events never overtake one another.
func call[T any](m *Mirror, ctx context.Context, f func(context.Context) (T, error)) (T, error) {
	var none T
	ctx, cancel := context.WithTimeout(ctx, m.opts.Timeout)
	if m.late != nil {
		select {
		case <-m.late:
			m.late = nil
		case <-ctx.Done():
			cancel()
			return none, errors.Join(errHangs, ctx.Err())
		}
	}
	type answer struct {
		value T
		err   error
	}
	done, back := make(chan answer, 1), make(chan struct{})
	go func() {
		defer cancel()
		defer close(back)
		out := answer{err: errPanicked}
		defer func() {
			_ = recover()
			done <- out
		}()
		value, err := f(ctx)
		out = answer{value, err}
	}()
	select {
	case a := <-done:
		return a.value, a.err
	case <-ctx.Done():
	}
	select {
	case a := <-done: // at the same time
		return a.value, a.err
	default:
		m.late = back
		return none, fmt.Errorf("%w: %w", errHangs, ctx.Err())
	}
}
