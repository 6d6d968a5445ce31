package policy_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/filetrail"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
)

var (
	_ policy.Immediate = (*audit.KeyedHMAC)(nil)
	_ policy.Immediate = (*basis.Memory)(nil)
	_ policy.Prompt    = (*filetrail.Trail)(nil)
)

// trails that do as they like. The prompt one says that it waits no longer than it is told.
type trailFunc func(ctx context.Context, events []audit.Event) error

func (f trailFunc) Append(ctx context.Context, events []audit.Event) error { return f(ctx, events) }
func (trailFunc) Head(context.Context) (audit.Head, error)                 { return audit.Head{}, nil }
func (trailFunc) Close() error                                             { return nil }

type promptTrail struct{ trailFunc }

func (promptTrail) Prompt() bool { return true }

// slowAliases are those of a store: they may wait, and so are not asked in the caller's goroutine.
type slowAliases struct{ audit.Pseudonymizer }

// quickAliases say that they never wait.
type quickAliases struct{ aliases }

func (quickAliases) Immediate() bool { return true }

// ways are the four in which a release is recorded: by the caller or by another goroutine, named there or before.
func ways(t *testing.T, f trailFunc, names audit.Pseudonymizer, try func(t *testing.T, w *world)) {
	for name, trail := range map[string]audit.Trail{"prompt": promptTrail{f}, "apart": f} {
		for what, p := range map[string]audit.Pseudonymizer{"named here": names, "named apart": slowAliases{names}} {
			t.Run(name+", "+what, func(t *testing.T) {
				w := newWorld(t)
				g, err := policy.NewGuard(w.reg, w.ledger, trail, w.rules, policy.WithClock(w.clock.now), policy.WithPseudonyms(p),
					policy.WithTrailTimeout(50*time.Millisecond))
				require.NoError(t, err)
				w.guard = g
				try(t, w)
			})
		}
	}
}

func hmacs(t *testing.T) audit.Pseudonymizer {
	k, err := audit.NewKeyedHMAC(make([]byte, audit.MinKey), "2026")
	require.NoError(t, err)
	return k
}

// The event is there when Append returns, and the value only then; errors, panics and lateness release nothing.
func TestEveryWayOfRecordingRefusesWithoutARecord(t *testing.T) {
	for mood, f := range map[string]trailFunc{
		"error": func(context.Context, []audit.Event) error { return fmt.Errorf("row of %s", ada) },
		"panic": func(context.Context, []audit.Event) error { panic(ada) },
		"late":  func(ctx context.Context, _ []audit.Event) error { <-ctx.Done(); return ctx.Err() },
	} {
		t.Run(mood, func(t *testing.T) {
			ways(t, f, hmacs(t), func(t *testing.T, w *world) {
				v, err := policy.Read[debitView](ctx, w.guard, w.request("invoicing"), adaRecord())
				require.Zero(t, v)
				require.Equal(t, []policy.Code{policy.CodeTrailUnavailable}, codesOf(t, err))
				require.NotContains(t, err.Error(), ada)
				require.True(t, w.guard.Health().Trail.Failing)
				results, err := policy.ReadBatch[debitView](ctx, w.guard, w.request("invoicing"), []*lessee{adaRecord()})
				require.NoError(t, err)
				require.Zero(t, results[0].View)
				require.Equal(t, []policy.Code{policy.CodeTrailUnavailable}, codesOf(t, results[0].Err))
			})
		})
	}
	ways(t, func(context.Context, []audit.Event) error { return nil }, hmacs(t), func(t *testing.T, w *world) {
		v, err := policy.Read[debitView](ctx, w.guard, w.request("invoicing"), adaRecord())
		require.NoError(t, err, "the control")
		require.Equal(t, "Ada Lovelace", v.Name)
		require.False(t, w.guard.Health().Trail.Failing)
	})
}

func TestPseudonymsThatNeverWaitFailClosedToo(t *testing.T) {
	for name, a := range map[string]aliases{
		"error": func(context.Context) (string, error) { return "", fmt.Errorf("no row for %s", ada) },
		"panic": func(context.Context) (string, error) { panic(ada) },
	} {
		t.Run(name, func(t *testing.T) {
			reached := false
			ways(t, func(context.Context, []audit.Event) error { reached = true; return nil }, quickAliases{a}, func(t *testing.T, w *world) {
				v, err := policy.Read[debitView](ctx, w.guard, w.request("invoicing"), adaRecord())
				require.Zero(t, v)
				require.Equal(t, []policy.Code{policy.CodeAliasUnavailable}, codesOf(t, err))
				require.NotContains(t, err.Error(), ada)
				require.True(t, w.guard.Health().Pseudonyms.Failing)
				require.False(t, w.guard.Health().Trail.Failing)
				require.False(t, reached)
			})
		})
	}
}

