// Package benchmarks is the overview of a module that measures purposebound beside its peers. It is a module of its own,
// so that the peers stay out of the library's.
//
// Package world makes one decision: may a principal see the 20 tagged fields of a record, for a purpose. It states the
// rules as plain data, reads them naively, and holds the table of questions. The packages byhand, opa, celpeer,
// cedarpeer, casbinpeer and bound write the same rules for one contender each. Package contest lists the
// contenders and proves that they answer alike before anything is timed. Package measure times them, in turns.
//
// Package gdpr is a workload derived from GDPRbench, with an oracle of its own. Package report writes it all down:
//
//	go run ./cmd/results
package benchmarks
