package oracle_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
)

// past is a question about the past and what the answer was then.
type past struct {
	q       *question
	then    string   // the explanation as JSON
	fields  []string // that were permitted by all that was known then
	inquiry *question
}

// TestPastDecisionsReplayBitForBit asks about the past, lets months of events happen, some of them said to be true since
// long ago, and asks again.
func TestPastDecisionsReplayBitForBit(t *testing.T) {
	asked, permitted, changed := 0, 0, 0
	for seed := range worldsForTwins() {
		w := newWorld(seed)
		now := present
		ledger, _ := retell(w.reg, w.events, nil, &now)
		guard := func() *policy.Guard {
			g, err := policy.NewGuard(w.reg, ledger, audittest.NewRecorder(clock), w.clerks[0],
				policy.WithClock(func() time.Time { return now }), policy.WithPseudonyms(plain{}), policy.WithPolicyTimeout(time.Minute))
			require.NoError(t, err)
			return g
		}
		g := guard()
		var list []past
		for i := range uint64(requestsForTwins) {
			if p := (past{q: pastQuestion(w, i)}); p.q != nil {
				p.then = explained(t, w, g, p.q)
				p.inquiry, p.fields = openly(t, w, g, p.q, time.Time{})
				list = append(list, p)
			}
		}
		goOn(w, ledger, &now)
		for _, p := range list {
			asked++
			for _, again := range []*policy.Guard{g, guard()} { // one that was asked before, and one that starts afresh
				if !assert.Equal(t, p.then, explained(t, w, again, p.q), "a past decision changed: world %d", seed) {
					return
				}
			}
			if strings.Contains(p.then, `"result":"permit"`) {
				permitted++
			}
			if _, fields := openly(t, w, g, p.inquiry, now); !assert.ObjectsAreEqual(p.fields, fields) {
				changed++
			}
		}
	}
	t.Logf("%d decisions replayed, %d permitted something, %d would fall otherwise with what is known later", asked, permitted, changed)
	require.NotZero(t, permitted)
	require.NotZero(t, changed, "nothing that happened later mattered: the property held for want of cases")
}

// pastQuestion is the i-th question of a world about a stated time, as known at a stated time; nil for releases, which are
// about now.
func pastQuestion(w *world, i uint64) *question {
	q := questionOf(w, i)
	if q.target.release {
		return nil
	}
	d := newDice(w.seed, 7100+i)
	if q.req.At.IsZero() || q.req.At.After(present) {
		q.req.At = present.Add(-time.Duration(d.between(0, 1000)) * time.Hour)
	}
	if q.req.KnownAt.IsZero() || q.req.KnownAt.After(present) {
		q.req.KnownAt = present.Add(-time.Duration(d.between(0, 3)) * time.Hour)
	}
	return q
}

// explained is the explanation of an answer as JSON.
func explained(t *testing.T, w *world, g *policy.Guard, q *question) string {
	w.clerks[0].script = q.scripts[0]
	e, err := q.target.explain(context.Background(), g, q.req, q.paths)
	require.NoError(t, err)
	text, err := json.Marshal(e)
	require.NoError(t, err)
	return string(text)
}

// openly asks the same with what is known at another time, and lists what is permitted.
func openly(t *testing.T, w *world, g *policy.Guard, q *question, known time.Time) (*question, []string) {
	open := *q
	open.req.KnownAt = known
	d, err := w.ask(g, &open)
	require.NoError(t, err)
	return &open, d.Permitted()
}

// goOn lets further events happen after the present.
func goOn(w *world, ledger *basis.Memory, now *time.Time) {
	h := &historian{dice: newDice(w.seed, 7000), spec: &w.spec, ledger: ledger, last: map[string][]basis.Event{}}
	for _, e := range w.events {
		h.last[e.DataSubject] = append(h.last[e.DataSubject], e)
	}
	for _, who := range append([]string{basis.ControllerWide}, people...) {
		for i := range 8 {
			*now = now.Add(time.Duration(h.between(1, 500)) * time.Hour)
			e := basis.Event{ID: fmt.Sprintf("later-%s-%d", strings.ReplaceAll(who, "*", "org"), i), DataSubject: who,
				ValidAt: now.Add(-time.Duration(h.between(0, 20_000)) * time.Hour)}
			if e.Body = h.body(who, e.ValidAt); e.Body != nil && ledger.Record(context.Background(), e) == nil {
				h.last[who] = append(h.last[who], e)
			}
		}
	}
}
