package erasure

import "errors"

var (
	// ErrConfig is behind every error of [New].
	ErrConfig = errors.New("erasure: executor is not configured")
	// ErrBusy means that the executor is running already.
	ErrBusy = errors.New("erasure: a run is under way")
	// ErrStore means that the store failed, or broke its contract. The error of the store can be unwrapped; it is not
	// part of the text, for engines quote what they were given.
	ErrStore = errors.New("erasure: the store failed")
	// ErrPanic means that the store, or another of the caller's parts, panicked. What it said is not repeated.
	ErrPanic = errors.New("erasure: the store or another part panicked")
	// ErrHung means that the store did not return in time, nor when its context ended. Its order stays open until a later
	// run settles it.
	ErrHung = errors.New("erasure: the store hangs")
	// ErrLied means that the store reported another number of rows than it had changed.
	ErrLied = errors.New("erasure: the store reported a wrong number of rows")
	// ErrOverreach means that rows are gone that were to stay.
	ErrOverreach = errors.New("erasure: the store removed rows that it was not ordered to")
	// ErrRecord means that the journal, the ledger or the trail failed. The order stays open until a later run settles it.
	ErrRecord = errors.New("erasure: nothing could be recorded")
	// ErrDamaged means that a file is not what this package left, not even when it was killed.
	ErrDamaged = errors.New("erasure: damaged file")
	// ErrLocked means that another process has the file.
	ErrLocked = errors.New("erasure: another process has this file")
	// ErrSecret means that the ledger was made with another secret.
	ErrSecret = errors.New("erasure: the ledger has another secret")
	// ErrClosed means that the journal or ledger was closed.
	ErrClosed = errors.New("erasure: closed")
)

// failure keeps the text of a cause out of the error, and the cause in it.
type failure struct{ is, cause error }

func (f *failure) Error() string   { return f.is.Error() }
func (f *failure) Unwrap() []error { return []error{f.is, f.cause} }

func failed(is, cause error) error {
	if cause == nil || errors.Is(cause, is) {
		return cause
	}
	return &failure{is, cause}
}
