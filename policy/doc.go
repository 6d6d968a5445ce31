// Package policy decides about requests for personal data and lets out what they may have.
//
// The decision to make first is what each reader needs to know. Write it as a view: a struct whose fields are to leave
// the guard and no others. Read and Share fill a view wholly or not at all; Permitted fills what it may and says what it
// withheld; ReadMap and ReadFrom do the same for what has no struct; ReadBatch asks for many records at once.
//
//	guard, err := policy.NewGuard(register, ledger, trail, rules)
//	debit, err := policy.Read[DebitView](ctx, guard, request, &lessee)
//
// A request names one purpose. All gates are evaluated, in the order of the Gate constants; a field is permitted
// if one activity of the purpose passes every gate for it, nothing bans it, and some policy permits it while none denies it. What is
// missing, unknown or late denies, with a Code out of a closed list: reasons.md explains them. Decide and Explain
// answer without releasing anything, about the past too.
//
// A release is decided, recorded durably, and looked at again before the view is returned. When the record fails, or
// something has changed meanwhile that would refuse, nothing is returned. Errors unwrap to ErrDenied, or to ErrBinding for
// a mistake in the program's types, and never hold a value.
//
// Deciders are the policies of a security team. They narrow what the register allows; package celpolicy has them as rules.
// A Decider that is not Immediate is called on a goroutine of its own and left behind when it is late.
//
// A guard remembers what its gates found about a state and, where verdicts are Lasting, the decision: an equal request about
// the same state gets it again until anything that it rests on is recorded, swapped, begins or ends. Nothing is remembered of
// requests with a stated time or provenance, or about several people.
package policy
