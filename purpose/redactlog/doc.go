// Package redactlog keeps tagged personal data out of log/slog.
//
// The decision to make is where to put it: [Redactor.Handler] in front of a handler of any kind, or [Redactor.ReplaceAttr] in the
// options of one of the standard library's. Either looks at every attribute: structs, pointers, slices, maps, groups,
// LogValuers, and errors that hold any of these.
//
//	var redact redactlog.Redactor
//	slog.SetDefault(slog.New(redact.Handler(slog.NewJSONHandler(os.Stderr, nil))))
//
// A struct with a personal-data tag in it is shown as far as its fields are marked personal:"-", and [Mask] stands for the rest:
// the fields that nobody tagged too, since nobody has said of them that they are not personal. A tag that does not parse counts
// as one. What such a struct prints of itself (String, LogValue, MarshalJSON) is not asked. An error that holds
// such a struct, anywhere, is shown by its type alone. A map whose elements are such structs loses its keys: they are often ids.
// What cannot be looked through to its end is masked.
//
// It cannot know what was made a text before it came here: a message, a string, the text of an error that was formatted from a
// record, a released view. The analyzer finds those in the source. A function or a channel is not looked into.
package redactlog
