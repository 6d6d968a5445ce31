// Package httpshare sends views to recipients over HTTP.
//
// The decision to make is which address stands for which recipient of the register: an [Endpoint] binds the two when the program
// starts, so that what was permitted for one is never sent to another. [Send] shares a view through the guard, posts it as JSON,
// and has the trail say what became of it: delivered, not delivered, or not known.
//
//	bank, err := httpshare.NewEndpoint(guard, "hausbank", "https://api.hausbank.example/debits", httpshare.Options{Sign: token})
//	err = httpshare.Send[DebitView](ctx, guard, request, &lessee, bank, key)
//
// An answer of 2xx is a delivery; one of 3xx or 4xx is none, and so is a connection that never came about. Whatever lies between, a
// time-out, a 409 or a 5xx, may have arrived: the trail says that it is not known, and the error wraps policy.ErrDeliveryUnknown. Nothing
// is sent twice by itself. Who calls again gives the same key, by which the recipient knows that it is the same delivery.
// Redirects are not followed: they lead to where nobody was permitted to send.
package httpshare
