package aliastable_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/aliastable"
	"github.com/purposebound/purposebound/audit/audittest"
)

func read(refs ...string) audit.Event {
	return audit.Event{
		Name: audit.AccessRead, Outcome: audit.Permitted, Mode: audit.Enforce, PrincipalRef: audit.Principal.Alias([16]byte{1}),
		DataSubjectRefs: refs, Fields: []string{"Name"}, Purpose: "invoicing", DecisionID: fmt.Sprintf("%032x", 1),
	}
}

func TestAfterAnErasureNobodyIsLinkedAndTheTrailVerifies(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		source, trail := keys(t), p.trail(t)
		table := p.table(t, source, trail)
		var annas []string
		berts := map[string]bool{}
		for i, epoch := range []string{"2026", "2027", "2028"} {
			if i > 0 {
				require.NoError(t, source.Rotate(key(t, epoch, epoch[3:])))
			}
			anna, bert := alias(t, table, "anna"), alias(t, table, "bert")
			annas, berts[bert] = append(annas, anna), true
			require.NoError(t, trail.Append(t.Context(), []audit.Event{read(anna), read(anna, bert)}))
		}
		n, err := table.Erase(t.Context(), audit.DataSubject, "anna")
		require.NoError(t, err)
		assert.Equal(t, 3, n)

		again := p.table(t, source, trail)
		for _, tab := range []*aliastable.Table{table, again} {
			left, err := tab.Aliases(t.Context(), audit.DataSubject, "anna")
			require.NoError(t, err)
			assert.Empty(t, left)
			kept, err := tab.Aliases(t.Context(), audit.DataSubject, "bert")
			require.NoError(t, err)
			assert.Len(t, kept, 3)
			for _, k := range kept {
				assert.True(t, berts[k], "others keep their aliases")
			}
		}
		rep, err := trail.Verify(t.Context(), audit.Check{})
		require.NoError(t, err)
		assert.Equal(t, audit.Consistent, rep.Verdict)
		var last audit.Event
		for e, err := range trail.Read(t.Context(), 1) {
			require.NoError(t, err)
			last = e
		}
		assert.Equal(t, audit.DataSubjectErased, last.Name)
		assert.ElementsMatch(t, annas, last.DataSubjectRefs)

		young := alias(t, table, "anna")
		assert.NotContains(t, annas, young, "who comes back is somebody new")
		assert.Equal(t, young, alias(t, again, "anna"))
	})
}

func TestErasingAPrincipalNamesTheSameLetters(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		trail := audittest.NewRecorder(nil)
		table := p.table(t, keys(t), trail)
		a, err := table.Alias(t.Context(), audit.Principal, "u17")
		require.NoError(t, err)
		person := alias(t, table, "u17")
		n, err := table.Erase(t.Context(), audit.Principal, "u17")
		require.NoError(t, err)
		assert.Equal(t, 1, n)
		assert.Equal(t, []string{"ds-" + a[3:]}, trail.Events()[0].DataSubjectRefs)
		assert.Equal(t, person, alias(t, table, "u17"), "the data subject of the same id is another")
	})
}

func TestErasingNobodyRecordsNothing(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		trail := audittest.NewRecorder(nil)
		table := p.table(t, keys(t), trail)
		for range 2 { // also when an epoch has begun
			n, err := table.Erase(t.Context(), audit.DataSubject, "nobody")
			require.NoError(t, err)
			assert.Zero(t, n)
			for _, c := range []struct {
				class audit.Class
				id    string
			}{{audit.DataSubject, ""}, {0, "anna"}, {9, "anna"}} {
				_, err = table.Erase(t.Context(), c.class, c.id)
				require.Error(t, err)
				_, err = table.Aliases(t.Context(), c.class, c.id)
				require.Error(t, err)
			}
			alias(t, table, "anna")
		}
		assert.Empty(t, trail.Events())
	})
}

// witness looks at the rows when the event is appended.
type witness struct {
	audit.Trail
	look func()
	err  error
}

func (w *witness) Append(ctx context.Context, e []audit.Event) error {
	w.look()
	if w.err != nil {
		return w.err
	}
	return w.Trail.Append(ctx, e)
}

func TestTheEventComesBeforeTheDeletion(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		count := func() int { return p.rows(t, "SELECT count(*) FROM audit_aliases") }
		seen := -1
		trail := &witness{Trail: audittest.NewRecorder(nil), look: func() { seen = count() }}
		table := p.table(t, keys(t), trail)
		old := alias(t, table, "anna")
		for _, err := range []error{audit.ErrUnknown, audit.ErrFull, errors.New("broken")} {
			trail.err = err
			_, got := table.Erase(t.Context(), audit.DataSubject, "anna")
			require.ErrorIs(t, got, err)
			assert.Equal(t, 1, count(), "what is not recorded is not deleted")
			assert.Equal(t, old, alias(t, table, "anna"))
		}
		trail.err, trail.look = nil, func() { panic("canary") }
		_, err := table.Erase(t.Context(), audit.DataSubject, "anna")
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "canary")
		trail.look = func() { seen = count() }
		_, err = table.Erase(t.Context(), audit.DataSubject, "anna")
		require.NoError(t, err)
		assert.Equal(t, 1, seen, "the row was there when the event was appended")
		assert.Zero(t, count())
	})
}

