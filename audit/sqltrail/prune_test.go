package sqltrail_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/sqltrail"
)

// aging is a trail whose clock is set by hand.
func aging(t *testing.T, p place) (*sqltrail.Trail, *time.Time) {
	now := time.Date(2026, 3, 26, 12, 0, 0, 0, time.UTC)
	return p.trail(t, sqltrail.Options{Clock: func() time.Time { return now }}), &now
}

// later is when what is written now may go.
func later() time.Time { return time.Now().AddDate(2, 0, 0) }

func (p place) rows(t *testing.T, table string) (n int) {
	require.NoError(t, p.pool(t).QueryRow("SELECT count(*) FROM "+table).Scan(&n))
	return n
}

func TestWhatIsPrunedLeavesAManifestAndTheRestVerifies(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		trail, now := aging(t, p)
		require.NoError(t, trail.Append(t.Context(), samples(0, 700)))
		before := all(t, trail)
		n, err := trail.Prune(t.Context(), time.Time{})
		require.NoError(t, err)
		assert.Zero(t, n, "nothing is older than twelve months")

		*now = now.AddDate(1, 0, 1)
		require.NoError(t, trail.Append(t.Context(), samples(700, 5)))
		rep, err := trail.Verify(t.Context(), audit.Check{})
		require.NoError(t, err)
		whole := rep.Root

		n, err = trail.Prune(t.Context(), time.Time{})
		require.NoError(t, err)
		assert.EqualValues(t, 701, n)
		m, err := trail.Pruned(t.Context())
		require.NoError(t, err)
		assert.EqualValues(t, 701, m.Head.Seq)
		assert.Equal(t, 6, p.rows(t, "audit_lines"), "five, and trail.pruned")
		assert.Equal(t, 5, p.rows(t, "audit_refs"))

		// The manifest's tree is that of an independent implementation over the lines that are gone.
		var leaves []tlog.Hash
		for i := range before {
			line, err := audit.AppendLine(nil, &before[i])
			require.NoError(t, err)
			leaves = append(leaves, tlog.RecordHash(line))
		}
		assert.Equal(t, root(t, leaves), tlog.Hash(m.Tree.Root()))

		rep, err = trail.Verify(t.Context(), audit.Check{})
		require.NoError(t, err)
		assert.Equal(t, audit.Pruned, rep.Verdict)
		assert.NoError(t, rep.Err)
		assert.EqualValues(t, 707, rep.Head.Seq)
		rep, err = trail.Verify(t.Context(), audit.Check{Anchors: []audit.TreeHead{{Size: 706, Root: whole}}})
		require.NoError(t, err)
		assert.Equal(t, audit.Pass, rep.Verdict, "an anchor over what was pruned and what was not")
		assert.EqualValues(t, 706, rep.Proved)
		whole[0]++
		rep, err = trail.Verify(t.Context(), audit.Check{Anchors: []audit.TreeHead{{Size: 706, Root: whole}}})
		require.NoError(t, err)
		assert.Equal(t, audit.Forked, rep.Verdict, "the control: another history")

		var got []audit.Event
		for e, err := range trail.Read(t.Context(), 0) {
			require.NoError(t, err)
			got = append(got, e)
		}
		i := 0
		for line, err := range trail.Lines(t.Context(), 0) {
			require.NoError(t, err)
			want, err := audit.AppendLine(nil, &got[i])
			require.NoError(t, err)
			require.Equal(t, string(want), string(line))
			i++
		}
		assert.Len(t, got, i)
		assert.EqualValues(t, 702, got[0].Seq)
		assert.Equal(t, audit.TrailPruned, got[5].Name)
		assert.EqualValues(t, 701, got[5].N)
		for _, from := range []uint64{1, 2, 701} {
			for _, err := range trail.Read(t.Context(), from) {
				require.ErrorIs(t, err, audit.ErrPruned)
			}
		}
		for e, err := range trail.Read(t.Context(), 703) {
			require.NoError(t, err)
			assert.EqualValues(t, 703, e.Seq)
			break
		}

		*now = now.AddDate(2, 0, 0)
		n, err = trail.Prune(t.Context(), time.Time{})
		require.NoError(t, err)
		assert.EqualValues(t, 706-701, n, "never the last")
		require.NoError(t, trail.Append(t.Context(), samples(900, 1)))
		rep, err = trail.Verify(t.Context(), audit.Check{})
		require.NoError(t, err)
		assert.Equal(t, audit.Pruned, rep.Verdict)
		_, err = trail.Prune(t.Context(), now.AddDate(0, -12, 1))
		require.Error(t, err, "kept for twelve months")
	})
}

func root(t *testing.T, leaves []tlog.Hash) tlog.Hash {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(at []int64) (out []tlog.Hash, err error) {
		for _, i := range at {
			out = append(out, stored[i])
		}
		return out, nil
	})
	for i, l := range leaves {
		more, err := tlog.StoredHashesForRecordHash(int64(i), l, reader)
		require.NoError(t, err)
		stored = append(stored, more...)
	}
	h, err := tlog.TreeHash(int64(len(leaves)), reader)
	require.NoError(t, err)
	return h
}

