package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/carry"
	"github.com/purposebound/purposebound/policy/httpguard"
	"github.com/purposebound/purposebound/policy/jsonview"
	"github.com/purposebound/purposebound/purpose"
)

// clients is what the service shows to those who work with it. What each path is for is declared here, and nowhere else.
func (s *service) clients() (http.Handler, error) {
	server, err := httpguard.New(httpguard.Config{Guard: s.guard, Authenticate: s.accounts.staff, InFlight: s.atOnce, Report: s.report})
	if err != nil {
		return nil, err
	}
	guarded, err := server.Routes(
		httpguard.Route{Pattern: "GET /applications/{id}/assessment", Purpose: "ar.credit_assessment", Serve: show[AssessmentView](s)},
		httpguard.Route{Pattern: "GET /applications/{id}/testimonial", Purpose: "ar.ext_consent_activity", Serve: show[TestimonialView](s)},
		httpguard.Route{Pattern: "GET /applications/{id}/file", Purpose: "ar.handle_application", Serve: s.showFile},
		httpguard.Route{Pattern: "POST /applications/{id}/credit-enquiry", Purpose: "ar.credit_assessment", Recipient: bureauKey, Serve: s.enquire},
	)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", guarded)
	mux.HandleFunc("POST /withdrawals", s.withdraw) // of a person on their own behalf: no purpose of the controller's
	return mux, nil
}

// operations is what the service shows to those who run it, on an address of its own.
func (s *service) operations() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /health", httpguard.Health(s.guard)) // how old the policies are, how trail and ledger do
	mux.Handle("GET /metrics", s.metrics)
	return mux
}

// about is the application that a request names, sealed, and the request with what the service itself knows to be true: who is
// assigned to a case stands in the database, and is not for the client to say.
func (s *service) about(r *http.Request) (*Application, policy.Request, error) {
	_, req := carry.From(r.Context())
	a, err := s.store.Find(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, req, err
	}
	assigned := purpose.False()
	if a.Officer == req.Principal.ID {
		assigned = purpose.True()
	}
	return a, req.With(purpose.Named("actor_assigned_to_case", assigned)), nil
}

// show answers with the view V, all of it or nothing.
func show[V any](s *service) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		a, req, err := s.about(r)
		if err != nil {
			return absent(w, err)
		}
		view, err := policy.Read[V](r.Context(), s.guard, req, a)
		if err != nil {
			return err
		}
		return httpguard.WriteJSON(w, view)
	}
}

// showFile answers with what may be seen of an application, and why the rest may not.
func (s *service) showFile(w http.ResponseWriter, r *http.Request) error {
	a, req, err := s.about(r)
	if err != nil {
		return absent(w, err)
	}
	doc, err := jsonview.Permitted[FileView](r.Context(), s.guard, req, a)
	if err != nil {
		return err
	}
	return httpguard.WriteJSON(w, doc)
}

// absent answers that there is no such application; any other error passes.
func absent(w http.ResponseWriter, err error) error {
	if !errors.Is(err, errNoApplication) {
		return err
	}
	problem(w, http.StatusNotFound, "lending.no-application", "there is no such application")
	return nil
}

// problem answers with what is none of the guard's refusals.
func problem(w http.ResponseWriter, status int, code, title string) {
	w.Header().Set("Content-Type", httpguard.ContentType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(httpguard.Problem{Type: "about:blank", Title: title, Status: status, Code: code})
}

// report logs what went wrong in a handler. The errors of this service hold no value; of a panic the type is known alone.
func (s *service) report(_ context.Context, err error) {
	if s.log != nil && !errors.Is(err, errNobody) {
		s.log.Error("request failed", "error", err.Error())
	}
}
