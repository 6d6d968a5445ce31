// Package oracle proves the decisions of package policy against a second, naive reading of the law. It
// holds tests alone: a generator of registers, histories and requests, an evaluator that reads the
// register as it is written and the events as they were recorded, without any compiled form, and
// the properties that every decision keeps.
//
// A disagreement prints the seed of its case. PURPOSEBOUND_SEED=<world>:<request> judges that case alone
// and prints it; PURPOSEBOUND_NIGHTLY=1 judges two million.
package oracle
