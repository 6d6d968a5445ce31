// Package jsonview writes what a guard permitted of a record as JSON: what was released, and what was withheld with the codes
// that say why.
//
// The decision to make is whether a client may see half a view. Where it may, a zero in the place of what was withheld would be
// taken for a value: here the field is not there at all, and is listed instead.
//
//	doc, err := jsonview.Permitted[ServiceView](ctx, guard, request, &customer)
//
//	{"released":{"Name":"Ada Lovelace"},"withheld":[{"field":"Income","codes":["policy.not-permitted"]}],"decision":"01K..."}
//
// Names are those of the view's json tags. A view that encodes itself, with a MarshalJSON or MarshalText above its tagged fields, is refused
// before anything is released.
package jsonview
