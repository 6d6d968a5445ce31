package oracle_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// basesToRemember is about how many records a guard is asked in each world, each in many ways, and in how many rounds between
// which time goes by.
const (
	basesToRemember  = 4
	roundsToRemember = 8
)

// worldsToRemember is fewer than other properties have, but for the night: each asks for years.
func worldsToRemember() uint64 {
	n := worldsForTwins()
	if os.Getenv("PURPOSEBOUND_NIGHTLY") == "1" {
		return n
	}
	return min(n, 60)
}

// remembered counts what became of the questions.
type remembered struct {
	sync.Mutex
	asked, permitted, turned int
}

// TestWhatAGuardRemembersIsNeverStale asks one guard the same questions for years, while events are recorded and periods,
// notices, laws and consents begin and end, and each time a guard that has never been asked anything.
func TestWhatAGuardRemembersIsNeverStale(t *testing.T) {
	var all remembered
	t.Run("worlds", func(t *testing.T) {
		for seed := range worldsToRemember() {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				all.years(t, seed)
			})
		}
	})
	t.Logf("%d questions, %d permitted something, %d answers turned", all.asked, all.permitted, all.turned)
	require.Greater(t, all.permitted*10, all.asked)
	require.Greater(t, all.turned*50, all.asked, "nothing that happened mattered: the property held for want of cases")
}

// years lets some go by in one world.
func (all *remembered) years(t *testing.T, seed uint64) {
	w := newWorld(seed)
	now := present.AddDate(-3, 0, 0)
	ledger := basis.NewMemory(w.reg.Vocabulary(), basis.WithClock(func() time.Time { return now }))
	if seed%2 == 0 {
		ledger, _ = retell(w.reg, w.events, nil, &now)
	}
	guard := func() *policy.Guard {
		g, err := policy.NewGuard(w.reg, ledger, audittest.NewRecorder(func() time.Time { return now }), w.clerks[0],
			policy.WithClock(func() time.Time { return now }), policy.WithPseudonyms(plain{}), policy.WithPolicyTimeout(time.Minute))
		require.NoError(t, err)
		return g
	}
	w.clerks[0].lasts = seed%4 < 2
	old := guard()
	h := &historian{dice: newDice(seed, 7200), spec: &w.spec, ledger: ledger, last: map[string][]basis.Event{}}
	questions := waysOfAsking(w, h.dice)
	before := make([]string, len(questions))
	asked, permitted, turned := 0, 0, -len(questions) // the first answers
	for round := range roundsToRemember {
		for range 2 { // so that something may happen at once, and be followed by nothing
			passTime(w, h, &now, fmt.Sprint(round, "-", h.IntN(1<<30)))
		}
		fresh := map[*question][2]string{} // what a guard says that was never asked before
		for i, q := range questions {
			if _, asked := fresh[q]; !asked {
				var want, briefly string
				if g := guard(); round%2 == 0 { // an explanation is not a decision, whichever is asked for first
					want, briefly = explained(t, w, g, q), decided(t, w, g, q)
				} else {
					briefly, want = decided(t, w, g, q), explained(t, w, g, q)
				}
				fresh[q] = [2]string{want, briefly}
			}
			want, briefly := fresh[q][0], fresh[q][1]
			for range 3 { // seen, remembered, recalled
				if !assert.Equal(t, want, explained(t, w, old, q), "world %d, question %d, round %d", seed, i, round) ||
					!assert.Equal(t, briefly, decided(t, w, old, q), "world %d, question %d, round %d", seed, i, round) {
					t.Log(describe(w, q))
					return
				}
			}
			asked++
			if strings.Contains(want, `"result":"permit"`) {
				permitted++
			}
			if text := instants.ReplaceAllString(want, ""); text != before[i] {
				before[i] = text
				turned++
			}
		}
	}
	all.Lock()
	defer all.Unlock()
	all.asked, all.permitted, all.turned = all.asked+asked, all.permitted+permitted, all.turned+turned
}

