package oracle_test

import (
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
)

// Size of a run: requests for each world, and worlds.
const (
	requestsPerWorld = 100
	worlds           = 1_000
	worldsAtNight    = 20_000
	worldsInShort    = 50
)

func numberOfWorlds() uint64 {
	switch {
	case os.Getenv("PURPOSEBOUND_NIGHTLY") == "1":
		return worldsAtNight
	case testing.Short():
		return worldsInShort
	}
	return worlds
}

// questionOf is the i-th request of a world.
func questionOf(w *world, i uint64) *question {
	return asker{newDice(w.seed, 2000+i), w}.question()
}

// everyWorld calls f for the worlds from 0 to n, on as many goroutines as there are processors.
func everyWorld(n uint64, f func(w *world)) {
	seeds := make(chan uint64)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for seed := range seeds {
				f(newWorld(seed))
			}
		})
	}
	for seed := range n {
		seeds <- seed
	}
	close(seeds)
	wg.Wait()
}

func TestGuardAgreesWithTheOracle(t *testing.T) {
	if seed, i, ok := oneCase(t); ok {
		w := newWorld(seed)
		q := questionOf(w, i)
		d, err := w.ask(w.guard, q)
		t.Log(describe(w, q))
		t.Logf("%v\n%v", d.Explain(), err)
		require.Empty(t, differ(q, w.oracle.judge(q), read(q, &d)))
		return
	}
	var mu sync.Mutex
	seen := map[policy.Code]int{}
	total, permits, releases, wrong := 0, 0, 0, 0
	everyWorld(numberOfWorlds(), func(w *world) {
		for i := range uint64(requestsPerWorld) {
			q := questionOf(w, i)
			d, err := w.ask(w.guard, q)
			got := read(q, &d)
			why := differ(q, w.oracle.judge(q), got)
			if err != nil {
				why = "error: " + err.Error()
			}
			mu.Lock()
			if total++; d.Outcome != policy.OutcomeDenied {
				permits++
			}
			if got.released {
				releases++
			}
			for _, r := range d.AllReasons() {
				seen[r.Code]++
			}
			if why != "" {
				if wrong++; wrong <= 3 {
					t.Errorf("PURPOSEBOUND_SEED=%d:%d %s\n%s", w.seed, i, why, describe(w, q))
				}
			}
			mu.Unlock()
		}
	})
	t.Logf("%d requests, %d disagreements; %d permit something, %d maps were released", total, wrong, permits, releases)
	require.Zero(t, wrong)
	require.Greater(t, permits*4, total, "about a third of the decisions permits something")
	if !testing.Short() {
		everyCodeWasSeen(t, seen)
	}
}

// oneCase is the case that the environment names.
func oneCase(t *testing.T) (seed, i uint64, ok bool) {
	text := os.Getenv("PURPOSEBOUND_SEED")
	if text == "" {
		return 0, 0, false
	}
	_, err := fmt.Sscanf(text, "%d:%d", &seed, &i)
	require.NoError(t, err, "PURPOSEBOUND_SEED is <world>:<request>")
	return seed, i, true
}

// elsewhere are the codes that no generated request can bring about, and what stands for them.
var elsewhere = map[policy.Code]string{
	policy.CodeTimeStated:        "a release with a stated time: TestReleaseStatesNoTime",
	policy.CodeReleasesNothing:   "a way out that is asked to collect or store: TestCollectingAndStoringReleaseNothing",
	policy.CodeFieldsNone:        "every way of asking means all fields or names some; a view without any is refused when it is bound: TestViewWithoutFields",
	policy.CodeStateUnavailable:  "a ledger in memory always answers: TestLedgerThatLies",
	policy.CodeBasis:             "stands for a claim's code that the list lacks; there is none: TestEveryClaimCodeHasItsReason",
	policy.CodeBasisUndeclared:   "loading refuses a claim without basis: TestClaimsThatLoadingRefuses",
	policy.CodeLawUnstated:       "loading refuses a claim without law: TestClaimsThatLoadingRefuses",
	policy.CodeAssessmentMissing: "loading refuses an unknown assessment: TestClaimsThatLoadingRefuses",
	policy.CodeStateMissing:      "the guard refuses before: TestLedgerThatLies",
}

// everyCodeWasSeen holds the run against the closed list of reasons.
func everyCodeWasSeen(t *testing.T, seen map[policy.Code]int) {
	for _, c := range policy.Codes() {
		if c.Gate() == policy.GateRelease {
			continue
		}
		if why, ok := elsewhere[c]; ok {
			assert.Zero(t, seen[c], "%s was seen after all: %s", c, why)
		} else {
			assert.NotZero(t, seen[c], "%s was never seen", c)
		}
	}
	for _, c := range slices.Sorted(maps.Keys(seen)) {
		t.Log(c, seen[c])
	}
}
