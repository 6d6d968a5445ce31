package live

import (
	"context"
	"errors"
	"sync"
	"time"
)

// stages runs the steps of a change so that one that hangs or panics holds up nobody.
type stages struct {
	mu    sync.Mutex
	under map[string]chan struct{} // steps that are running, by what they do to what; closed when they end
}

// maxStuck is how many steps may hang at a time.
const maxStuck = 4

var (
	errPanic = errors.New("live: panic")
	errLate  = errors.New("live: too late")
	errBusy  = errors.New("live: too many steps hang")
)

// run gives f a goroutine of its own and at most limit. A step that hangs is left behind, what it returns is dropped,
// and it is not begun a second time until it has ended. The error is f's, or one of those above, or that of ctx,
// which the caller ended.
func run[T any](ctx context.Context, s *stages, step string, limit time.Duration, f func(context.Context) (T, error)) (T, error) {
	var zero T
	own, cancel := context.WithTimeout(ctx, limit)
	if err := s.begin(own, step); err != nil {
		defer cancel()
		return zero, blameCaller(ctx, own, err)
	}
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		r := result{err: errPanic} // also where f ends the goroutine
		defer func() {
			if recover() != nil { // what a panic says may quote what it was given
				r = result{err: errPanic}
			}
			s.end(step)
			done <- r
			cancel()
		}()
		r.value, r.err = f(own)
	}()
	var r result
	select {
	case r = <-done:
	case <-own.Done():
		select {
		case r = <-done: // both at once
		default:
			r.err = own.Err()
		}
	}
	if r.err != nil {
		return zero, blameCaller(ctx, own, r.err)
	}
	return r.value, nil
}

// blameCaller says why a step ended without a result: the caller gave up, or time was up, or err.
func blameCaller(ctx, own context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(own.Err(), context.DeadlineExceeded):
		return errLate
	}
	return err
}

// begin waits for the same step to end if it was left behind.
func (s *stages) begin(ctx context.Context, step string) error {
	for {
		s.mu.Lock()
		ended, many := s.under[step], len(s.under) >= maxStuck
		if ended == nil && !many {
			s.under[step] = make(chan struct{})
		}
		s.mu.Unlock()
		switch {
		case ended != nil:
			select {
			case <-ended:
			case <-ctx.Done():
				return ctx.Err()
			}
		case many:
			return errBusy
		default:
			return nil
		}
	}
}

func (s *stages) end(step string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.under[step])
	delete(s.under, step)
}
