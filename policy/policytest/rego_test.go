package policytest_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/policytest"
	"github.com/purposebound/purposebound/policy/regopolicy"
	"github.com/purposebound/purposebound/purpose"
)

const rego = `package purposebound

import rego.v2

permit contains {"rule": "clerks", "category": "*"} if {
	"clerk" in input.principal.roles
	input.facts.assigned
	input.facts.days < 30
}

permit contains {"rule": "auditors", "category": "contact"} if "auditor" in input.principal.roles

deny contains {"rule": "bank", "field": name} if {
	input.action == "share"
	some name, f in input.fields
	"finance.income" in f.within
	not input.recipient.country == "DK"
}

redact contains {"rule": "mask", "category": "finance.iban", "mask": "last-four"} if not "auditor" in input.principal.roles

obligations contains {"rule": "tell", "obligation": "tell-person"} if input.action == "share"
`

func TestRegoConforms(t *testing.T) {
	s := setting(t)
	s.Requests = 60
	s.Facts = purpose.Facts{purpose.Named("days", purpose.IntValue(3)), purpose.Named("days", purpose.IntValue(40))}
	policytest.TestDecider(t, s, func(tb testing.TB) policy.Decider {
		p, err := regopolicy.Load(s.Register, "rego", fstest.MapFS{"rules.rego": {Data: []byte(rego)}})
		require.NoError(tb, err)
		return p
	})
}
