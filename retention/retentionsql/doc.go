// Package retentionsql asks a SQL database which rows are due, with the rules of package retention.
//
// Decide first who decides: [Compile] turns a schedule into conditions for one instant, with bound arguments only. Where a
// rule has an exact form as a cut-off, the database decides. Where it has none, the row is [InMemory], and
// [retention.Schedule.Plan] decides about it from [Query.Rows]; there is no approximation. These rows are left to memory:
// those to be erased on which a hold or restriction is in force, or whose rules differ in what happens then; those with a
// length that [Source.Lengths] does not list, with several answers to one question, or with a span that ends before it
// begins; and those whose local day is in doubt because clocks went back over midnight.
//
// What is NULL, malformed, infinite or of another type is for a person, as in memory. What erases must be true; what
// protects need only not be false.
//
// # Columns
//
// In PostgreSQL an instant is timestamptz (one without a zone is malformed), a day date, a length or a reference text, an answer boolean. In SQLite an
// instant is an INTEGER of microseconds since 1970 UTC, a day a TEXT as 2006-01-02, a length or a reference TEXT, an answer
// the INTEGER 0 or 1; a value of another storage class is malformed. A length is written as ISO 8601 in the canonical form
// of [retention.Period]. Columns that serve instants and hold days are named in [Source.Days].
//
// The key's column must be unique; give it and the columns of events an index. A query stands for its instant: compile
// anew for another.
package retentionsql
