package regopolicy

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

const example = `
permit contains {"rule": "billing-reads", "category": "contact"} if {
	input.action == "read"
	"invoicing" in input.purposes
	"billing" in input.principal.roles
}

permit contains {"rule": "open-case", "category": "*"} if input.facts["case-open"]

deny contains {"rule": "no-ids-abroad", "field": name} if {
	some name, f in input.fields
	f.class == "confidential"
	not input.recipient.country == "DK"
}

redact contains {"rule": "account-masked", "category": "finance.iban", "mask": "last-four"} if {
	not "security_officer" in input.principal.roles
}

obligations contains {"rule": "tell", "obligation": "record-transfer"} if not input.facts["auth.2fa"]
`

// TestAPolicyDecides: one evaluation, every effect.
func TestAPolicyDecides(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	p := mustLoad(t, reg, example)
	v := decide(t, p, ask(t, pl))
	assert.ElementsMatch(t, []string{"name", "mail"}, pathsOf(pl, v.Permit))
	assert.ElementsMatch(t, []string{"cpr"}, pathsOf(pl, v.Deny))
	require.Len(t, v.Redactions, 1)
	assert.Equal(t, policy.LastFour, v.Redactions[0].Mask)
	assert.ElementsMatch(t, []string{"iban"}, pathsOf(pl, v.Redactions[0].Fields))
	assert.Equal(t, []string{"record-transfer"}, v.Obligations)
	assert.Len(t, v.Hits, 2)
	v = decide(t, p, ask(t, pl, fact("case-open", purpose.True()), fact("auth.2fa", purpose.True())))
	assert.Equal(t, 5, v.Permit.Len())
	assert.Empty(t, v.Obligations)
}
