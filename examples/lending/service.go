package main

import (
	"crypto/rand"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/examples/lending/notice"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
)

// service is what the program holds: the guard before the data, and the desk for those whom the data is about.
type service struct {
	register *purpose.Register
	ledger   *basis.Memory
	trail    audit.Trail
	guard    *policy.Guard
	desk     *rights.Desk
	clock    func() time.Time
}

// newService ties register, ledger, trail and policies together. Whatever is wrong with them, or with
// the tags and views in domain.go, is an error here and not in a request.
func newService(trail audit.Trail, clock func() time.Time) (*service, error) {
	register, err := notice.Register()
	if err != nil {
		return nil, err
	}
	rules, err := notice.Policies(register)
	if err != nil {
		return nil, err
	}
	aliases, err := audit.NewKeyedHMAC(secret(), "2026") // a service keeps its key, or nobody can ask the trail about a person
	if err != nil {
		return nil, err
	}
	s := &service{register: register, ledger: basis.NewMemory(register.Vocabulary(), basis.WithClock(clock)), trail: trail, clock: clock}
	s.guard, err = policy.NewGuard(register, s.ledger, trail, rules,
		policy.WithPolicyTimeout(5*time.Second), // the day ends alike on a machine that is busy
		policy.WithClock(clock),
		policy.WithPseudonyms(aliases),
		policy.WithTypes(
			policy.View[EnquiryView, Applicant](), policy.View[TaxView, Applicant](), policy.View[HomeView, Applicant](),
			policy.View[AssessmentView, Applicant](), policy.View[NumberView, Applicant](), policy.View[AgreeView, Applicant](),
			policy.View[PassportView, Applicant](), policy.View[RefusalView, Applicant](), policy.View[NameView, Applicant](),
			policy.View[ServiceView, Customer](), policy.View[WholeView, Customer](), policy.View[CallerView, Customer](),
			policy.View[AddressView, Customer](), policy.View[GroupView, Customer](), policy.View[ProductsView, Customer](),
			policy.View[PaymentView, Customer](), policy.View[PayoutView, Customer](), policy.View[DefaultView, Customer](),
			policy.View[RiskView, Customer](), policy.View[IncomeView, Customer](), policy.View[IdentityView, Customer](),
			policy.View[NameView, Customer](), policy.View[OwnerView, Owner](), policy.View[UseView, Visit](),
		))
	if err != nil {
		return nil, err
	}
	s.desk, err = rights.NewDesk(register, s.ledger, trail, rights.WithClock(clock), rights.WithPseudonyms(aliases))
	return s, err
}

// secret is a key for one day: the program forgets what it showed.
func secret() []byte {
	b := make([]byte, 32)
	rand.Read(b)
	return b
}
