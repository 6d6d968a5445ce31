package oracle_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
)

// TestPastDecisionsReplayBitForBit asks about the past, lets a year of events happen, some of them said to be true
// since long ago, and asks again.
func TestPastDecisionsReplayBitForBit(t *testing.T) {
	asked, changed, permitted := 0, 0, 0
	for seed := range worldsForTwins() {
		w := newWorld(seed)
		now := present
		ledger, _ := retell(w.reg, w.events, nil)
		h := &historian{dice: newDice(seed, 7000), spec: &w.spec, last: map[string][]basis.Event{}}
		h.ledger = ledgerWithClock(w, &now)
		guard := func() *policy.Guard {
			g, err := policy.NewGuard(w.reg, h.ledger, audittest.NewRecorder(clock), w.clerks[0], policy.WithClock(func() time.Time { return now }), policy.WithPseudonyms(plain{}))
			require.NoError(t, err)
			return g
		}
		_ = ledger
		type past struct {
			q      *question
			then   []byte
			recent []byte // the same, with nothing said of what was known
		}
		var list []past
		g := guard()
		explain := func(g *policy.Guard, q *question) []byte {
			w.clerks[0].script = q.scripts[0]
			e, err := q.target.explain(context.Background(), g, q.req, q.paths)
			require.NoError(t, err)
			text, err := json.Marshal(e)
			require.NoError(t, err)
			return text
		}
		for i := range uint64(requestsForTwins) {
			q := questionOf(w, i)
			if q.target.release {
				continue
			}
			a := asker{newDice(seed, 7100+i), w}
			if q.req.At.IsZero() || q.req.At.After(present) {
				q.req.At = present.Add(-time.Duration(a.between(0, 1000)) * time.Hour)
			}
			if q.req.KnownAt.IsZero() || q.req.KnownAt.After(present) {
				q.req.KnownAt = present.Add(-time.Duration(a.between(0, 3)) * time.Hour)
			}
			open := *q
			open.req.KnownAt = time.Time{}
			list = append(list, past{q, explain(g, q), explain(g, &open)})
		}
		for _, who := range append([]string{basis.ControllerWide}, people...) {
			for i := range 6 {
				now = now.Add(time.Duration(h.between(1, 500)) * time.Hour)
				e := basis.Event{ID: fmt.Sprintf("later-%d-%s", i, who[1:]), DataSubject: who, ValidAt: now.Add(-time.Duration(h.between(0, 20_000)) * time.Hour)}
				if e.Body = h.body(who, e.ValidAt); e.Body != nil && h.ledger.Record(context.Background(), e) == nil {
					h.last[who] = append(h.last[who], e)
				}
			}
		}
		for _, p := range list {
			asked++
			var e policy.Explanation
			require.NoError(t, json.Unmarshal(p.then, &struct{ Outcome *string }{}))
			if d, err := w.ask(w.guard, p.q); err == nil && d.Outcome != policy.OutcomeDenied {
				permitted++
			}
			_ = e
			for _, again := range []*policy.Guard{g, guard()} { // one that has seen it, and one that starts afresh
				if !assert.JSONEq(t, string(p.then), string(explain(again, p.q)), "a past decision changed") ||
					!assert.Equal(t, p.then, explain(again, p.q)) {
					return
				}
			}
			open := *p.q
			open.req.KnownAt = time.Time{}
			open.req.KnownAt = now // what is known today may judge the past otherwise
			if string(explain(g, &open)) != string(p.recent) {
				changed++
			}
		}
	}
	t.Logf("%d decisions replayed, %d permitted something, %d would fall otherwise with what is known later", asked, permitted, changed)
	require.NotZero(t, permitted)
	require.NotZero(t, changed, "nothing that happened later mattered: the property held for want of cases")
}
