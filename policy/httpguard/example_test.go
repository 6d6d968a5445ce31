package httpguard_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/purposebound/purposebound/internal/acme"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/carry"
	"github.com/purposebound/purposebound/policy/httpguard"
)

func Example() {
	company, err := acme.New()
	if err != nil {
		panic(err)
	}
	server, err := httpguard.New(httpguard.Config{Guard: company.Guard, Authenticate: func(r *http.Request) (policy.Principal, error) {
		if r.Header.Get("Authorization") != "Bearer u17" {
			return policy.Principal{}, errors.New("unknown token")
		}
		return policy.Principal{ID: "u17", Roles: []string{"agent"}}, nil
	}})
	if err != nil {
		panic(err)
	}
	show := func(w http.ResponseWriter, r *http.Request) error {
		view, err := carry.Read[acme.DebitView](r.Context(), acme.Ada())
		if err != nil {
			return err
		}
		return httpguard.WriteJSON(w, view)
	}
	handler, err := server.Routes(
		httpguard.Route{Pattern: "GET /lessees/{id}/debit", Purpose: "invoicing", Serve: show},
		httpguard.Route{Pattern: "GET /lessees/{id}/letter", Purpose: "marketing.newsletter", Serve: show},
	)
	if err != nil {
		panic(err)
	}
	for _, path := range []string{"/lessees/ada/debit", "/lessees/ada/letter", "/lessees/ada"} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Authorization", "Bearer u17")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Header().Get("Content-Type"))
	}
	// Output:
	// 200 application/json
	// 403 application/problem+json
	// 403 application/problem+json
}
