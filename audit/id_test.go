package audit_test

import (
	"sync"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
)

func TestIDsRiseWhateverTheClockDoes(t *testing.T) {
	steps := map[string]func(i int) time.Time{
		"frozen":       func(int) time.Time { return noon },
		"hour back":    func(i int) time.Time { return noon.Add(-time.Duration(i/500) * time.Hour) },
		"ten years on": func(i int) time.Time { return noon.AddDate(10*(i/500), 0, 0) },
		"to and fro":   func(i int) time.Time { return noon.Add(time.Duration(i%2) * time.Minute) },
	}
	for name, at := range steps {
		t.Run(name, func(t *testing.T) {
			i := 0
			ids := audit.NewIDs(func() time.Time { i++; return at(i) })
			last := ""
			for range 1000 {
				id, err := ids.Next()
				require.NoError(t, err)
				_, err = ulid.ParseStrict(id)
				require.NoError(t, err)
				require.Greater(t, id, last)
				last = id
			}
		})
	}
}

func TestIDHoldsTheTimeOfTheClock(t *testing.T) {
	id, err := audit.NewIDs(frozen).Next()
	require.NoError(t, err)
	assert.True(t, noon.Truncate(time.Millisecond).Equal(ulid.MustParse(id).Timestamp()))
}

func TestIDsOfTwoSourcesDiffer(t *testing.T) {
	a, err := audit.NewIDs(frozen).Next()
	require.NoError(t, err)
	b, err := audit.NewIDs(frozen).Next()
	require.NoError(t, err)
	assert.Equal(t, a[:10], b[:10])
	assert.NotEqual(t, a[10:], b[10:])
}

func TestIDsAreUniqueUnderConcurrency(t *testing.T) {
	ids := audit.NewIDs(nil)
	var mu sync.Mutex
	seen := map[string]bool{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			last := ""
			for range 500 {
				id, err := ids.Next()
				assert.NoError(t, err)
				assert.Greater(t, id, last)
				last = id
				mu.Lock()
				seen[id] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	assert.Len(t, seen, 4000)
}

func TestNoIDBefore1970(t *testing.T) {
	_, err := audit.NewIDs(func() time.Time { return time.Time{} }).Next()
	assert.Error(t, err)
}
