package check

import (
	"context"
	"errors"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// member is one policy under check.
type member struct {
	policy.Decider
	name     string
	foresees policy.Foreseeing // nil: it cannot say, or could not
	lists    policy.Listed     // nil: it does not
	reached  map[string]bool   // ids of rules that some request of the register's could meet
	findings []Finding
}

// seat makes the panel and says who cannot take part in what.
func (c *checker) seat(deciders []policy.Decider) {
	for _, d := range deciders {
		m := &member{Decider: d, reached: map[string]bool{}}
		c.panel = append(c.panel, m)
		if err := guarded(func() error {
			if d == nil {
				return errNone
			}
			m.name = d.Name()
			m.foresees, _ = d.(policy.Foreseeing)
			m.lists, _ = d.(policy.Listed)
			return nil
		}); err != nil {
			m.failed("there is no policy, or it has no name")
			continue
		}
		if m.foresees == nil {
			m.note("policy.unforeseen", "the policy cannot say what it could do: of rules that never apply and fields that nobody sees nothing is said")
		}
		if m.lists == nil {
			m.note("policy.unlisted", "the policy does not list its rules: nothing is said of those that never apply")
		}
	}
}

var (
	errNone  = errors.New("check: no policy")
	errPanic = errors.New("check: the policy panicked")
)

// guarded turns a panic into an error.
func guarded(do func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanic
		}
	}()
	return do()
}

func (m *member) note(code, message string) {
	m.findings = append(m.findings, Finding{Code: code, Severity: Note, Message: message, Policy: m.name})
}

// failed lists that the policy broke, and asks it no more. What went wrong is not repeated: it may quote.
func (m *member) failed(message string) {
	m.foresees, m.lists = nil, nil
	m.findings = append(m.findings, Finding{Code: "policy.failed", Message: message, Policy: m.name})
}

// foresee is what a policy could do with a prospect. Who cannot say could do everything.
func (m *member) foresee(ctx context.Context, p policy.Prospect) purpose.FieldSet {
	if m.foresees == nil {
		return purpose.AllFields(len(p.Plan.Fields))
	}
	var reach policy.Reach
	err := guarded(func() (err error) {
		reach, err = m.foresees.Foresee(ctx, p)
		return err
	})
	switch {
	case ctx.Err() != nil:
		return purpose.FieldSet{}
	case err != nil:
		m.failed("the policy could not say what it could do")
		return purpose.AllFields(len(p.Plan.Fields))
	}
	for _, id := range reach.Rules {
		m.reached[id] = true
	}
	return reach.Permit
}

// blind reports whether some policy may permit more than is known.
func (c *checker) blind() bool {
	for _, m := range c.panel {
		if m.foresees == nil {
			return true
		}
	}
	return false
}
