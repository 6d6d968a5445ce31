// Package purposevet finds personal data that passes the guard by: an analyzer for go vet.
//
// The decision to make first is which packages may touch plain personal data at all. Those that store or construct records
// (repositories, constructors, tests) say so, with a reason, and everything else reads through the guard:
//
//	//purposevet:stores loads and saves lessees
//
// Before the package clause a declaration is for the package, in a _test.go file for its tests alone; in the comment of a function
// it is for that function, and anywhere else for the line that it ends or precedes. It covers reads, encoders, conversions, kept
// views and the Value method of sealed values; it does not cover printing, logging and templates. Two more:
//
//	//purposevet:purposes each route has its own     purposes that are no constants, names that the register does not know
//	//purposevet:register ../register.yaml           the register of this package, from the file's folder
//
// # Running it
//
//	go tool purposevet -register=register.yaml ./...
//	go vet -vettool=$(which purposevet) -register=$PWD/register.yaml ./...
//
// The first lists what was declared as well, and counts it. Both are go vet, which remembers its answers and does not notice a change
// of the register alone. The first sees to that for the register of its flag, and for the second -digest does; what a directive names is seen
// to change with the package if the package embeds it.
//
// # What it reports
//
//   - whole: a struct with tagged fields in fmt, log, slog, testing, a template or an encoder, also by way of a helper that
//     prints what it is given. Sealed fields print as [sealed] and count for templates alone.
//   - read: a tagged field that is not sealed, read by selector. Writing it is no read.
//   - tag, register: a malformed tag; a category, purpose, retention rule, recipient or fact that the register does not know.
//   - purpose: a purpose that is not a constant where it enters a request, or a function that puts it there.
//   - discard: a decision or an error of the guard that is thrown away.
//   - valuer: the Value method of a sealed value, called by anything but database/sql.
//   - convert: a conversion to a struct type whose tags say something else, or nothing.
//   - launder: a call of a function that returns a tagged field as a plain value.
//   - keep: a released view in a package variable, or in what a method's receiver holds.
//   - directive: a declaration that is misspelt, misplaced or without a reason.
//
// # What it does not see
//
// Reflection and package unsafe; what an interface holds that another function filled; calls through interfaces and function values;
// encoders that it does not know. It does not follow branches: a variable holds all that is ever assigned to it. The tests show
// each, in package blind.
package purposevet
