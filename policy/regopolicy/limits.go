package regopolicy

import "time"

// Limits of a policy. What goes beyond is a problem, not a slow load.
const (
	MaxBytes       = 4 << 20   // of all files of a policy together
	MaxModule      = 256 << 10 // bytes of one module
	MaxFiles       = 1_000     // modules and base documents
	MaxRules       = 2_000     // rules, helpers and functions counted
	MaxDepth       = 64        // brackets inside each other
	MaxNesting     = 6         // comprehensions, every and not inside each other
	maxNodes       = 200       // nodes of the syntax tree inside each other
	maxConcurrent  = 64        // evaluations in flight in one policy
	maxSteps       = 100_000   // expressions that one evaluation may look at
	maxForesee     = 50_000    // the same for one rule in Foresee
	maxElements    = 1_024     // answers in one of the four sets
	maxObligations = 16        // obligations in an answer
	maxText        = 256       // bytes of a text in a request
	maxList        = 64        // entries of a list in a request
	maxPlans       = 1_024     // plans whose terms are kept
	maxSubsets     = 32        // sets of fields kept for a plan
	maxProblems    = 1_000     // reported
	maxPattern     = 200       // instructions of a compiled pattern
	maxNumber      = 15        // digits of a number in a module or document
	maxLiteral     = 512       // bytes of a text in a module or document: functions that take it apart cannot be stopped
	maxValues      = 200_000   // in all base documents
)

// longest that an evaluation runs where the context has no end of its own.
const longest = 250 * time.Millisecond