func TestWhoIsAliasedDuringTheErasureIsErasedToo(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		source := keys(t)
		other := p.table(t, source, nil)
		trail := &witness{Trail: audittest.NewRecorder(nil)}
		rounds := 0
		trail.look = func() {
			if rounds++; rounds < 3 { // meanwhile an epoch begins and somebody reads about the person
				if err := source.Rotate(key(t, fmt.Sprint("r", rounds), fmt.Sprint(rounds))); err != nil {
					t.Error(err)
				}
				alias(t, other, "anna")
			}
		}
		table := p.table(t, source, trail)
		alias(t, table, "anna")
		n, err := table.Erase(t.Context(), audit.DataSubject, "anna")
		require.NoError(t, err)
		assert.Equal(t, 3, n)
		left, err := table.Aliases(t.Context(), audit.DataSubject, "anna")
		require.NoError(t, err)
		assert.Empty(t, left)
	})
}

// Somebody else erases the person, who then gets a new alias, between the event and the deletion: the new row is deleted
// only once it has been recorded as well.
func TestOnlyRowsThatWereRecordedAreDeleted(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		source, recorder := keys(t), audittest.NewRecorder(nil)
		other := p.table(t, source, recorder)
		trail := &witness{Trail: recorder}
		first, young := true, ""
		trail.look = func() {
			if first {
				first = false
				if _, err := other.Erase(t.Context(), audit.DataSubject, "anna"); err != nil {
					t.Error(err)
				}
				young = alias(t, other, "anna")
			}
		}
		table := p.table(t, source, trail)
		alias(t, table, "anna")
		_, err := table.Erase(t.Context(), audit.DataSubject, "anna")
		require.NoError(t, err)
		events := recorder.Events()
		assert.Equal(t, []string{young}, events[len(events)-1].DataSubjectRefs)
		assert.Zero(t, p.rows(t, "SELECT count(*) FROM audit_aliases"))
	})
}

// stale counts people whose old alias another table with a warm cache gives after their erasure has returned, with a
// clock that moves only while the erasure waits.
func stale(t *testing.T, p place, waits bool) (n int) {
	var mu sync.Mutex
	now := time.Now()
	clock := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}
	advance := func(d time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		if waits {
			now = now.Add(d)
		}
	}
	opts := aliastable.Options{Clock: clock}.Waiting(advance)
	source := keys(t)
	make := func() *aliastable.Table {
		table, err := p.open(t.Context(), p.pool(t), source, audittest.NewRecorder(nil), opts)
		require.NoError(t, err)
		return table
	}
	eraser, reader := make(), make()
	for i := range 10 {
		who := fmt.Sprint("n", i, waits)
		old := alias(t, reader, who)
		require.Equal(t, old, alias(t, reader, who))
		_, err := eraser.Erase(t.Context(), audit.DataSubject, who)
		require.NoError(t, err)
		if alias(t, reader, who) == old {
			n++
		}
	}
	return n
}

func TestAnErasureThatReturnedIsSeenByEveryCache(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		assert.Zero(t, stale(t, p, true))
		assert.NotZero(t, stale(t, p, false), "the control: without the wait caches still give old aliases")
	})
}

// Readers and erasures of the same people at once: what is read after an erasure has returned is not what was erased.
func TestReadsThatRaceWithErasuresAreNeverStaleAfterwards(t *testing.T) {
	t.Parallel() // it waits for leases
	onEach(t, func(t *testing.T, p place) {
		source, trail := keys(t), audittest.NewRecorder(nil)
		table := func() *aliastable.Table {
			tab, err := p.open(t.Context(), p.pool(t), source, trail, aliastable.Options{})
			require.NoError(t, err)
			return tab
		}
		readers := []*aliastable.Table{table(), table()}
		eraser := table() // waits in earnest
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for _, r := range readers {
			for range 2 {
				wg.Go(func() {
					for ctx.Err() == nil {
						if _, err := r.Alias(t.Context(), audit.DataSubject, "anna"); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
		}
		for range nightly(2, 100) {
			_, err := eraser.Erase(t.Context(), audit.DataSubject, "anna")
			require.NoError(t, err)
			var erased []string
			for _, e := range trail.Events() {
				erased = append(erased, e.DataSubjectRefs...)
			}
			current, err := eraser.Aliases(t.Context(), audit.DataSubject, "anna")
			require.NoError(t, err)
			for _, r := range readers {
				got := alias(t, r, "anna")
				assert.False(t, slices.Contains(erased, got) && !slices.Contains(current, got), "an erased alias came back")
			}
		}
		stop()
		wg.Wait()
	})
}

func TestDeletingRowsByHandIsAnErasureForCachesToo(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		generation := func() int { return p.rows(t, "SELECT generation FROM audit_alias_state") }
		table := p.table(t, keys(t), nil)
		alias(t, table, "anna")
		before := generation()
		_, err := p.pool(t).Exec("DELETE FROM audit_aliases")
		require.NoError(t, err)
		assert.Greater(t, generation(), before)
	})
}
