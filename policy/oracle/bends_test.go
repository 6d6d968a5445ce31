package oracle_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// casesForBends is within how many requests every wrong oracle has to be found out.
const casesForBends = 80_000

func TestEveryBentOracleIsFoundOut(t *testing.T) {
	left := map[bend]bool{}
	for _, b := range bends {
		left[b] = true
	}
	cases := 0
	for seed := uint64(0); len(left) > 0 && cases < casesForBends; seed++ {
		w := newWorld(seed)
		for i := range uint64(requestsPerWorld) {
			q := questionOf(w, i)
			d, _ := w.ask(w.guard, q)
			cases++
			got := read(q, &d)
			for b := range left {
				bent := *w.oracle
				bent.bent = b
				if differ(q, bent.judge(q), got) != "" {
					t.Logf("%v after %d requests", b, cases)
					delete(left, b)
				}
			}
		}
	}
	for b := range left {
		assert.Fail(t, "not found out", "%v", b)
	}
}