// decided is what a decision knows without being asked to explain itself.
func decided(t *testing.T, w *world, g *policy.Guard, q *question) string {
	d, err := w.ask(g, q)
	require.NoError(t, err)
	text, err := json.Marshal(d.Explain())
	require.NoError(t, err)
	return string(text)
}

// waysOfAsking are questions about a few records, each asked in ways that differ in one thing from each other.
func waysOfAsking(w *world, d dice) (list []*question) {
	var others []*question
	for i := range uint64(40) {
		if q := questionOf(w, i); !q.target.release {
			q.req.At, q.req.KnownAt = time.Time{}, time.Time{}
			if d.chance(0.9) { // what comes from somewhere is decided anew each time
				q.req.Provenance = policy.Provenance{}
			}
			if d.chance(0.5) {
				q.req.Facts = nil
			}
			others = append(others, q)
		}
	}
	for i := range min(basesToRemember, len(others)) {
		base := others[i]
		for _, change := range []func(q, other *question){
			func(q, other *question) { q.req.Purpose = other.req.Purpose },
			func(q, other *question) { q.req.Purpose = other.req.Purpose },
			func(q, other *question) { q.req.Purpose, q.req.Action = other.req.Purpose, other.req.Action },
			func(q, other *question) { q.req.Action = other.req.Action },
			func(q, other *question) { q.req.Action, q.req.Recipient = purpose.Share, other.req.Recipient },
			func(q, other *question) { q.req.Mechanism = other.req.Mechanism + 1 },
			func(q, other *question) { q.req.Country = other.req.Country },
			func(q, other *question) { q.req.Statute = other.req.Statute },
			func(q, other *question) { q.req.Dataset = other.req.Dataset },
			func(q, other *question) { q.req.Action, q.req.Reviewer = purpose.Decide, "reviewer" },
			func(q, other *question) { q.req.Action, q.req.Reviewer = purpose.Decide, "" },
			func(q, other *question) { q.req.Action, q.req.Reviewer, q.req.Minor = purpose.Decide, "", true },
			func(q, other *question) { q.req.Principal.Organisation = other.req.Principal.Organisation },
			func(q, other *question) { q.req.Principal.Country = pick(d, "US", "DK", "CH") },
			func(q, other *question) { q.req.Facts = other.req.Facts },
			func(q, other *question) { q.req.Facts = nil },
			func(q, other *question) {
				q.req.Provenance = pick(d, policy.Provenance{Source: "web"}, policy.Provenance{ObtainedFor: []string{q.req.Purpose}},
					policy.Provenance{Record: "k-1"}, policy.Provenance{CollectedAt: present.AddDate(-9, 0, 0)})
			},
			func(q, other *question) { q.paths = nil },
		} {
			q := *base
			change(&q, others[d.IntN(len(others))])
			list = append(list, base, &q) // so that the one finds what the other left
		}
	}
	return list
}

// instants are an explanation's words on when it was given.
var instants = regexp.MustCompile(`"(known_)?at":"[^"]*",`)

// passTime lets a little time go by or much, to the end of something or just before, and now and then something happen.
func passTime(w *world, h *historian, now *time.Time, name string) {
	end, often := w.reg.NextChange(*now), pick(h.dice, 0.5, 0, 0)
	switch what := h.IntN(8); {
	case what == 0 && end.Sub(*now) > time.Second:
		*now = end.Add(-time.Nanosecond)
	case what <= 3 && end.After(*now):
		*now = end
	case what == 4:
		*now = now.Add(time.Nanosecond)
	case what == 5:
		*now = now.AddDate(0, h.between(1, 20), h.between(0, 2))
	default:
		*now = now.Add(time.Duration(h.between(1, 500)) * time.Hour)
	}
	for i, who := range append([]string{basis.ControllerWide}, people...) {
		if !h.chance(often) {
			continue
		}
		e := basis.Event{ID: fmt.Sprintf("%s-%d", name, i), DataSubject: who, ValidAt: now.Add(-time.Duration(h.between(0, 2000)) * time.Hour)}
		if e.Body = h.body(who, e.ValidAt); e.Body != nil && h.ledger.Record(context.Background(), e) == nil {
			h.last[who] = append(h.last[who], e)
		}
	}
}
