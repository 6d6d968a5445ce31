package retentionsql

import (
	"errors"
	"fmt"
)

// ErrQuery is what every error of [Compile] wraps.
var ErrQuery = errors.New("retentionsql: no SQL form")

// ErrDatabase means that the database failed. Its error can be unwrapped; it is not part of the text, for databases quote
// what they were given.
var ErrDatabase = errors.New("retentionsql: the database failed")

// ErrKeys means that two rows have the same key.
var ErrKeys = errors.New("retentionsql: a key is not unique")

type failure struct {
	op    string
	cause error
}

func (f *failure) Error() string   { return fmt.Sprintf("%v: %s", ErrDatabase, f.op) }
func (f *failure) Unwrap() []error { return []error{ErrDatabase, f.cause} }

func failed(op string, err error) error {
	if err == nil || errors.Is(err, ErrKeys) {
		return err
	}
	return &failure{op, err}
}
