// Package agreement proves that the engines decide alike. It holds tests alone: a generator of abstract rules and of
// requests with parts of them missing, misspelt or of the wrong type; a reading of the abstract rules that uses neither
// engine; and renderers of the same rules for package celpolicy and for package regopolicy.
//
// The engines differ by design in what a rule that narrows does while its condition is in doubt. Under celpolicy the
// fields that it selects are denied and nothing else is said of them; a Rego rule applies as well. The reading keeps the two
// apart, so that each engine is held to exactly what it should say. A Rego rule cannot tell a list that is empty from
// one that is not stated, so that no request states an empty one. TestWhereTheEnginesPart has what else differs.
//
// A disagreement prints its seed, the rules and the request, made as small as they get. PURPOSEBOUND_SEED=<seed> judges
// the rules of that seed alone; PURPOSEBOUND_NIGHTLY=1 judges ten times as many.
package agreement
