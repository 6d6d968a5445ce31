package sqloutbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/purposebound/purposebound/internal/sqlstore"
	"github.com/purposebound/purposebound/policy/rights/outbox"
)

// failure turns an error of the driver into one that holds the operation and a code alone: drivers quote values in their texts.
// Errors of package outbox pass.
func failure(ctx context.Context, op string, err error) error {
	if err == nil {
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
	return &Error{Op: op, Code: sqlstore.Code(err)}
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

// serialization is the SQLSTATE of a transaction that another one got in the way of.
const serialization = "40001"

// again reports whether a transaction failed only because of another one: a unique id taken meanwhile, a case forgotten meanwhile, a
// serialization failure or a deadlock.
func again(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case "23503", "23505", serialization, "40P01":
		return true
	}
	return false
}
