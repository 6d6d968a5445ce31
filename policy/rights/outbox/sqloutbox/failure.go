package sqloutbox

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/purposebound/purposebound/policy/rights/outbox"
)

// failure turns an error of the driver into one that holds the operation and a code alone: drivers quote values in their texts.
// Errors of package outbox pass.
func failure(ctx context.Context, op string, err error) error {
	if err == nil || errors.Is(err, errNothing) {
		return nil
	}
	for _, known := range []error{outbox.ErrConflict, outbox.ErrStale, outbox.ErrUnknown, outbox.ErrOpen, outbox.ErrNotice, outbox.ErrUnavailable} {
		if errors.Is(err, known) {
			return err
		}
	}
	if ended := ctx.Err(); ended != nil {
		return fmt.Errorf("%w: %s: %w", outbox.ErrUnavailable, op, ended)
	}
	return &Error{Op: op, Code: code(err)}
}

// Error is a failure of the database.
type Error struct {
	Op   string // "open", "claim", "settle", "read", "forget", "migrate"
	Code string // SQLSTATE in PostgreSQL, result code in SQLite; "connection" or "failed" if there is none
}

// Error names the operation and the code.
func (e *Error) Error() string { return fmt.Sprintf("%v: %s: %s", outbox.ErrUnavailable, e.Op, e.Code) }

// Unwrap is outbox.ErrUnavailable.
func (e *Error) Unwrap() error { return outbox.ErrUnavailable }

func code(err error) string {
	var state interface{ SQLState() string }
	switch {
	case errors.As(err, &state):
		return state.SQLState()
	case resultCode(err) != 0:
		return "SQLITE " + strconv.Itoa(resultCode(err))
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone):
		return "connection"
	}
	return "failed"
}

// resultCode is the extended result code of SQLite, 0 if err has none.
func resultCode(err error) int {
	var result interface{ Code() int }
	if errors.As(err, &result) {
		return result.Code()
	}
	return 0
}

// busy reports whether SQLite did not answer only because somebody else was at work.
func busy(err error) bool { return resultCode(err)&0xff == 5 }

// again reports whether a transaction failed only because of another one: a unique id taken meanwhile, a case forgotten meanwhile, a
// serialization failure or a deadlock.
func again(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case "23503", "23505", "40001", "40P01":
		return true
	}
	return false
}

// patiently waits for a SQLite database that is busy.
func patiently(ctx context.Context, do func() error) error {
	wait := time.Millisecond
	for begun := time.Now(); ; {
		err := do()
		if err == nil || !busy(err) || time.Since(begun) > busyTimeout {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
			wait = min(2*wait, 50*time.Millisecond)
		}
	}
}
