package httpguard

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
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
