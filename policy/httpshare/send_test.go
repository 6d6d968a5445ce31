package httpshare_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/internal/acme"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/httpshare"
)

// bank is a recipient that takes each delivery once.
type bank struct {
	*httptest.Server
	mu    sync.Mutex
	took  map[string]acme.DebitView
	calls atomic.Int32
	serve http.HandlerFunc // nil: takes it
	gone  func()           // has the caller go away
}

func newBank(t *testing.T) *bank {
	b := &bank{took: map[string]acme.DebitView{}}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.calls.Add(1)
		if b.serve != nil {
			b.serve(w, r)
			return
		}
		b.take(w, r)
	}))
	t.Cleanup(b.Close)
	return b
}

func (b *bank) take(w http.ResponseWriter, r *http.Request) {
	var v acme.DebitView
	if r.Header.Get("Content-Type") != "application/json" || json.NewDecoder(r.Body).Decode(&v) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	b.took[r.Header.Get("Idempotency-Key")] = v
	w.WriteHeader(http.StatusCreated)
}

func endpoint(t *testing.T, a *acme.Acme, address string, o httpshare.Options) *httpshare.Endpoint {
	t.Helper()
	e, err := httpshare.NewEndpoint(a.Guard, "hausbank", address, o)
	require.NoError(t, err)
	require.Equal(t, "hausbank", e.Recipient())
	return e
}

var invoicing = policy.Request{Principal: acme.Agent, Purpose: "invoicing"}

func TestASharedViewIsDeliveredOnRecord(t *testing.T) {
	a, err := acme.New()
	require.NoError(t, err)
	b := newBank(t)
	signed := ""
	b.serve = func(w http.ResponseWriter, r *http.Request) {
		signed = r.Header.Get("Authorization")
		b.take(w, r)
	}
	e := endpoint(t, a, b.URL+"/debits", httpshare.Options{Sign: func(r *http.Request) error { r.Header.Set("Authorization", "Bearer x"); return nil }})
	require.NoError(t, httpshare.Send[acme.DebitView](t.Context(), a.Guard, invoicing, acme.Ada(), e, "run-7:17"))
	require.Equal(t, map[string]acme.DebitView{`"run-7:17"`: {Name: "Ada Lovelace", IBAN: "DK5000400440116243"}}, b.took)
	require.Equal(t, "Bearer x", signed)
	require.Equal(t, []string{"access.share/permitted/", "share.delivered/done/"}, a.Events())
	require.Equal(t, "hausbank", a.Trail.Events()[1].RecipientID)

	require.NoError(t, httpshare.Send[acme.DebitView](t.Context(), a.Guard, invoicing, acme.Ada(), e, "run-7:17"))
	require.Len(t, b.took, 1, "a second attempt of one delivery has its key")
}

func TestWhatIsDeniedIsNotSent(t *testing.T) {
	a, err := acme.New()
	require.NoError(t, err)
	b := newBank(t)
	e := endpoint(t, a, b.URL, httpshare.Options{})
	type income struct{ Income int64 }
	require.ErrorIs(t, httpshare.Send[income](t.Context(), a.Guard, invoicing, acme.Ada(), e, "k"), policy.ErrDenied)
	require.ErrorIs(t, httpshare.Send[acme.DebitView](t.Context(), a.Guard, invoicing, acme.Bob(), e, "k"), policy.ErrDenied)
	require.ErrorIs(t, httpshare.Send[acme.DebitView](t.Context(), nil, invoicing, acme.Ada(), e, "k"), policy.ErrDenied)
	a.Trail.FailNext(errors.New("full"))
	require.ErrorIs(t, httpshare.Send[acme.DebitView](t.Context(), a.Guard, invoicing, acme.Ada(), e, "k"), policy.ErrDenied)
	for _, key := range []string{"", "Ada Lovelace", "a\"b", "a\nb", string(make([]byte, 129))} {
		require.Error(t, httpshare.Send[acme.DebitView](t.Context(), a.Guard, invoicing, acme.Ada(), e, key))
	}
	require.Error(t, httpshare.Send[acme.DebitView](t.Context(), a.Guard, invoicing.To("broker"), acme.Ada(), e, "k"))
	require.Error(t, httpshare.Send[acme.DebitView](t.Context(), a.Guard, invoicing, acme.Ada(), nil, "k"))
	require.Error(t, httpshare.Send[acme.DebitView](t.Context(), a.Guard, invoicing, acme.Ada(), new(httpshare.Endpoint), "k"))
	require.Zero(t, b.calls.Load())
}

// stall is a transport that tells nothing of connections.
type stall struct{}

func (stall) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("lost Ada Lovelace")
}

