package sqltrail

import (
	"context"
	"errors"
	"fmt"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/internal/sqlstore"
)

var (
	// ErrDamaged means that the rows are not what writers left: the head is not the last line, went back, or is of another
	// stream. [Trail.Verify] says more.
	ErrDamaged = errors.New("sqltrail: damaged trail")
	// ErrUnsafe means that the database is known not to keep what it acknowledges.
	ErrUnsafe = errors.New("sqltrail: unsafe database")
	// ErrSchema means that the tables are older than this package and may not be migrated, or newer.
	ErrSchema = errors.New("sqltrail: schema of another version")
)

// Error is a failure of the database.
type Error struct {
	Op   string // "append", "read", "prune", "migrate", "open"
	Code string // SQLSTATE in PostgreSQL, result code in SQLite; "connection" or "failed" if there is none
}

// Error names the operation and the code.
func (e *Error) Error() string { return "sqltrail: " + e.Op + ": " + e.Code }

// own are errors that tell nothing and pass as they are.
var own = []error{ErrDamaged, ErrUnsafe, ErrSchema, audit.ErrPruned, audit.ErrClosed, audit.ErrInvalid, errOther, errOvertaken, errPanic, errClock}

var (
	errPanic = errors.New("sqltrail: panic while writing")
	errClock = errors.New("sqltrail: no place for the event")
)

// failure turns an error of the driver into one that holds the operation and a code alone: drivers quote values in their
// texts.
func failure(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	for _, known := range own {
		if errors.Is(err, known) {
			return err
		}
	}
	var done *Error
	if errors.As(err, &done) {
		return done
	}
	if ended := ctx.Err(); ended != nil {
		return fmt.Errorf("sqltrail: %s: %w", op, ended)
	}
	return &Error{Op: op, Code: sqlstore.Code(err)}
}

// passing reports whether trying again may help.
func passing(err error) bool {
	var e *Error
	return errors.As(err, &e) && sqlstore.Passing(e.Code)
}
