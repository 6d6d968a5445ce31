package celpolicy

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
)

// TestAVerdictThatLastsIsTheSameForEqualRequests asks generated policies again, with all changed that a lasting verdict does
// not rest on, and at another time before it ends.
func TestAVerdictThatLastsIsTheSameForEqualRequests(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	policies := 1_000
	if testing.Short() {
		policies = 100
	}
	lasting, ending, passing, turned := 0, 0, 0, 0
	for seed := range uint64(policies) {
		d := newDice(seed + 1<<32)
		p, err := New(reg, "", plain(d.rules())...)
		require.NoError(t, err)
		for n := range 50 {
			in := d.request(t, pl)
			in.Request.At = in.Request.At.Add(time.Duration(d.IntN(3600)) * time.Second)
			v := decide(t, p, in)
			req := *in.Request
			req.Principal.ID, req.Principal.Tasks = pick(d, []string{"u17", "u18"}), d.some(60, worldTasks...)
			req.DataSubject, req.TraceID, req.Provenance = "person-9", "0af7651916cd43dd8448eb211c80319c", policy.Provenance{Source: "web"}
			if req.Reviewer != "" {
				req.Reviewer = pick(d, []string{"u17", "u18", "u19"})
			}
			if !v.Until.IsZero() {
				require.True(t, v.Until.After(req.At))
				req.At = pick(d, []time.Time{v.Until.Add(-1), req.At.Truncate(time.Minute)})
			} else {
				req.At = req.At.Add(time.Duration(d.IntN(1_000_000)) * time.Second)
			}
			again := *in
			again.Request = &req
			w := decide(t, p, &again)
			switch {
			case !v.Lasting:
				passing++
				if !assert.ObjectsAreEqual(said(pl, v), said(pl, w)) {
					turned++
				}
				continue
			case v.Until.IsZero():
				lasting++
			default:
				ending++
			}
			if !assert.Equal(t, v.Hits, w.Hits) || !assert.Equal(t, said(pl, v), said(pl, w), "seed %d, request %d: %+v, then %+v", seed, n, *in.Request, req) {
				return
			}
		}
	}
	t.Logf("%d verdicts last, %d for a while, %d do not, of which %d turned", lasting, ending, passing, turned)
	for _, n := range []int{lasting, ending, turned} {
		assert.Greater(t, n, policies/10)
	}
}
