package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

func (s *service) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /applications/{id}/assessment", func(w http.ResponseWriter, r *http.Request) {
		who, ok := s.accounts.of(r)
		if !ok {
			problem(w, 401, "unauthenticated")
			return
		}
		a, err := s.store.Find(r.Context(), r.PathValue("id"))
		if err != nil {
			problem(w, 503, "store")
			return
		}
		req := policy.Request{Principal: who.principal, Purpose: "ar.credit_assessment", Facts: purpose.Facts{assigned(a, who.principal)}, TraceID: trace(r)}
		v, err := policy.Read[AssessmentView](r.Context(), s.guard, req, a)
		if err != nil {
			var d *policy.DeniedError
			if errors.As(err, &d) {
				problem(w, 403, string(d.Decision.Because()))
				return
			}
			problem(w, 500, "internal")
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	})
	return newLimit(mux, func(w http.ResponseWriter) { s.metrics.refused.Add(context.Background(), 1); problem(w, 503, "service.overloaded") }, s.atOnce, s.waiting)
}

func assigned(a *Application, p policy.Principal) purpose.NamedValue {
	v := purpose.False()
	if a.Officer == p.ID {
		v = purpose.True()
	}
	return purpose.Named("actor_assigned_to_case", v)
}

func trace(r *http.Request) string {
	h := r.Header.Get("Traceparent")
	if len(h) >= 35 {
		return h[3:35]
	}
	return ""
}

func problem(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"status": status, "code": code})
}