// A trail that keeps events in spite of its contract, as a double in a test does, finds them as they were, and so does one
// that was left behind and reads on.
func TestAnEventIsNeverUsedAgain(t *testing.T) {
	var mu sync.Mutex
	var kept [][]audit.Event
	var copies []string
	ways(t, func(_ context.Context, events []audit.Event) error {
		mu.Lock()
		defer mu.Unlock()
		kept, copies = append(kept, events), append(copies, fmt.Sprintf("%+v", events))
		return nil
	}, hmacs(t), func(t *testing.T, w *world) {
		kept, copies = nil, nil
		people := []string{ada, bob}
		w.happened(bob, basis.Occurred{Event: "signed"})
		for i := range 100 {
			r := adaRecord()
			r.ID = people[i%2]
			r.Household = []member{{ID: fmt.Sprintf("member-%d", i)}}
			req := w.request([]string{"invoicing", "scoring"}[i/2%2]) // some are refused
			req.Principal.ID = fmt.Sprintf("u%d", i)
			req.Principal.Roles = []string{"billing", fmt.Sprintf("r%c", 'a'+i%26)}
			_, _ = policy.Read[debitView](ctx, w.guard, req, r)
			clear(req.Principal.Roles) // which are the caller's to change
		}
		require.Len(t, kept, 100)
		for i, events := range kept {
			require.Equal(t, copies[i], fmt.Sprintf("%+v", events))
		}
		require.NotEqual(t, copies[0], copies[1], "the control: they differ")
	})
}

func TestATrailThatWasLeftBehindReadsOn(t *testing.T) {
	w := newWorld(t)
	proceed, read := make(chan struct{}), make(chan string, 1)
	var called atomic.Bool
	hang := trailFunc(func(_ context.Context, events []audit.Event) error {
		if !called.Swap(true) {
			<-proceed
			read <- fmt.Sprint(events[0].PrincipalRoles, events[0].Fields)
		}
		return nil
	})
	g, err := policy.NewGuard(w.reg, w.ledger, hang, w.rules, policy.WithClock(w.clock.now), policy.WithTrailTimeout(5*time.Millisecond))
	require.NoError(t, err)
	req := w.request("invoicing")
	_, err = policy.Read[debitView](ctx, g, req, adaRecord())
	require.ErrorIs(t, err, policy.ErrDenied)
	clear(req.Principal.Roles)
	close(proceed)
	for range 100 {
		r := w.request("newsletter")
		r.Principal.Roles = []string{"other"}
		_, _, _ = policy.Permitted[debitView](ctx, g, r, adaRecord())
	}
	require.Equal(t, "[billing] [Name IBAN]", <-read)
}

// A thousand callers before a trail that hangs whatever its context says: each is refused at its deadline, and when the
// trail comes back nobody is left.
func TestAThousandCallersBeforeATrailThatHangs(t *testing.T) {
	const callers, patience = 1000, 100 * time.Millisecond
	w := newWorld(t)
	before := runtime.NumGoroutine()
	hang := make(chan struct{})
	g, err := policy.NewGuard(w.reg, w.ledger, trailFunc(func(context.Context, []audit.Event) error { <-hang; return nil }), w.rules,
		policy.WithClock(w.clock.now), policy.WithTrailTimeout(patience))
	require.NoError(t, err)
	took := make([]time.Duration, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			began := time.Now()
			v, err := policy.Read[debitView](ctx, g, w.request("invoicing"), adaRecord())
			took[i] = time.Since(began)
			assert.Zero(t, v)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
		})
	}
	wg.Wait()
	slices.Sort(took)
	assert.GreaterOrEqual(t, took[0], patience)
	assert.Less(t, took[callers-1], 20*time.Second, "the median is %s", took[callers/2])
	assert.GreaterOrEqual(t, runtime.NumGoroutine(), callers, "the control: the trail does hang")
	close(hang)
	for end := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > before; time.Sleep(5 * time.Millisecond) {
		require.True(t, time.Now().Before(end), "goroutines are left")
	}
}

// A trail that says so is waited for in the caller's goroutine, others in another one.
func TestAPromptTrailIsCalledByTheCaller(t *testing.T) {
	var here bool
	trail := trailFunc(func(context.Context, []audit.Event) error {
		pc := make([]uintptr, 64)
		frames := runtime.CallersFrames(pc[:runtime.Callers(0, pc)])
		for f, more := frames.Next(); more; f, more = frames.Next() {
			here = here || strings.HasSuffix(f.Function, "."+t.Name())
		}
		return nil
	})
	w := newWorld(t)
	for prompt, trail := range map[bool]audit.Trail{true: promptTrail{trail}, false: trail} {
		here = false
		g, err := policy.NewGuard(w.reg, w.ledger, trail, w.rules, policy.WithClock(w.clock.now))
		require.NoError(t, err)
		_, err = policy.Read[debitView](ctx, g, w.request("invoicing"), adaRecord())
		require.NoError(t, err)
		require.Equal(t, prompt, here)
	}
}

// What a release costs is one view, one entry with its event, and the texts that are new in it.
func TestAReleaseAllocatesLittle(t *testing.T) {
	for name, trail := range map[string]audit.Trail{"prompt": answers{}, "apart": forgets{}} {
		g, req, rec := benchRead(t, trail)
		n := testing.AllocsPerRun(200, func() {
			if _, err := policy.Read[twentyView](ctx, g, req, rec); err != nil {
				t.Error(err)
			}
		})
		if !raceEnabled { // the race detector empties pools at random
			assert.LessOrEqual(t, n, 6.0, name)
		}
	}
}

func TestEveryDecisionHasAnIDOfItsTime(t *testing.T) {
	w := newWorld(t)
	seen := map[string]bool{}
	for range 1000 {
		_, _ = policy.Read[debitView](ctx, w.guard, w.request("invoicing"), adaRecord())
	}
	for _, e := range w.trail.Events() {
		id, err := ulid.ParseStrict(e.DecisionID)
		require.NoError(t, err)
		require.Equal(t, w.clock.now().UnixMilli(), int64(id.Time()))
		seen[e.DecisionID] = true
	}
	require.Len(t, seen, 1000)
}
