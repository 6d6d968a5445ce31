package erasure

import (
	"context"
	"errors"
	"time"
)

// call asks the store, for no longer than timeout. A store that returns neither then nor within the same time again is
// left behind: err is ErrHung, and stuck is closed should it return after all.
func call[T any](ctx context.Context, timeout time.Duration, ask func(context.Context) (T, error)) (answer T, stuck <-chan struct{}, err error) {
	type result struct {
		answer T
		err    error
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	done, left := make(chan result, 1), make(chan struct{})
	go func() {
		defer close(left)
		r := result{err: ErrPanic}
		defer func() {
			if recover() != nil {
				r = result{err: ErrPanic} // and not what it said
			}
			done <- r
		}()
		r.answer, r.err = ask(ctx)
	}()
	var r result
	select {
	case r = <-done:
	case <-ctx.Done():
		patience := time.NewTimer(timeout)
		defer patience.Stop()
		select {
		case r = <-done:
		case <-patience.C:
			return answer, left, failed(ErrHung, ctx.Err())
		}
	}
	if r.err != nil {
		if errors.Is(r.err, ErrPanic) {
			return answer, nil, failed(ErrStore, ErrPanic)
		}
		return r.answer, nil, failed(ErrStore, r.err)
	}
	return r.answer, nil, nil
}
