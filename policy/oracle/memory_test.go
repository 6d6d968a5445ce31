package oracle_test

import (
	"context"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
)

// questionsToRemember are asked again and again in each world, in so many rounds between which time goes by.
const (
	questionsToRemember = 40
	roundsToRemember    = 12
)

// TestWhatAGuardRemembersIsNeverStale asks one guard the same questions for years, while events are recorded and periods,
// notices, laws and consents begin and end, and each time a guard that has never been asked anything.
func TestWhatAGuardRemembersIsNeverStale(t *testing.T) {
	asked, permitted, turned := 0, 0, 0
	for seed := range worldsForTwins() {
		w := newWorld(seed)
		now := present
		ledger, _ := retell(w.reg, w.events, nil, &now)
		guard := func() *policy.Guard {
			g, err := policy.NewGuard(w.reg, ledger, audittest.NewRecorder(func() time.Time { return now }), w.clerks[0],
				policy.WithClock(func() time.Time { return now }), policy.WithPseudonyms(plain{}), policy.WithPolicyTimeout(time.Minute))
			require.NoError(t, err)
			return g
		}
		old := guard()
		var questions []*question
		for i := range uint64(questionsToRemember) {
			if q := questionOf(w, i); !q.target.release {
				q.req.At, q.req.KnownAt = time.Time{}, time.Time{}
				questions = append(questions, q)
			}
		}
		before := make([]string, len(questions))
		h := &historian{dice: newDice(seed, 7200), spec: &w.spec, ledger: ledger, last: map[string][]basis.Event{}}
		for round := range roundsToRemember {
			for i, q := range questions {
				want := explained(t, w, guard(), q)
				for range 3 { // seen, remembered, recalled
					if !assert.Equal(t, want, explained(t, w, old, q), "world %d, question %d, round %d", seed, i, round) {
						t.Log(describe(w, q))
						return
					}
				}
				asked++
				if d, err := w.ask(old, q); assert.NoError(t, err) && d.Outcome != policy.OutcomeDenied {
					permitted++
				}
				if text := withoutInstants(want); text != before[i] {
					before[i] = text
					turned++
				}
			}
			passTime(w, h, &now, round)
		}
		turned -= len(questions) // the first answers
	}
	t.Logf("%d questions, %d permitted something, %d answers turned", asked, permitted, turned)
	require.Greater(t, permitted*10, asked)
	require.Greater(t, turned*50, asked, "nothing that happened mattered: the property held for want of cases")
}

var instants = regexp.MustCompile(`"(known_)?at":"[^"]*",`)

// withoutInstants is an explanation without its first words on when it was given.
func withoutInstants(text string) string { return instants.ReplaceAllString(text, "") }

// passTime lets a little time go by or much, to the end of something or just before, and now and then something happen.
func passTime(w *world, h *historian, now *time.Time, round int) {
	end := w.reg.NextChange(*now)
	switch what := h.IntN(6); {
	case what == 0 && end.Sub(*now) > time.Second:
		*now = end.Add(-time.Nanosecond)
	case what <= 1 && end.After(*now):
		*now = end
	case what == 2:
		*now = now.Add(time.Nanosecond)
	case what == 3:
		*now = now.AddDate(0, h.between(1, 20), h.between(0, 2))
	default:
		*now = now.Add(time.Duration(h.between(1, 500)) * time.Hour)
	}
	for i, who := range append([]string{basis.ControllerWide}, people...) {
		if !h.chance(0.3) {
			continue
		}
		e := basis.Event{ID: fmt.Sprintf("round-%d-%d", round, i), DataSubject: who, ValidAt: now.Add(-time.Duration(h.between(0, 2000)) * time.Hour)}
		if e.Body = h.body(who, e.ValidAt); e.Body != nil && h.ledger.Record(context.Background(), e) == nil {
			h.last[who] = append(h.last[who], e)
		}
	}
}
