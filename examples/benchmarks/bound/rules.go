package bound

import (
	"fmt"

	"github.com/purposebound/purposebound/examples/benchmarks/world"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/purpose"
)

// conditions always hold together, whatever is stated, so that the answer is the same with them and without. All
// three are evaluated, and all three hold for the facts that are stated when they are timed.
var conditions = []string{
	`facts.channel == "phone" || facts.case_open`,
	`facts.days_late <= 30 && hour >= 0`,
	`facts.channel != "phone" || facts.days_late > 30 || "` + world.Desk(0) + `" in roles || weekday >= 1`,
}

// stated is what conditions ask for.
var stated = purpose.Facts{purpose.Named("channel", purpose.TextValue("phone")), purpose.Named("case-open", purpose.True()),
	purpose.Named("days-late", purpose.IntValue(3))}

// Selectors are the rules of need to know without a condition.
func Selectors(register *purpose.Register, w *world.World) ([]policy.Decider, error) {
	return selectors(register, w, []string{""})
}

// Conditions are the same rules, each three times with a condition.
func Conditions(register *purpose.Register, w *world.World) ([]policy.Decider, error) {
	return selectors(register, w, conditions)
}

func selectors(register *purpose.Register, w *world.World, whens []string) ([]policy.Decider, error) {
	var rules []celpolicy.Rule
	for _, n := range w.Needs {
		actions, err := actionsOf(n.Actions)
		if err != nil {
			return nil, err
		}
		for i, when := range whens {
			rules = append(rules, celpolicy.Rule{ID: fmt.Sprintf("%s.%c", n.Key, 'a'+i), Effect: policy.EffectPermit, Roles: n.Roles,
				Actions: actions, Purposes: n.Purposes, Categories: n.Groups, When: when})
		}
	}
	if len(w.Banned) > 0 {
		rules = append(rules, ban(w))
	}
	p, err := celpolicy.New(register, "team", rules...)
	return []policy.Decider{p}, err
}

func ban(w *world.World) celpolicy.Rule {
	return celpolicy.Rule{ID: "ban", Effect: policy.EffectDeny, ExceptRoles: []string{w.Lifting}, Categories: w.Banned}
}
