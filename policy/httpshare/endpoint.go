package httpshare

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// Options of an endpoint.
type Options struct {
	// Transport replaces http.DefaultTransport.
	Transport http.RoundTripper
	// Timeout bounds one delivery, answer included; zero is 30 s.
	Timeout time.Duration
	// Sign adds what the recipient knows the sender by. It does not see the body. An error of it sends nothing.
	Sign func(*http.Request) error
}

// Endpoint is where a recipient takes what is shared with it. It is safe for concurrent use.
type Endpoint struct {
	recipient string
	address   string
	client    *http.Client
	sign      func(*http.Request) error
}

// NewEndpoint binds an address to a recipient of the guard's register. The address is https, or http on the machine itself, and
// holds neither credentials nor a query.
func NewEndpoint(g *policy.Guard, recipient, address string, o Options) (*Endpoint, error) {
	r := g.Register()
	if r == nil {
		return nil, errors.New("httpshare: no guard: policy.NewGuard makes one")
	}
	if !declares(r, recipient) {
		return nil, fmt.Errorf("httpshare: the register has no recipient %q", recipient)
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("httpshare: the address of %s is no plain URL", recipient)
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		return nil, fmt.Errorf("httpshare: the address of %s is not https", recipient)
	case o.Timeout < 0:
		return nil, errors.New("httpshare: the time-out is negative")
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	return &Endpoint{recipient: recipient, address: u.String(), sign: o.Sign, client: &http.Client{Transport: o.Transport, Timeout: o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

func declares(r *purpose.Register, recipient string) bool {
	for _, x := range r.Spec().Recipients {
		if x.Key == recipient {
			return true
		}
	}
	return false
}

func loopback(host string) bool {
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Recipient is the key of the recipient.
func (e *Endpoint) Recipient() string {
	if e == nil {
		return ""
	}
	return e.recipient
}
