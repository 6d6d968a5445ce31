package main

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/purposebound/purposebound/policy/httpguard"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
)

// withdraw takes back a consent of the person who is logged in. Once it answers 200 the next read knows. The notice asks for
// withdrawals by mail, e-mail or phone; taking back must be as easy as giving (GDPR Art. 7(3)), so that no channel is stated here.
func (s *service) withdraw(w http.ResponseWriter, r *http.Request) {
	who, ok := s.accounts.of(r)
	if !ok || who.person == "" {
		w.Header().Set("WWW-Authenticate", "Bearer")
		problem(w, http.StatusUnauthorized, httpguard.CodeUnauthenticated, "it is not known who is asking")
		return
	}
	var asked struct {
		Scope string `json:"scope"`
	}
	body := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10))
	body.DisallowUnknownFields()
	if err := body.Decode(&asked); err != nil || asked.Scope == "" {
		problem(w, http.StatusBadRequest, "lending.scope-missing", `the body is {"scope": "..."}`)
		return
	}
	o, err := s.desk.Serve(r.Context(), rights.Request{Kind: purpose.WithdrawalRight, DataSubject: who.person, Received: s.clock(),
		Identity: rights.Proven, Scopes: []string{asked.Scope}})
	switch {
	case errors.Is(err, rights.ErrRequest):
		problem(w, http.StatusBadRequest, "lending.scope-unknown", "there is no such scope of consent")
	case err != nil:
		s.report(r.Context(), errors.New("a withdrawal was not recorded"))
		w.Header().Set("Retry-After", "1")
		problem(w, http.StatusServiceUnavailable, httpguard.CodeUnavailable, "the withdrawal was not recorded: try again")
	case o.Result != rights.Granted:
		problem(w, http.StatusConflict, "lending.nothing-withdrawn", "there is no such consent")
	default:
		_ = httpguard.WriteJSON(w, struct {
			Withdrawn string `json:"withdrawn"`
		}{asked.Scope})
	}
}
