package policytest_test

import (
	"context"
	"fmt"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/policytest"
	"github.com/purposebound/purposebound/purpose"
)

// lax permits whatever it is asked.
type lax struct{ sound }

func (lax) Decide(_ context.Context, in *policy.Input) (policy.Verdict, error) {
	return policy.Verdict{Digest: ownDigest, Permit: in.Fields}, nil
}

// A policy that does not keep the contract of policy.Decider is found out.
func ExampleCheckDecider() {
	register, err := purpose.Compile(lenderSpec())
	if err != nil {
		fmt.Println(err)
		return
	}
	setting := policytest.Setting{Register: register, Roles: []string{"clerk"}}
	seen := map[string]bool{}
	for _, p := range policytest.CheckDecider(setting, func() (policy.Decider, error) { return lax{}, nil }) {
		if !seen[p.Check] {
			seen[p.Check] = true
			fmt.Println(p.Check)
		}
	}
	// Output:
	// it permits something and refuses something
	// missing and incomplete input permits nothing
	// an ended context permits nothing
	// explaining changes no answer
}
