package retention_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/retention"
)

// A former customer: the contract's year is over, and the rule of claims applies to those who have one.
func contractAndClaim() (contract, claim *retention.Rule) {
	claim = ceilingRule("claim", "settled", "P1Y")
	claim.When.Happened = []string{"sued"}
	return ceilingRule("contract", "ended", "P1Y"), claim
}

// A purpose to which no rule applies holds nothing; a person decides where no rule of any purpose applies.
func TestAPurposeWithoutARuleHoldsNothing(t *testing.T) {
	contract, claim := contractAndClaim()
	at := instant(t, "2025-06-15", copenhagen)
	day := func(s string) retention.Value { return retention.InstantValue(instant(t, s, copenhagen)) }
	table := customers()
	table.Layout.Events = append(table.Layout.Events, retention.EventColumn{Event: "sued", Column: "sued_at"}, retention.EventColumn{Event: "settled", Column: "settled_at"})
	both := []retention.Use{{Purpose: "service", Rules: []*retention.Rule{contract}}, {Purpose: "pursue-claim", Rules: []*retention.Rule{claim}}}
	apart := []retention.Use{{Purpose: "service", Category: "name", Rules: both[0].Rules}, {Purpose: "pursue-claim", Category: "claim", Rules: both[1].Rules}}
	for name, c := range map[string]struct {
		uses              []retention.Use
		ended, sued, hold string
		status            retention.Status
		reason            retention.Reason
	}{
		"over":                         {both, "2023-01-01", "", "", retention.MustErase, retention.CeilingPassed},
		"still running":                {both, "2025-01-01", "", "", retention.MayKeep, retention.CeilingRunning},
		"sued":                         {both, "2023-01-01", "2023-06-01", "", retention.MayKeep, retention.NotStarted},
		"a hold that came late":        {both, "2023-01-01", "", "2025-01-01", retention.PersonDecides, retention.HoldLate},
		"a hold in time":               {both, "2023-01-01", "", "2023-06-01", retention.MustKeep, retention.OnHold},
		"no other purpose":             {both[1:], "2023-01-01", "", "", retention.PersonDecides, retention.NoRule},
		"no other purpose, a hold":     {both[1:], "2023-01-01", "", "2025-01-01", retention.MustKeep, retention.OnHold},
		"another datum of the row":     {apart, "2023-01-01", "", "", retention.PersonDecides, retention.NoRule},
		"another datum, a hold":        {apart, "2023-01-01", "", "2025-01-01", retention.MustKeep, retention.OnHold},
		"another datum that is needed": {apart, "2023-01-01", "2023-06-01", "", retention.MayKeep, retention.NotStarted},
	} {
		f := &retention.Facts{Zone: copenhagen, Events: []retention.Event{{Key: "ended", At: instant(t, c.ended, copenhagen)}}}
		values := map[string]retention.Value{"ended_at": day(c.ended)}
		if c.sued != "" {
			f.Events = append(f.Events, retention.Event{Key: "sued", At: instant(t, c.sued, copenhagen)})
			values["sued_at"] = day(c.sued)
		}
		if c.hold != "" {
			f.Holds = []retention.Span{{Ref: "H", From: instant(t, c.hold, copenhagen)}}
			values["hold_from"], values["hold_ref"] = day(c.hold), retention.TextValue("H")
		}
		table.Uses = c.uses
		row := retention.Row{Key: "1"}
		for _, column := range table.Layout.Columns() {
			row.Values = append(row.Values, values[column])
		}
		item, err := newSchedule(t, table).Decide(row, at)
		require.NoError(t, err, name)
		assert.Equal(t, c.status, item.Status, name)
		assert.Equal(t, c.reason, item.Because.Reason, name)

		var answers []retention.Answer
		for _, u := range c.uses {
			answers = append(answers, decide(t, f, at, u.Rules...))
		}
		combine := retention.Combine
		if c.uses[0].Category != "" {
			combine = retention.CombineData
		}
		a := combine(answers...)
		assert.Equal(t, item.Because, a.Because, name)
		assert.Equal(t, item.Term, a.Term, name)
		assert.Equal(t, item.Status, a.Status, name)
		if len(answers) == 2 {
			assert.Equal(t, a, combine(answers[1], answers[0]), "%s: the order", name)
			assert.Equal(t, a, combine(retention.Combine(answers[1]), retention.Combine(answers[0])), "%s: one after the other", name)
			assert.Equal(t, a, retention.Combine(retention.Combine(), a), "%s: nothing was added", name)
		}
	}
}
