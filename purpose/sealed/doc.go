// Package sealed closes personal data inside the struct that carries it.
//
// Decide for every field that holds personal data whether code outside the guard ever needs its plaintext in memory.
// If not, declare it [Value] and tag it: printing, logging, encoding or comparing the struct then shows nothing, and
// only the guard (package policy) opens the field, for one purpose at a time. If other code must compute with the field,
// leave it a plain tagged field: the guard decides and records in the same way, but nothing stops fmt from printing it.
//
//	type Lessee struct {
//		ID   string               `subject:"id"`
//		Name sealed.Value[string] `personal:"contact.name"`
//	}
//
// # What goes in and out
//
// Plaintext enters by [Of], a database row, or decoding JSON, YAML or text. A source that does not convert leaves the
// Value unset, so that a reused struct never keeps the previous person's data, and the error names types and at most an
// offset, never the source.
//
// Plaintext leaves through the guard, and through [Value.Value] into a database driver. That method is where this
// package's promise ends: the driver, what wraps it to log arguments, and the error text of the database server see
// plaintext, and so does code or a template that calls it by name, which is a read that no one decided or recorded.
// There is no Reveal method, on purpose: it would become the way around the guard.
//
// # What it does not do
//
// It guards against accidents and makes a deliberate bypass stand out. It does not hide plaintext from package unsafe, a
// debugger or a memory dump, nor the words of it that a stack trace finds in frames that handled it before it was sealed
// or after it was opened. That a Value is set is no secret, and [Value.Equal] does not count how often it is asked until it
// says yes.
package sealed
