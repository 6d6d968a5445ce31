package check

import (
	"context"
	"fmt"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// maxFindings is how many findings are listed.
const maxFindings = 10_000

// Run checks the register, and the policies against it: the register's own findings first, in its order, then those of each
// policy by the places of its rules. Without policies it says nothing about what they permit.
func Run(ctx context.Context, register *purpose.Register, deciders ...policy.Decider) []Finding {
	c := &checker{ctx: ctx, reg: register}
	if ctx == nil || register == nil {
		c.add(Finding{Code: "check.stopped", Message: "there is no register, or no context"})
		return c.findings
	}
	c.spec = register.Spec()
	c.advice()
	c.survey(deciders)
	return c.findings
}

// checker is one run.
type checker struct {
	ctx      context.Context
	reg      *purpose.Register
	spec     purpose.Spec
	findings []Finding
	panel    []*member
	plans    map[string][]*purpose.Plan // by the categories that they hold
}

// add lists a finding while there is room.
func (c *checker) add(f Finding) {
	switch n := len(c.findings); {
	case n < maxFindings-1:
		c.findings = append(c.findings, f)
	case n == maxFindings-1:
		c.findings = append(c.findings, Finding{Code: "findings.more", Message: fmt.Sprintf("more than %d findings: the others are not listed", maxFindings-1)})
	}
}

// survey asks the policies about all that the register allows.
func (c *checker) survey(deciders []policy.Decider) {
	if len(deciders) == 0 {
		return
	}
	c.seat(deciders)
	lots := c.lots()
	for i := range lots {
		if c.ctx.Err() != nil {
			c.add(Finding{Code: "check.stopped", Message: "the check was stopped: it says nothing of what is never permitted"})
			return
		}
		c.ask(&lots[i])
	}
	c.gaps(lots)
	for _, m := range c.panel {
		c.report(m)
	}
}
