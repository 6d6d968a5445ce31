package httpshare

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"

	"github.com/purposebound/purposebound/policy"
)

// DeliveryError is a delivery that was not taken, or of which that is not known: errors.Is tells, with
// policy.ErrDeliveryUnknown. It quotes nothing that was sent or answered.
type DeliveryError struct {
	Recipient string
	Status    int // of HTTP; 0: no answer
	Unknown   bool
	Cause     error // of the transport or the signer; nil for an answer
}

// Error names the recipient and what came back.
func (e *DeliveryError) Error() string {
	s := "httpshare: " + e.Recipient
	switch {
	case e.Status != 0:
		s += fmt.Sprintf(" answered %d", e.Status)
	case e.Unknown:
		s += " did not answer"
	default:
		s += " was sent nothing"
	}
	if e.Unknown {
		s += ": whether it has the view is not known"
	}
	return s
}

// Unwrap returns the cause, and policy.ErrDeliveryUnknown where it applies.
func (e *DeliveryError) Unwrap() []error {
	var list []error
	if e.Unknown {
		list = append(list, policy.ErrDeliveryUnknown)
	}
	if e.Cause != nil {
		list = append(list, e.Cause)
	}
	return list
}

// MaxKey is the longest idempotency key, in bytes.
const MaxKey = 128

var (
	errNoEndpoint = errors.New("httpshare: no endpoint: NewEndpoint makes one")
	errKey        = errors.New("httpshare: an idempotency key is 1 to 128 letters, digits, hyphens, dots, colons and underscores, and names no person")
	errMoved      = errors.New("httpshare: the signer changed the address")
	errRecipient  = errors.New("httpshare: the request names another recipient than the endpoint")
)

// Send is policy.Send to an endpoint. The request may leave the recipient out. The key names the delivery, not the person:
// the same for every attempt of one delivery, and never used for another; crypto/rand.Text makes one. It is sent as the
// header Idempotency-Key.
func Send[V, R any](ctx context.Context, g *policy.Guard, req policy.Request, record *R, to *Endpoint, key string) error {
	switch {
	case to == nil || to.client == nil:
		return errNoEndpoint
	case !validKey(key):
		return errKey
	case req.Recipient != "" && req.Recipient != to.recipient:
		return errRecipient
	}
	return policy.Send(ctx, g, req.To(to.recipient), record, func(ctx context.Context, view V) error {
		body, err := json.Marshal(view)
		if err != nil {
			return &DeliveryError{Recipient: to.recipient, Cause: fmt.Errorf("httpshare: a view of type %T does not encode as JSON", view)}
		}
		return to.post(ctx, key, body)
	})
}

func validKey(key string) bool {
	for i := 0; i < len(key); i++ {
		c := key[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' && c != '.' && c != '_' && c != ':' {
			return false
		}
	}
	return key != "" && len(key) <= MaxKey
}

// maxAnswer is how much of an answer is read, so that the connection can be used again.
const maxAnswer = 64 << 10

// post makes one attempt.
func (e *Endpoint) post(ctx context.Context, key string, body []byte) error {
	if err := ctx.Err(); err != nil {
		return &DeliveryError{Recipient: e.recipient, Cause: err}
	}
	var asked, connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.address, nil)
	if err != nil {
		return &DeliveryError{Recipient: e.recipient, Cause: err}
	}
	host := req.Host
	if e.sign != nil {
		if err := e.sign(req); err != nil {
			return &DeliveryError{Recipient: e.recipient, Cause: err}
		}
		if req.URL.String() != e.address || req.Host != host {
			return &DeliveryError{Recipient: e.recipient, Cause: errMoved}
		}
	}
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body)) // no GetBody: the transport sends nothing twice
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", `"`+key+`"`)
	resp, err := e.client.Do(req)
	if err != nil {
		// A transport that tells nothing of connections may have sent everything.
		return &DeliveryError{Recipient: e.recipient, Unknown: connected.Load() || !asked.Load(), Cause: err}
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer) // what it says is not needed
	if resp.StatusCode/100 == 2 {
		return nil
	}
	// 409: an earlier attempt with the key is still being dealt with.
	return &DeliveryError{Recipient: e.recipient, Status: resp.StatusCode, Unknown: resp.StatusCode >= 500 || resp.StatusCode == http.StatusConflict}
}
