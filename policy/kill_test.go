package policy_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/filetrail"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/internal/mortal"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// The test binary is also the process that gets killed.
const (
	childDir   = "PURPOSEBOUND_TEST_DIR"
	childEarly = "PURPOSEBOUND_TEST_EARLY" // the control: its trail says that a record is durable before it is
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		fmt.Println(releases(dir, os.Getenv(childEarly) != ""))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// early appends some time after it said so.
type early struct{ audit.Trail }

func (e early) Append(ctx context.Context, events []audit.Event) error {
	go func() { _ = e.Trail.Append(context.WithoutCancel(ctx), append([]audit.Event(nil), events...)) }()
	return nil
}

// releases reads over a trail in files for ever, from many goroutines, and says of each value that it has it.
func releases(dir string, soon bool) error {
	files, err := filetrail.Open(filepath.Join(dir, "trail"), filetrail.Options{SegmentSize: 1 << 20})
	if err != nil {
		return err
	}
	var trail audit.Trail = files
	if soon {
		trail = early{files}
	}
	reg, err := purpose.Compile(testSpec())
	if err != nil {
		return err
	}
	ledger := basis.NewMemory(reg.Vocabulary())
	if err := ledger.Record(ctx, basis.Event{DataSubject: ada, Body: basis.Occurred{Event: "signed"}}); err != nil {
		return err
	}
	guard, err := policy.NewGuard(reg, ledger, trail, permitAll{})
	if err != nil {
		return err
	}
	failed := make(chan error)
	for range 64 {
		go func() {
			for {
				req := policy.Request{Principal: policy.Principal{ID: "u17", Roles: []string{"billing"}}, Purpose: "invoicing", TraceID: fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64())}
				if v, err := policy.Read[debitView](ctx, guard, req, adaRecord()); err != nil || v.IBAN == "" {
					failed <- err
					return
				}
				fmt.Println(req.TraceID)
			}
		}()
	}
	return <-failed
}

// unrecorded opens the trail that a process left, and returns how many of the releases are not on record, whether its last
// line was torn, and how long it took to open.
func unrecorded(t *testing.T, dir string, released []string) (n int, torn bool, took time.Duration) {
	began := time.Now()
	trail, err := filetrail.Open(filepath.Join(dir, "trail"), filetrail.Options{})
	took = time.Since(began)
	require.NoError(t, err)
	defer func() { require.NoError(t, trail.Close()) }()
	missing := map[string]bool{}
	for _, id := range released {
		missing[id] = true
	}
	last := audit.Event{}
	for e, err := range trail.Read(t.Context(), 0) {
		require.NoError(t, err)
		if e.Name == audit.AccessRead && e.Outcome == audit.Permitted {
			delete(missing, e.TraceID)
		}
		torn = last.Name == audit.TrailRecovered
		last = e
	}
	return len(missing), torn, took
}

// A guard's process that is killed at any moment has let no value go that is not on record. The control: over a trail that
// answers before it has written, the same check finds values that are not.
func TestAKilledProcessHasReleasedNothingThatIsNotOnRecord(t *testing.T) {
	kills := 15
	switch {
	case os.Getenv("PURPOSEBOUND_NIGHTLY") != "":
		kills = 500
	case testing.Short():
		kills = 4
	}
	total, tornTails, longest, dir := 0, 0, time.Duration(0), ""
	for i := range kills {
		if i%10 == 0 {
			dir = t.TempDir()
		}
		released := mortal.Kill(t, rand.N(60*time.Millisecond), childDir+"="+dir)
		missing, torn, took := unrecorded(t, dir, released)
		require.Zero(t, missing, "of %d", len(released))
		if torn {
			tornTails++
		}
		total, longest = total+len(released), max(longest, took)
	}
	t.Logf("%d kills, %d values released, %d torn tails, at most %v to open again", kills, total, tornTails, longest)
	assert.Greater(t, total, kills)
	for range 50 {
		dir := t.TempDir()
		if missing, _, _ := unrecorded(t, dir, mortal.Kill(t, 5*time.Millisecond, childDir+"="+dir, childEarly+"=yes")); missing > 0 {
			return
		}
	}
	t.Error("the control: 50 kills over a trail that answers too early, and everything on record")
}
