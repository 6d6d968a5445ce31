package sqlledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/internal/sqlstore"
)

// failure turns an error of the driver into one that holds the operation and a code alone: drivers
// quote values in their texts. Errors of package basis pass.
func failure(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	if basis.Refused(err) {
		return err
	}
	for _, known := range []error{basis.ErrUnavailable, basis.ErrClosed, basis.ErrKnownLater, basis.ErrHeld} {
		if errors.Is(err, known) {
			return err
		}
	}
	if ended := ctx.Err(); ended != nil {
		return fmt.Errorf("%w: %s: %w", basis.ErrUnavailable, op, ended)
	}
	return &Error{Op: op, Code: sqlstore.Code(err)}
}

// Error is a failure of the database.
type Error struct {
	Op   string // "record", "read", "erase", "migrate"
	Code string // SQLSTATE in PostgreSQL, result code in SQLite; "connection" or "failed" if there is none
}

// Error names the operation and the code.
func (e *Error) Error() string { return fmt.Sprintf("%v: %s: %s", basis.ErrUnavailable, e.Op, e.Code) }

// Unwrap is basis.ErrUnavailable.
func (e *Error) Unwrap() error { return basis.ErrUnavailable }

// again reports whether a transaction failed only because of another one: a unique id taken
// meanwhile, a serialization failure or a deadlock.
func again(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case "23505", "40001", "40P01":
		return true
	}
	return false
}
