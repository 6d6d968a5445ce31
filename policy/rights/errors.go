package rights

import "errors"

var (
	// ErrRequest is behind every error about a request that contradicts itself or the register: a mistake of the program,
	// not of the person. It names the place and no value.
	ErrRequest = errors.New("rights: request")
	// ErrState means that the ledger did not answer, or not in time. Nothing was decided.
	ErrState = errors.New("rights: the state of the data subject could not be read")
	// ErrRecord means that the audit trail did not record, or not in time. Nothing has taken effect, unless Serve says that
	// it failed after the effect: serving the request again under its ID is safe.
	ErrRecord = errors.New("rights: the audit trail did not record")
	// ErrEffect means that the ledger did not take the decision, which is on record: serve the request again under its ID.
	ErrEffect = errors.New("rights: the ledger did not record the decision")
)

// failure is that of a part. errors.Is and errors.As see its cause; its text does not repeat the cause's, which may quote
// what the part was given.
type failure struct{ what, cause error }

func (f *failure) Error() string { return f.what.Error() }

func (f *failure) Unwrap() []error { return []error{f.what, f.cause} }