// A prune that is cut off at any statement leaves a trail that verifies, and the next one finishes it.
func TestAPruneThatFailsAnywhereCanBeRepeated(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		for at := 1; ; at++ {
			p := kinds[p.kind](t)
			db, f := p.faultyPool(t)
			require.NoError(t, p.trail(t, sqltrail.Options{}).Append(t.Context(), samples(0, 600)))
			trail := p.trailOn(t, db, sqltrail.Options{Patience: 500 * time.Millisecond, Clock: later})
			f.set(lost, at, "")
			f.happens = func(string) { f.ever = true }
			_, err := trail.Prune(t.Context(), time.Time{})
			fired := f.fired()
			f.set("", 0, "")
			require.Equal(t, fired > 0, err != nil)
			require.Contains(t, []audit.Verdict{audit.Consistent, audit.Pruned}, p.verify(t, p.pool(t)).Verdict, "statement %d", at)
			require.NoError(t, trail.Close())
			trail = p.trail(t, sqltrail.Options{Clock: later})
			_, err = trail.Prune(t.Context(), time.Time{})
			require.NoError(t, err)
			m, err := trail.Pruned(t.Context())
			require.NoError(t, err)
			assert.GreaterOrEqual(t, m.Head.Seq, uint64(600))
			assert.LessOrEqual(t, p.rows(t, "audit_lines"), 4)
			assert.LessOrEqual(t, p.rows(t, "audit_refs"), 1)
			require.NoError(t, trail.Append(t.Context(), samples(1000, 1)))
			require.Equal(t, audit.Pruned, p.verify(t, p.pool(t)).Verdict)
			if fired == 0 {
				assert.Greater(t, at, 10)
				return
			}
			at += nightly(6, 0)
		}
	})
}

func TestPruningWhileOthersWriteReadAndPrune(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		// A day passes at every look at the clock, and events are kept for a month.
		var days atomic.Int64
		opts := sqltrail.Options{KeepMonths: 1, Clock: func() time.Time { return time.Unix(1.7e9, 0).AddDate(0, 0, int(days.Add(1))) }}
		ctx, cancel := context.WithCancel(t.Context())
		var writers, others sync.WaitGroup
		for w := range 3 {
			trail := p.trail(t, opts)
			writers.Go(func() {
				for i := range 40 {
					assert.NoError(t, trail.Append(t.Context(), samples(w*1000+i*5, 5)))
				}
			})
		}
		for range 2 {
			trail := p.trail(t, opts)
			others.Go(func() {
				for ctx.Err() == nil {
					if _, err := trail.Prune(t.Context(), time.Time{}); err != nil {
						assert.ErrorContains(t, err, "another process prunes")
					}
				}
			})
		}
		writers.Wait()
		cancel()
		others.Wait()
		rep := p.verify(t, p.pool(t))
		assert.Equal(t, audit.Pruned, rep.Verdict, "%+v", rep)
		assert.Greater(t, rep.Head.Seq, uint64(600))
		assert.Greater(t, rep.Pruned, uint64(300))
	})
}

func TestFindAnswersByColumn(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		trail, now := aging(t, p)
		start := *now
		for i := range 6 {
			*now = start.Add(time.Duration(i) * time.Hour)
			require.NoError(t, trail.Append(t.Context(), samples(i*100, 100)))
		}
		share := sample(7)
		share.Name, share.RecipientID, share.DataSubjectRefs = audit.AccessShare, "bank", []string{
			audit.DataSubject.Alias([16]byte{9}), audit.DataSubject.Alias([16]byte{8}), audit.DataSubject.Alias([16]byte{9})}
		require.NoError(t, trail.Append(t.Context(), []audit.Event{share}))
		events := all(t, trail)
		person := audit.DataSubject.Alias([16]byte{2, 3})
		for name, c := range map[string]struct {
			f    sqltrail.Filter
			want func(*audit.Event) bool
		}{
			"all":       {sqltrail.Filter{}, func(*audit.Event) bool { return true }},
			"person":    {sqltrail.Filter{DataSubjectRefs: []string{person, "ds-unknown"}}, func(e *audit.Event) bool { return len(e.DataSubjectRefs) > 0 && e.DataSubjectRefs[0] == person }},
			"repeated":  {sqltrail.Filter{DataSubjectRefs: share.DataSubjectRefs}, func(e *audit.Event) bool { return e.RecipientID != "" }},
			"recipient": {sqltrail.Filter{RecipientID: "bank"}, func(e *audit.Event) bool { return e.RecipientID == "bank" }},
			"principal": {sqltrail.Filter{PrincipalRef: audit.Principal.Alias([16]byte{1, 1})}, func(e *audit.Event) bool { return e.PrincipalRef == audit.Principal.Alias([16]byte{1, 1}) }},
			"decision":  {sqltrail.Filter{DecisionID: decisionID(7)}, func(e *audit.Event) bool { return e.DecisionID == decisionID(7) }},
			"hours": {sqltrail.Filter{From: start.Add(time.Hour), Until: start.Add(3 * time.Hour), Name: audit.AccessRead, Outcome: audit.Permitted}, func(e *audit.Event) bool {
				return e.Name == audit.AccessRead && !e.Time.Before(start.Add(time.Hour)) && e.Time.Before(start.Add(3*time.Hour))
			}},
			"ground": {sqltrail.Filter{Purpose: "fx.contract_service", Basis: "gdpr:6-1-b"}, func(e *audit.Event) bool { return e.Purpose != "" }},
			"nobody": {sqltrail.Filter{PrincipalRef: "' OR 1=1 --"}, func(*audit.Event) bool { return false }},
		} {
			var want, got []uint64
			for i := range events {
				if c.want(&events[i]) {
					want = append(want, events[i].Seq)
				}
			}
			for e, err := range trail.Find(t.Context(), c.f) {
				require.NoError(t, err)
				got = append(got, e.Seq)
			}
			assert.Equal(t, want, got, name)
		}
	})
}
