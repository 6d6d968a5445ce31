package main

import (
	"embed"
	"io/fs"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/registerfile"
)

//go:embed register.yaml policies
var files embed.FS

// aliasKey makes the aliases of people in the trail. A bureau keeps its key where the trail is not.
var aliasKey = []byte("a key for a demonstration, no more")

// service is what the bureau's program holds.
type service struct {
	register *purpose.Register
	ledger   *basis.Memory
	guard    *policy.Guard
	desk     *rights.Desk
}

// newService ties register, ledger, trail and policies together. Whatever is wrong with them, or with the tags and
// views in domain.go, is an error here and not in a request.
func newService(trail audit.Trail, clock func() time.Time) (*service, error) {
	register, err := registerfile.Load(files, "register.yaml")
	if err != nil {
		return nil, err
	}
	policies, err := fs.Sub(files, "policies")
	if err != nil {
		return nil, err
	}
	rules, err := celpolicy.Load(register, "bureau", policies)
	if err != nil {
		return nil, err
	}
	aliases, err := audit.NewKeyedHMAC(aliasKey, "2017")
	if err != nil {
		return nil, err
	}
	s := &service{register: register, ledger: basis.NewMemory(register.Vocabulary(), basis.WithClock(clock))}
	s.guard, err = policy.NewGuard(register, s.ledger, trail, rules,
		policy.WithPolicyTimeout(5*time.Second), // the day ends alike on a machine that is busy
		policy.WithClock(clock),
		policy.WithPseudonyms(aliases),
		policy.WithTypes(
			policy.View[ReportView, Person](), policy.View[ScoreView, Person](), policy.View[AddressView, Person](),
			policy.View[ContactView, Person](), policy.View[ClaimView, Person](), policy.View[CheckView, Person](),
			policy.View[PaymentsView, Person](), policy.View[ClaimView, Debtor](), policy.View[UsageView, Visitor](),
			policy.View[PublicView, Publication](),
		))
	if err != nil {
		return nil, err
	}
	s.desk, err = rights.NewDesk(register, s.ledger, trail, rights.WithClock(clock), rights.WithPseudonyms(aliases))
	return s, err
}
