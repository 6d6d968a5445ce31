// Package httpguard carries requests for personal data over net/http.
//
// The decision to make is the purpose of each route. It is declared on the server, next to the pattern, checked against the
// register when the server starts, and never taken from what a client sends. A path that no route declares is refused.
//
//	server, err := httpguard.New(httpguard.Config{Guard: guard, Authenticate: staff})
//	handler, err := server.Routes(
//		httpguard.Route{Pattern: "GET /lessees/{id}/debit", Purpose: "invoicing", Serve: showDebit},
//	)
//
//	func showDebit(w http.ResponseWriter, r *http.Request) error {
//		lessee, err := lessees.Find(r.Context(), r.PathValue("id"))
//		if err != nil {
//			return err
//		}
//		view, err := carry.Read[DebitView](r.Context(), lessee)
//		if err != nil {
//			return err
//		}
//		return httpguard.WriteJSON(w, view)
//	}
//
// Authenticate is the application's own. What a handler returns as an error becomes a [Problem] (RFC 9457), which holds a
// stable code and nothing of a record: 403 for what is denied, 401 for who is not known, 503 with Retry-After when trail, ledger or
// policy did not answer or too many requests are under way, 500 for everything else. A handler that fails after it began to
// answer has its connection cut, so that nobody takes half an answer for a whole one. A panic becomes a 500, and its value goes
// nowhere.
package httpguard
