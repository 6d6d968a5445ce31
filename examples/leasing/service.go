package main

import (
	"crypto/rand"
	"embed"
	"io/fs"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose/registerfile"
)

//go:embed register.yaml policies
var files embed.FS

// service is what a program with a guard holds: the guard before the data, and the desk that answers the people.
type service struct {
	guard  *policy.Guard
	desk   *rights.Desk
	ledger *basis.Memory
	alerts []policy.Alert
}

// newService ties register, ledger, trail and policies together. Whatever is wrong with them, or with
// the tags and views in domain.go, is an error here and not in a request.
func newService(trail audit.Trail, clock func() time.Time) (*service, error) {
	register, err := registerfile.Load(files, "register.yaml")
	if err != nil {
		return nil, err
	}
	policies, err := fs.Sub(files, "policies")
	if err != nil {
		return nil, err
	}
	rules, err := celpolicy.Load(register, "leasing", policies)
	if err != nil {
		return nil, err
	}
	secret := make([]byte, 32)
	rand.Read(secret)
	aliases, err := audit.NewKeyedHMAC(secret, "2026")
	if err != nil {
		return nil, err
	}
	s := &service{ledger: basis.NewMemory(register.Vocabulary(), basis.WithClock(clock))}
	s.guard, err = policy.NewGuard(register, s.ledger, trail, rules,
		policy.WithPolicyTimeout(5*time.Second), // the day ends alike on a machine that is busy
		policy.WithClock(clock), policy.WithPseudonyms(aliases),
		policy.WithAlert(func(a policy.Alert) { s.alerts = append(s.alerts, a) }),
		policy.WithTypes(
			policy.View[ContactView, Lessee](), policy.View[PhoneView, Lessee](), policy.View[DebitView, Lessee](),
			policy.View[MailingView, Lessee](), policy.View[IdentityView, Lessee](), policy.View[WholeFileView, Lessee](),
			policy.View[RepairView, Contract](), policy.View[DebitView, Contract](), policy.View[SuretyView, Contract](),
			policy.View[SearchView, SiteVisitor](), policy.View[AdView, SiteVisitor](),
		))
	if err != nil {
		return nil, err
	}
	s.desk, err = rights.NewDesk(register, s.ledger, trail, rights.WithClock(clock), rights.WithPseudonyms(aliases))
	if err != nil {
		return nil, err
	}
	return s, nil
}
