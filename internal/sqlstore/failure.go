package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// CodeConnection is the [Code] of a connection that broke.
const CodeConnection = "connection"

// Code tells what failed and nothing else, for drivers quote values in their texts: the SQLSTATE in PostgreSQL, the result
// code in SQLite, [CodeConnection], or "failed".
func Code(err error) string {
	var state interface{ SQLState() string }
	switch {
	case errors.As(err, &state):
		return state.SQLState()
	case resultCode(err) != 0:
		return "SQLITE " + strconv.Itoa(resultCode(err))
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone):
		return CodeConnection
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

// Busy reports whether SQLite did not answer only because somebody else was at work.
func Busy(err error) bool { return resultCode(err)&0xff == 5 }

// Passing reports whether trying again may help: the connection broke, the server restarts, or another transaction was in
// the way. An error without any code is one of the connection.
func Passing(code string) bool {
	switch code {
	case "failed", CodeConnection, "40001", "40P01", "55P03", "57P01", "57P02", "57P03", "53300":
		return true
	}
	return strings.HasPrefix(code, "08") || code == "SQLITE 5" || code == "SQLITE 517" // busy, or its snapshot is old
}

// Patiently repeats what SQLite did not do because somebody else was at work, for [BusyTimeout] or until ctx ends.
func Patiently(ctx context.Context, do func() error) error {
	begun := time.Now()
	for wait := time.Millisecond; ; wait = min(2*wait, 20*time.Millisecond) {
		err := do()
		if err == nil || !Busy(err) || time.Since(begun) > BusyTimeout {
			return err
		}
		if !Pause(ctx, wait) {
			return ctx.Err()
		}
	}
}

// Pause waits for half to the whole of d, and reports whether ctx is still alive.
func Pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d/2 + rand.N(d/2))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// Guard turns a panic, which only the caller's driver or clock can raise, into an error that does not repeat what it says.
func Guard(panicked error, f func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = panicked
		}
	}()
	return f()
}
