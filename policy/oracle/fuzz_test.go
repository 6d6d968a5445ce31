package oracle_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// FuzzDecide changes generated requests by hand of the fuzzer. Whatever comes out is what the oracle says, encodes as
// JSON, and repeats nothing of the request that the register does not know.
func FuzzDecide(f *testing.F) {
	for i := range uint64(40) {
		f.Add(i, i*3, byte(i), "CANARY", int64(i))
		f.Add(i, i*5, byte(i+7), []string{"service.contract", "", "other", "DK", "data-0", "law.aml", "self", "urgent"}[i%8], int64(i)*3_600_000_000)
	}
	var mu sync.Mutex
	cache := map[uint64]*world{}
	f.Fuzz(func(t *testing.T, seed, i uint64, field byte, text string, shift int64) {
		if len(text) > 300 {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		w := cache[seed%16]
		if w == nil {
			w = newWorld(seed % 16)
			cache[seed%16] = w
		}
		q := questionOf(w, i)
		r := &q.req
		texts := []*string{&r.Principal.ID, &r.Principal.Organisation, &r.Principal.Country, &r.Purpose, &r.DataSubject, &r.Recipient, &r.Country, &r.Statute,
			&r.Dataset, &r.Provenance.Source, &r.Reviewer, &r.TraceID}
		switch n := int(field); {
		case n < len(texts):
			if *texts[n] = text; q.target.release && texts[n] == &r.Recipient {
				if r.Action = purpose.Read; text != "" {
					r.Action = purpose.Share
				}
			}
		case n < 20:
			r.Principal.Roles = append([]string{text}, r.Principal.Roles...)
		case n < 30:
			r.Facts = append(r.Facts[:len(r.Facts):len(r.Facts)], purpose.Named(text, purpose.IntValue(shift)))
		case n < 40:
			r.Facts = append(r.Facts[:len(r.Facts):len(r.Facts)], purpose.Named("channel", purpose.TextValue(text)))
		case n < 50:
			r.Provenance.ObtainedFor = append([]string{text}, r.Provenance.ObtainedFor...)
		case n < 60:
			r.Mechanism, r.Minor = purpose.Mechanism(shift), !r.Minor
		case n < 70 && !q.target.release:
			r.Action = purpose.Action(shift)
		case n < 100 && !q.target.release:
			r.At = present.Add(-time.Duration(shift) * time.Microsecond)
		case n < 120 && !q.target.release:
			r.KnownAt = present.Add(-time.Duration(shift) * time.Microsecond)
		case n < 140:
			r.Provenance.CollectedAt = present.Add(-time.Duration(shift) * time.Microsecond)
		}
		d, err := w.ask(w.guard, q)
		if err != nil {
			require.Equal(t, policy.OutcomeDenied, d.Outcome)
			return
		}
		require.Empty(t, differ(q, w.oracle.judge(q), read(q, &d)), "%s", describe(w, q))
		out, err := json.Marshal(d.Explain())
		require.NoError(t, err)
		if strings.Contains(text, canary) {
			noCanary(t, "explanation", string(out))
			noCanary(t, "explanation", d.Explain().String())
		}
	})
}
