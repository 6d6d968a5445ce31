// Package gdpr is a workload derived from GDPRbench (Shastri et al., PVLDB 13(7), 2020), for a guard with its ledger and its
// trail instead of a database. It is not that benchmark, and its figures are no score of it.
//
// What is taken over: the seven attributes of a record (purposes, time to live, user, objections, automated decisions,
// third parties, source), the four mixes of operations with their shares, uniform and zipfian keys, and what is measured:
// correctness, completion time, and the space of the metadata.
//
// What differs: purposes, time to live and source stand on the record, and are stated to the guard as its provenance;
// objections, automated decisions and third parties belong to the person and stand in the ledger. Operations that select by an
// attribute take a page of what they find, not all of it. Every operation is also done by an oracle that knows plain maps
// and no library, and the two must agree on each.
package gdpr