func TestTheTrailSaysWhatBecameOfADelivery(t *testing.T) {
	const failed, unknown = "share.delivered/failed/release.delivery-failed", "share.delivered/failed/release.delivery-unknown"
	status := func(code int) func(*bank) {
		return func(b *bank) {
			b.serve = func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(code)
				_, _ = io.WriteString(w, "Ada Lovelace")
			}
		}
	}
	for name, tc := range map[string]struct {
		bank    func(*bank)
		address string
		options httpshare.Options
		want    string
		err     string
	}{
		"400": {bank: status(400), want: failed, err: "httpshare: hausbank answered 400"},
		"429": {bank: status(429), want: failed, err: "httpshare: hausbank answered 429"},
		"409": {bank: status(409), want: unknown, err: "httpshare: hausbank answered 409: whether it has the view is not known"},
		"500": {bank: status(500), want: unknown, err: "httpshare: hausbank answered 500: whether it has the view is not known"},
		"redirect": {bank: func(b *bank) {
			b.serve = func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
			}
		}, want: failed, err: "httpshare: hausbank answered 307"},
		"redirect to a page": {bank: func(b *bank) {
			b.serve = func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/elsewhere" {
					http.Redirect(w, r, "/elsewhere", http.StatusSeeOther)
				}
			}
		}, want: failed, err: "httpshare: hausbank answered 303"},
		"cut": {bank: func(b *bank) {
			b.serve = func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
		}, want: unknown, err: "httpshare: hausbank did not answer: whether it has the view is not known"},
		"caller gone": {bank: func(b *bank) {
			b.serve = func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // or the server does not notice that the client went away
				b.gone()
				<-r.Context().Done()
			}
		}, want: unknown, err: "httpshare: hausbank did not answer: whether it has the view is not known"},
		"nobody there": {address: "http://127.0.0.1:1/x", want: failed, err: "httpshare: hausbank was sent nothing"},
		"no such name": {address: "https://hausbank.invalid/x", options: httpshare.Options{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			return nil, errors.New("no such host")
		}}}, want: failed, err: "httpshare: hausbank was sent nothing"},
		"another transport": {options: httpshare.Options{Transport: stall{}}, want: unknown, err: "httpshare: hausbank did not answer: whether it has the view is not known"},
		"signer fails": {options: httpshare.Options{Sign: func(*http.Request) error { return errors.New("no key for Ada Lovelace") }}, want: failed,
			err: "httpshare: hausbank was sent nothing"},
		"signer leads elsewhere": {options: httpshare.Options{Sign: func(r *http.Request) error { r.URL.Path = "/elsewhere"; return nil }}, want: failed,
			err: "httpshare: hausbank was sent nothing"},
		"signer names another host": {options: httpshare.Options{Sign: func(r *http.Request) error { r.Host = "evil.example"; return nil }}, want: failed,
			err: "httpshare: hausbank was sent nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := acme.New()
			require.NoError(t, err)
			b := newBank(t)
			if tc.bank != nil {
				tc.bank(b)
			}
			if tc.address == "" {
				tc.address = b.URL
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			b.gone = cancel
			err = httpshare.Send[acme.DebitView](ctx, a.Guard, invoicing, acme.Ada(), endpoint(t, a, tc.address, tc.options), "k")
			require.EqualError(t, err, tc.err)
			require.Equal(t, tc.want == unknown, errors.Is(err, policy.ErrDeliveryUnknown))
			require.NotErrorIs(t, err, policy.ErrDenied)
			require.Equal(t, []string{"access.share/permitted/", tc.want}, a.Events())
			require.LessOrEqual(t, b.calls.Load(), int32(1), "nothing is sent twice, nor after a redirect")
		})
	}
}

func TestAViewThatDoesNotEncodeIsNotSent(t *testing.T) {
	type view struct{ Name unencodable }
	type record struct {
		ID   string      `subject:"id"`
		Name unencodable `personal:"contact.name"`
	}
	a, err := acme.New()
	require.NoError(t, err)
	b := newBank(t)
	err = httpshare.Send[view](t.Context(), a.Guard, invoicing, &record{"person-ada", "Ada Lovelace"}, endpoint(t, a, b.URL, httpshare.Options{}), "k")
	require.EqualError(t, err, "httpshare: hausbank was sent nothing")
	for e := err; e != nil; e = errors.Unwrap(e) {
		require.NotContains(t, e.Error(), "Ada")
	}
	require.Zero(t, b.calls.Load())
}

type unencodable string

func (u unencodable) MarshalText() ([]byte, error) {
	return nil, errors.New("no text for " + string(u))
}

func TestEndpointsAreCheckedAtStart(t *testing.T) {
	a, err := acme.New()
	require.NoError(t, err)
	for _, address := range []string{"", "hausbank", "http://hausbank.example/", "ftp://127.0.0.1/", "https://user:secret@hausbank.example/",
		"https://hausbank.example/?token=secret", "https://hausbank.example/#x", "http://127.0.0.1.example/", "https:///x", "://"} {
		_, err := httpshare.NewEndpoint(a.Guard, "hausbank", address, httpshare.Options{})
		require.Error(t, err, address)
		require.NotContains(t, err.Error(), "secret")
	}
	for _, address := range []string{"https://hausbank.example/", "http://localhost:8080", "http://[::1]:8080/x", "http://127.0.0.1/"} {
		_, err := httpshare.NewEndpoint(a.Guard, "hausbank", address, httpshare.Options{})
		require.NoError(t, err, address)
	}
	_, err = httpshare.NewEndpoint(a.Guard, "bank", "https://hausbank.example/", httpshare.Options{})
	require.EqualError(t, err, `httpshare: the register has no recipient "bank"`)
	_, err = httpshare.NewEndpoint(nil, "hausbank", "https://hausbank.example/", httpshare.Options{})
	require.Error(t, err)
	_, err = httpshare.NewEndpoint(a.Guard, "hausbank", "https://hausbank.example/", httpshare.Options{Timeout: -1})
	require.Error(t, err)
}
