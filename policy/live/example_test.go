package live_test

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/policy/live"
	"github.com/purposebound/purposebound/purpose"
)

//go:embed testdata/policies
var policies embed.FS

// Rules that are compiled into the program. A self-test asks for a rule that must never get lost.
func ExampleOpen() {
	register := purpose.MustCompile(lender)
	trail := audittest.NewRecorder(nil) // a service has a durable one

	load := func(files fs.FS) (policy.Decider, error) {
		return celpolicy.Load(register, "need-to-know", files)
	}
	billingReads := func(_ context.Context, _ fs.FS, rules policy.Decider) error {
		for _, r := range rules.(policy.Listed).Rules() {
			if r.ID == "billing-reads" {
				return nil
			}
		}
		return errors.New("nobody in billing could work")
	}
	rules, err := live.Open(context.Background(), "need-to-know", live.Embedded(policies, "testdata/policies"), load, trail,
		live.WithSelfTest(billingReads))
	if err != nil {
		fmt.Println(err)
		return
	}
	// Then: go rules.Run(ctx), and policy.NewGuard(register, ledger, trail, rules).

	fmt.Println("healthy:", rules.Health().OK())
	for _, e := range trail.Events() {
		fmt.Println(e.Name, e.Outcome, e.PolicyDigest == rules.Digest())
	}
	// Output:
	// healthy: true
	// policy.changed done true
}

// A directory that somebody can write to needs a signature.
func ExampleDirectory() {
	_, err := live.Directory("/etc/policies", nil)
	fmt.Println(err)
	// Output:
	// live: a directory needs a verifier: whoever can write to it could change the policy
}
