package main

import (
	"crypto/rand"
	"embed"
	"io/fs"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/regopolicy"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/registerfile"
)

//go:embed register.yaml policies
var files embed.FS

// service is what the program holds: the guard before the data, the desk for those whom the data is about.
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
	register, err := registerfile.Load(files, "register.yaml")
	if err != nil {
		return nil, err
	}
	policies, err := fs.Sub(files, "policies")
	if err != nil {
		return nil, err
	}
	rules, err := regopolicy.Load(register, "team", policies)
	if err != nil {
		return nil, err
	}
	key := make([]byte, 32) // a service keeps its key; then its trail can answer who saw a person's data
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	aliases, err := audit.NewKeyedHMAC(key, "2026")
	if err != nil {
		return nil, err
	}
	s := &service{register: register, ledger: basis.NewMemory(register.Vocabulary(), basis.WithClock(clock)), trail: trail, clock: clock}
	s.guard, err = policy.NewGuard(register, s.ledger, trail, rules,
		policy.WithPolicyTimeout(5*time.Second), // the day ends alike on a machine that is busy
		policy.WithClock(clock),
		policy.WithPseudonyms(aliases),
		policy.WithTypes(
			policy.View[ServiceView, Customer](), policy.View[CallerView, Customer](), policy.View[CuriousView, Customer](),
			policy.View[LanguageView, Customer](), policy.View[ContactView, Customer](), policy.View[LessonView, Customer](),
			policy.View[CreditView, Customer](), policy.View[NameView, Customer](), policy.View[ReminderView, Customer](),
			policy.View[ClaimView, Customer](), policy.View[OrderView, Customer](), policy.View[MailingView, Customer](),
			policy.View[PartnerView, Customer](), policy.View[ProfileView, Customer](), policy.View[VisitView, Visitor](),
		))
	if err != nil {
		return nil, err
	}
	s.desk, err = rights.NewDesk(register, s.ledger, trail, rights.WithClock(clock), rights.WithPseudonyms(aliases))
	return s, err
}
