// Package policytest is for tests of policies, and of code behind a guard.
//
// The first decision to make is what to test. Who writes rules writes decision tables (package policy/table), runs them with
// [RunTables], and asks with [Cover] whether every rule decided something. Who calls a guard asserts about its decisions:
// [Permitted], [Denied], [Redacted] and the others put the whole explanation into the failure. Who writes a new kind of
// [policy.Decider] runs [TestDecider], its contract as tests.
//
//	func TestRules(t *testing.T) {
//		seen := policytest.RunTables(t, register, tables, rules)
//		policytest.Cover(t, seen, table.Threshold{Rules: 1})
//	}
package policytest
