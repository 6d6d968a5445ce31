package aliastable

import (
	"context"
	"errors"
	"fmt"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/internal/sqlstore"
)

var (
	// ErrKey means that the source gives another key for an epoch than the one it began with.
	ErrKey = errors.New("aliastable: not the key that the epoch began with")
	// ErrUnsafe means that the database is known not to keep what it acknowledges.
	ErrUnsafe = errors.New("aliastable: unsafe database")
	// ErrSchema means that the tables are older than this package and may not be migrated, or newer.
	ErrSchema = errors.New("aliastable: schema of another version")

	errPanic = errors.New("aliastable: panic")
	errAgree = errors.New("aliastable: others keep erasing")
	errBad   = errors.New("aliastable: malformed row")
)

// Error is a failure of the database.
type Error struct {
	Op   string // "alias", "list", "erase", "migrate", "open"
	Code string // SQLSTATE in PostgreSQL, result code in SQLite; "connection" or "failed" if there is none
}

// Error names the operation and the code.
func (e *Error) Error() string { return "aliastable: " + e.Op + ": " + e.Code }

// own are errors that tell nothing and pass as they are.
var own = []error{ErrKey, ErrUnsafe, ErrSchema, errPanic, errAgree, errBad, audit.ErrNoKey, audit.ErrShredded}

// failure turns an error of the driver into one that holds the operation and a code alone: drivers quote values in their
// texts.
func failure(ctx context.Context, op string, err error) error {
	if err == nil || errors.Is(err, errNothing) {
		return nil
	}
	for _, known := range own {
		if errors.Is(err, known) {
			return known
		}
	}
	var done *Error
	if errors.As(err, &done) {
		return done
	}
	if ended := ctx.Err(); ended != nil {
		return fmt.Errorf("aliastable: %s: %w", op, ended)
	}
	return &Error{Op: op, Code: sqlstore.Code(err)}
}

// passing reports whether trying again may help, a row that another one refers to included. All that is tried here can be
// tried twice.
func passing(err error) bool {
	var e *Error
	return errors.As(err, &e) && (sqlstore.Passing(e.Code) || e.Code == "23503")
}
