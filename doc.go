// Package purposebound is the overview of a library for purpose-bound access to personal data. It
// holds no code; the packages below it do.
//
// The decision you must make first is what you process personal data for. Write the purposes down,
// and for each what data it needs, about whom, on which legal basis, for how long, and who receives
// it: that is the register. From then on every read and every share names one purpose and is held to it,
// field by field, and nothing leaves before the decision is durably on record.
//
// # Reading order
//
//   - purpose: the register, tags and schemas; purpose/registerfile is its YAML form.
//   - purpose/sealed: Value, what domain structs hold instead of a plain field.
//   - basis: legal bases, and the ledger of what is true of a data subject: consent, objection, contract.
//   - retention: how long data is kept, and when it must go; retention/erasure makes it go.
//   - policy: requests, decisions and the guard, which is the only way to a sealed value;
//     policy/celpolicy and policy/regopolicy hold the rules of a security team, policy/live keeps them up to date.
//   - policy/table and policy/policytest: decision tables, assertions, and the suite for any other policy engine;
//     policy/cmd/purposebound is the command.
//   - policy/rights: what a person asks of the controller, GDPR Art. 15 to 22; purpose/ropa: the record of processing.
//   - audit: the trail of who read or received whose data, when, why, on which basis; audit/filetrail keeps it
//     in files, audit/sqltrail in a database, audit/checkpoint proves it whole, audit/index answers questions.
//   - policy/httpguard and policy/rpcguard: the purpose of each route and method, declared on the server; purpose/rowscan,
//     policy/protoguard, policy/jsonview, purpose/redactlog: where data enters and leaves.
//   - purpose/purposevet: an analyzer that reports what passes the guard by.
//
// # Floors
//
// Imports point down only, and a test states it. Floor 0, basis and retention, imports the standard
// library alone. Floor 1, purpose and audit, builds on it. Floor 2, policy and purpose/sealed, builds on both.
// Floor 3 holds what brings an engine, a format or a database: policy/celpolicy (CEL), policy/regopolicy
// (OPA), purpose/registerfile and policy/table (YAML), basis/sqlledger, audit/filetrail. Beside them stand the conformance
// suites, basis/ledgertest, audit/audittest and policy/policytest, and on top the examples. Whoever does not import an
// engine does not compile it.
//
// # What it does not promise
//
// It checks that a current, scoped, named assessment is on file, never that the assessment is right; that a law
// is cited, never that it applies. The national rules it ships need counsel. It does not find personal data,
// nor recognise sensitive content in free text. Code in the same process that uses package unsafe, or a
// debugger, gets at what a sealed value holds; so does whoever calls its Value method, which is for database drivers.
// A released view is plain data: what is done with it afterwards is up to the program.
package purposebound
