// Package retention says how long personal data is kept: for one datum and one purpose, whether it must be kept, may be
// kept, must be erased, or whether a person must decide.
//
// Decide first what a sentence of the notice is. A duty to keep is a Floor; a promise or duty to erase is a
// Ceiling; "as long as necessary" is a Criterion that a person answers; "used and not stored" is Transient.
// They are separate facts of a [Rule], because a floor opens no purpose and a ceiling beats no statute.
//
// Then decide what starts the clock, an [Anchor], and how it counts, a [Unit]. A [Period] counts days of the
// controller's zone: the day of the event is not counted, the last day is the one with the same date, or the month's
// last where there is none, and it ends at the following local midnight (Reg. (EEC, Euratom) 1182/71 Art. 3).
//
// A rule, the [Facts] about one datum, and an instant give an [Answer]: [Decide] for one purpose, [Combine] for all
// of them, [Readable] for the read path. They are pure functions; nothing here reads a clock. What is missing,
// malformed or unknown permits nothing and erases nothing: a person decides.
//
// For a store, say which column holds which fact, a [Layout], and who uses the rows, a [Table]. A [Schedule] compiled from
// it decides about one [Row] or plans millions in constant memory ([Schedule.Plan]); a [Tally] counts them by what happens
// and why, and knows when the next one changes. Package retention/erasure carries a plan out.
//
// [Calendar] is for deadlines to act, which move off weekends and holidays as retention never does.
package retention
