// Package steady decides whether a set of Rego rules keeps to one order: what a request leaves out
// never permits anything.
//
// The decision to make first is the direction of each entrypoint. A permit must Shrink when a request
// states less, a deny, a redaction or an obligation must Grow. Check reads the compiled rules, follows every rule
// and function that an entrypoint uses, and reports each place where it cannot show that. It does not guess:
// what it does not understand is a problem.
//
//	problems := steady.Check(compiler, steady.Spec{
//		Entrypoints: map[string]steady.Direction{"data.purposebound.permit": steady.Shrinks, "data.purposebound.deny": steady.Grows},
//		Facts:       map[string]steady.Kind{"case-open": steady.Bool, "loan.until": steady.Instant},
//		Data:        data,
//	})
//
// The compiler has compiled without error, in strict mode, from modules that import rego.v2, and its capabilities hold
// no more than Builtins. Entrypoints without a rule are fine. Positions are those of the text that was parsed. The caller
// gives no Instant outside the years 1700 to 2200, and no input but that of its schema.
//
// # What is shown
//
// Let a request be left with less: some optional attributes missing, some entries of its lists missing. Then
// the entrypoints that shrink lose elements or keep them, those that grow gain elements or keep them, and no
// evaluation fails, before or after: a failure denies, so leaving out its cause would permit.
//
// # How
//
// A body is read as a condition on its variables. Stating less may only end it, or only begin it, and not turns one into
// the other; a helper is held to what the place that uses it is held to. What may be missing is asked where a condition may
// only end. A value that is bound is plain from then on: it is the same wherever it is there at all. Lists of the input
// and partial sets are asked for one element at a time. What becomes a value as a whole may not change at all: a comprehension,
// a set that is counted or compared, a rule with default or else.
//
// The compiled rules are read, not the text: the compiler has moved what is evaluated outside a not out of it, and has
// given each variable its own name. Functions are held to operands on which they cannot fail, as far as the shapes
// of values are known: by the input, by base documents, by literals and by how a function is called. Rules are held to one value.
package steady
