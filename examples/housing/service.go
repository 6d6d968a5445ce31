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
	"github.com/purposebound/purposebound/purpose/registerfile"
)

//go:embed register.yaml policies
var files embed.FS

// service is what a program with a guard holds.
type service struct {
	guard  *policy.Guard
	desk   *rights.Desk // requests of data subjects, and how long things are kept
	ledger *basis.Memory
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
	rules, err := regopolicy.Load(register, "housing", policies)
	if err != nil {
		return nil, err
	}
	var secret [32]byte
	rand.Read(secret[:]) // never fails
	// A key that lives as long as the program. One that serves for longer keeps a table of aliases, so that a person can be erased.
	pseudonyms, err := audit.NewKeyedHMAC(secret[:], "day")
	if err != nil {
		return nil, err
	}
	s := &service{ledger: basis.NewMemory(register.Vocabulary(), basis.WithClock(clock))}
	s.desk, err = rights.NewDesk(register, s.ledger, trail, rights.WithClock(clock), rights.WithPseudonyms(pseudonyms))
	if err != nil {
		return nil, err
	}
	s.guard, err = policy.NewGuard(register, s.ledger, trail, rules, policy.WithClock(clock), policy.WithPseudonyms(pseudonyms),
		policy.WithPolicyTimeout(5*time.Second), // the day ends alike on a machine that is busy
		policy.WithTypes(
			policy.Type[Mail](), policy.View[LeaseView, Tenant](), policy.View[NameView, Tenant](), policy.View[MailingView, Tenant](),
			policy.View[TaskView, Job](), policy.View[SickTaskView, Job](), policy.View[SubletView, Sublet](), policy.View[SignView, Sublet](),
			policy.View[RegisterView, Resident](), policy.View[ComplaintView, Complaint](), policy.View[LogView, LogEntry](),
			policy.View[FootageView, Recording](), policy.View[UncheckedView, Enquiry](), policy.View[EnquiryView, Enquiry](), policy.View[LetterView, Enquiry](),
		))
	if err != nil {
		return nil, err
	}
	return s, nil
}
