// Package acceptance asks the registers and policies of the example services what the cases of their notices ask,
// through the public interface alone, and compares the answers.
//
// A case says what is given, who requests what, and what has to come out. A Vocabulary translates its words: a field
// into data categories, a role into the event that brings a person into a capacity, a fact into a declared fact, a
// ledger entry or an edit of the register. It translates and answers nothing: the outcome is that of the guard, the
// retention rules, the rights desk, the report or export that it grants, or the compilation of the register. What no
// vocabulary knows is listed as unmapped.
//
//	go test ./examples/acceptance -run 'TestCases/fx'
//	go run ./examples/acceptance/cmd/cases -notice fx
//	PURPOSEBOUND_CASES=DIR go test ./examples/acceptance -run TestFurtherCases -v
//
// The folder cases holds those of the notices, siblings those that were added so that every clause shows a permit and a
// refusal (clauses.txt, COVERAGE.md). DIR holds more in the same form. A line tells of each case that fails; the last line
// is "cases: N passed, M failed". contested.txt names cases whose expectation is held to be wrong in law: they have to fail.
package acceptance
