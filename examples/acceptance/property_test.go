package acceptance

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sample is every n-th case, where PURPOSEBOUND_NIGHTLY does not ask for all.
func sample(list []Case, n int) (some []Case) {
	if os.Getenv("PURPOSEBOUND_NIGHTLY") != "" {
		return list
	}
	for i := range list {
		if i%n == 0 {
			some = append(some, list[i])
		}
	}
	return some
}

// TestProperties holds for every case that a guard answers now.
func TestProperties(t *testing.T) {
	notices := Notices("..")
	list, outcome := decided(t, notices, sample(all(t), 3))
	t.Run("taking a consent away opens nothing", func(t *testing.T) { consentOpensNothing(t, notices, list, outcome) })
	t.Run("an objection opens nothing", func(t *testing.T) { objectionOpensNothing(t, notices, list, outcome) })
	t.Run("a restricted record is stored", func(t *testing.T) { restrictedIsStored(t, notices, list, outcome) })
	t.Run("without a purpose, a role or a field nothing is released", func(t *testing.T) { nothingLeftOut(t, notices, list) })
}

// decided are the cases that a guard answers now, with their outcome.
func decided(t *testing.T, notices []*Notice, from []Case) (list []Case, outcome []string) {
	t.Helper()
	for _, c := range from {
		switch c.Request.Text("action") {
		case "collect", "read", "use", "share", "forward", "transfer", "decide":
			r := Run(notices, &c)
			require.NoError(t, r.Err, c.ID)
			list, outcome = append(list, c), append(outcome, r.Outcome)
		}
	}
	require.Greater(t, len(list), 200)
	return list, outcome
}

// consentOpensNothing: without it, what was refused stays refused.
func consentOpensNothing(t *testing.T, notices []*Notice, list []Case, outcome []string) {
	closed := 0
	for i, c := range list {
		for j := range c.Given.Consents {
			less := c
			less.Given.Consents = slices.Delete(slices.Clone(c.Given.Consents), j, j+1)
			r := Run(notices, &less)
			assert.LessOrEqual(t, rank(r.Outcome), rank(outcome[i]), "%s without consent %d: %s became %s", c.ID, j, outcome[i], r.Outcome)
			if rank(r.Outcome) < rank(outcome[i]) {
				closed++
			}
		}
	}
	assert.NotZero(t, closed, "the control: some consents carry something")
}

// objectionOpensNothing, to marketing or to the purpose.
func objectionOpensNothing(t *testing.T, notices []*Notice, list []Case, outcome []string) {
	closed := 0
	for i, c := range list {
		for _, o := range []Object{{"scope": "direct_marketing"}, {"scope": "own_situation", "purpose": c.Request["purpose"], "grounds": "own situation"}} {
			w := newWorld(noticeOf(notices, &c), &c)
			o["at"] = w.Just().Format("2006-01-02T15:04:05Z07:00")
			if p := c.Request.Text("purpose"); !slices.ContainsFunc(keysOfPurposes(w), func(k string) bool { return k == p }) {
				delete(o, "purpose")
			}
			more := c
			more.Given.Objections = append(slices.Clip(c.Given.Objections), o)
			r := Run(notices, &more)
			assert.LessOrEqual(t, rank(r.Outcome), rank(outcome[i]), "%s with an objection: %s became %s", c.ID, outcome[i], r.Outcome)
			if rank(r.Outcome) < rank(outcome[i]) {
				closed++
			}
		}
	}
	assert.Greater(t, closed, 5, "the control: objections stop something")
}

func keysOfPurposes(w *World) (list []string) {
	for _, p := range w.Spec.Purposes {
		list = append(list, p.Key)
	}
	return list
}

// restrictedIsStored: nothing is read, used or shared while the whole record is restricted and no exception is
// on record (GDPR Art. 18(2)).
func restrictedIsStored(t *testing.T, notices []*Notice, list []Case, outcome []string) {
	stopped := 0
	for i, c := range list {
		facts := c.Given.Facts
		if truthy(facts["legal_claim_pending"]) || truthy(facts["protects_rights_of"]) || truthy(facts["public_interest"]) || truthy(facts["important_public_interest"]) {
			continue
		}
		w := newWorld(noticeOf(notices, &c), &c)
		more := c
		more.Given.Restrictions = append(slices.Clip(c.Given.Restrictions),
			Object{"at": w.Just().Format("2006-01-02T15:04:05Z07:00"), "reason": "accuracy_contested", "fields": []any{}})
		r := Run(notices, &more)
		assert.Contains(t, []string{Deny, Escalate, Return}, r.Outcome, "%s: %s became %s", c.ID, outcome[i], r.Outcome)
		if outcome[i] == Allow {
			stopped++
		}
	}
	assert.Greater(t, stopped, 25)
}

// nothingLeftOut: a request that leaves out who asks or why is refused.
func nothingLeftOut(t *testing.T, notices []*Notice, list []Case) {
	for _, c := range list {
		for key, v := range map[string]any{"purpose": nil, "actor": Object{}, "fields": []any{}} {
			if key == "fields" && c.Request.Text("action") == "decide" {
				continue // all that the decision rests on
			}
			less := c
			less.Request = maps.Clone(c.Request)
			less.Request[key] = v
			r := Run(notices, &less)
			assert.Equal(t, Deny, r.Outcome, "%s without %s", c.ID, key)
		}
	}
}

// TestNoCaseBreaksTheRunner: keys that are missing or hold something else give an answer or an error, and no panic. PURPOSEBOUND_NIGHTLY=1
// tries every case, else every eighth.
func TestNoCaseBreaksTheRunner(t *testing.T) {
	notices := Notices("..")
	list, err := ReadDir("cases")
	require.NoError(t, err)
	wrong := []any{nil, 7.0, "?", true, []any{"?"}, Object{"?": "?"}}
	for i, c := range sample(list, 8) {
		try := func(what string, spoil func(*Case)) {
			other := c
			other.Request, other.Given.Facts = maps.Clone(c.Request), maps.Clone(c.Given.Facts)
			spoil(&other)
			if r := Run(notices, &other); r.Err != nil {
				assert.False(t, strings.HasPrefix(r.Err.Error(), "panic"), "%s, %s: %v", c.ID, what, r.Err)
			}
		}
		v := wrong[i%len(wrong)]
		for _, key := range c.Request.Keys() {
			try("without "+key, func(c *Case) { delete(c.Request, key) })
			try("wrong "+key, func(c *Case) { c.Request[key] = v })
		}
		for _, key := range c.Given.Facts.Keys() {
			try("without fact "+key, func(c *Case) { delete(c.Given.Facts, key) })
			try("wrong fact "+key, func(c *Case) { c.Given.Facts[key] = v })
		}
		try("odd lists", func(c *Case) {
			odd := []Object{nil, {"?": v}, {"type": v, "at": v, "scope": v, "given_at": v, "field": v, "with": v, "fields": v, "reason": v}}
			c.Given.Events, c.Given.Consents, c.Given.Objections, c.Given.Restrictions, c.Given.Data, c.Given.Agreements = odd, odd, odd, odd, odd, &odd
			c.Given.Controller = Object{"financial_years": v, "financial_year_end": v}
		})
	}
}
