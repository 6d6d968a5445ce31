package celpolicy

import (
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// Limits of a policy. What goes beyond is a problem, not a slow load.
const (
	MaxBytes       = 4 << 20 // of all files of a policy together
	MaxRules       = 5_000   // rules
	MaxConditions  = 2_000   // different conditions
	MaxEntries     = 1_000   // entries in one list of a rule
	MaxExpression  = 4_096   // characters in a condition
	MaxNodes       = 1_000   // nodes of a condition's syntax tree, macros expanded
	MaxDepth       = 40      // of nested expressions
	MaxNesting     = 2       // comprehensions inside each other
	MaxRegex       = 200     // instructions of a compiled pattern
	MaxCost        = 20_000  // CEL cost units that a condition may need to run without limits
	maxRun         = 10 * MaxCost
	maxImmediate   = 50 * MaxCost // of all conditions together, for Immediate
	maxIndex       = 4 << 20      // rules times leaf purposes that they select
	maxText        = 256          // bytes of a text in a request
	maxList        = 64           // entries of a list in a request
	maxPlans       = 1_024        // plans whose field sets are kept
	maxProblems    = 1_000        // reported
	checkFrequency = 64           // loop rounds between two looks at the context
)

// Rule is one rule of a policy. A nil selector selects everything; an empty one is a problem, for it
// may be a list that somebody emptied. Purposes and categories are nodes of their trees and select what is below them.
type Rule struct {
	ID     string        // key, unique in the policy
	Effect policy.Effect // permit, deny, redact or oblige

	Actions     []purpose.Action
	Roles       []string // permit: principals with one of these
	Tasks       []string // permit: principals with one of these
	ExceptRoles []string // deny, redact, oblige: principals with none of these
	Purposes    []string
	Categories  []string
	Recipients  []string

	When        string      // CEL; empty: always
	Mask        policy.Mask // redact; the zero Mask removes
	Obligations []string    // oblige: keys

	// Where the rule stands; empty for rules written in Go.
	File string
	Line int

	origin *origin
}

// narrows reports whether the rule takes away: whatever is in doubt then, applies.
func (r *Rule) narrows() bool { return r.Effect != policy.EffectPermit }
