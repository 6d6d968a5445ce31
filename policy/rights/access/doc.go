// Package access makes the report that a person may ask for (GDPR Art. 15): which data is held on them, for which purposes and
// how long, where it came from, who has in fact received it, to which countries, what machines decide, which rights there are,
// and a copy of the data.
//
// Decide first how values get out. A [Maker] sees none by itself: the copy comes from a [Release], field by field, and
// [Guarded] makes one that asks the guard, so that the copy is decided and recorded like every other release. What the guard
// withholds is left out of the copy, and the report says so.
//
// [Maker.Make] serves the request through a rights desk, gathers the report, puts on record that it was made, and only then
// returns it. It fails closed: a trail that cannot be read, an index of another trail, a value that does not come, a part that
// panics are errors, and there is no half a report. Recipients are those that the trail knows (Art. 15(1)(c), C-154/21); who of the
// controller's people looked is not said (C-579/21). What a law keeps out of the right leaves no trace where the register
// says that it must not.
//
// A [Report] is written as JSON or as a page of HTML that needs nothing else. It holds personal data: hand it to the person,
// by a way that reaches nobody else.
package access
