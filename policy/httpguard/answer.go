package httpguard

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
)

// answer knows whether anything was written. http.ResponseController finds what is under it.
type answer struct {
	http.ResponseWriter
	begun bool
}

func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// WriteHeader implements [http.ResponseWriter].
func (a *answer) WriteHeader(status int) {
	a.begun = a.begun || status >= 200
	a.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (a *answer) Write(b []byte) (int, error) {
	a.begun = true
	return a.ResponseWriter.Write(b)
}

// FlushError is what http.ResponseController calls.
func (a *answer) FlushError() error {
	a.begun = true
	return http.NewResponseController(a.ResponseWriter).Flush()
}

// Hijack is what http.ResponseController calls.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	a.begun = true
	return http.NewResponseController(a.ResponseWriter).Hijack()
}

// WriteJSON answers 200 with a released view. A view that does not encode is an error that names its type, and nothing is
// written.
func WriteJSON[V any](w http.ResponseWriter, view V) error {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(view); err != nil {
		return fmt.Errorf("httpguard: a view of type %T does not encode as JSON", view)
	}
	w.Header().Set("Content-Type", "application/json")
	_, err := w.Write(b.Bytes())
	return err
}

// PanicError is what became of a panic: where it was and of what type, and nothing of its value, which may be of a record.
type PanicError struct {
	Where string
	Type  string
	Stack []byte
}

// Error says where and of what type.
func (e *PanicError) Error() string {
	return fmt.Sprintf("httpguard: %s panicked with a %s", e.Where, e.Type)
}

func panicked(where string, value any) error {
	return &PanicError{where, fmt.Sprintf("%T", value), debug.Stack()}
}

var _ error = (*PanicError)(nil)
