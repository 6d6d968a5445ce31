package sqltrail

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/purposebound/purposebound/audit"
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
	return &Error{Op: op, Code: code(err)}
}

const lostConnection = "connection"

func code(err error) string {
	var state interface{ SQLState() string }
	switch {
	case errors.As(err, &state):
		return state.SQLState()
	case resultCode(err) != 0:
		return "SQLITE " + strconv.Itoa(resultCode(err))
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone):
		return lostConnection
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

// passing reports whether trying again may help: the connection broke, the server restarts, or another transaction was
// in the way. An error without any code is one of the connection.
func passing(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case "failed", lostConnection, "40001", "40P01", "55P03", "57P01", "57P02", "57P03", "53300":
		return true
	}
	return strings.HasPrefix(e.Code, "08") || e.Code == "SQLITE 5" || e.Code == "SQLITE 517" // busy, or its snapshot is old
}
