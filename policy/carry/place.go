package carry

import (
	"errors"
	"fmt"
	"slices"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// Declarable says what is wrong with a purpose, and a recipient if any, that a place of the program declares, so that it is
// found out at start-up: the register does not know it, or it is not one that a request may name.
func Declarable(r *purpose.Register, purposeKey, recipient string) error {
	if r == nil {
		return errors.New("carry: no register")
	}
	t := r.Purposes()
	switch id, ok := t.ID(purposeKey); {
	case purposeKey == "":
		return errors.New("carry: no purpose is declared")
	case !ok:
		return fmt.Errorf("carry: the register has no purpose %q", purposeKey)
	case !t.Leaf(id):
		return fmt.Errorf("carry: the purpose %q has purposes below it: declare one of them", purposeKey)
	case r.Disclosure(id):
		return fmt.Errorf("carry: the purpose %q is a disclosure: declare the purpose that it serves", purposeKey)
	}
	if recipient != "" && !slices.ContainsFunc(r.Spec().Recipients, func(x purpose.Recipient) bool { return x.Key == recipient }) {
		return fmt.Errorf("carry: the register has no recipient %q", recipient)
	}
	return nil
}

// Unavailable reports whether a refusal is of no gate's making and may be over soon: the trail, the ledger, the
// pseudonyms or a policy did not answer. The same request may be made again.
func Unavailable(err error) bool {
	denied, ok := errors.AsType[*policy.DeniedError](err)
	if !ok {
		return false
	}
	return denied.Decision.Because() == policy.CodePolicyTimeout || slices.ContainsFunc(denied.Decision.AllReasons(), func(r policy.Reason) bool {
		return r.Code == policy.CodeStateUnavailable || r.Code == policy.CodeTrailUnavailable || r.Code == policy.CodeAliasUnavailable
	})
}
