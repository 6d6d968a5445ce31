// Package aliastest holds the conformance suite of audit.Pseudonymizer: who writes another one runs [TestPseudonymizer].
package aliastest
