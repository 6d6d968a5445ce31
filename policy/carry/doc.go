// Package carry hands a guard and a request down a chain of calls in a context.
//
// The decision to make is where a request for personal data is stated: at the place where work comes in (a route, a method, a job), which
// knows the principal and the purpose, and not at the place where a record is read. [With] states it, once; [Read], [Share]
// and [Permitted] are those of package policy for it. A context that carries nothing is denied.
//
//	ctx = carry.With(ctx, guard, policy.Request{Principal: principal, Purpose: "invoicing"})
//	...
//	debit, err := carry.Read[DebitView](ctx, &lessee)
//
// Packages httpguard and rpcguard call With for each request.
package carry
