package policy_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/internal/beside"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/purpose"
)

func purposeName(i int) string { return fmt.Sprintf("p%d", i) }

// deciding takes the same decision again and again.
func deciding(b *testing.B, g *policy.Guard, req policy.Request, rec *twenty) func() {
	ctx := context.Background()
	return func() {
		if d, err := policy.Decide(ctx, g, req, rec); err != nil || d.Outcome != policy.OutcomePermitted {
			b.Fatal(d.Because(), err)
		}
	}
}

// BenchmarkBesideByHand decides about 20 fields, beside the same decision written by hand: at an instant and of states that
// are given, and live, which asks the clock and holds a lock on what may change.
func BenchmarkBesideByHand(b *testing.B) {
	g, req, rec := bench(b, 2000, 100)
	hand := newByHand(100)
	at := time.Now().Unix()
	var a handAnswer
	by := func(decide func() bool) func() {
		return func() {
			if !decide() {
				b.Fatal("not permitted")
			}
		}
	}
	var mu sync.RWMutex
	beside.Compare(b,
		beside.Way{Name: "hand", Do: by(func() bool {
			return hand.decide(&a, rec.ID, req.Purpose, req.Principal.Roles, uint8(req.Action), at)
		})},
		beside.Way{Name: "hand-live", Do: by(func() bool {
			mu.RLock()
			defer mu.RUnlock()
			return hand.decide(&a, rec.ID, req.Purpose, req.Principal.Roles, uint8(req.Action), time.Now().Unix())
		})},
		beside.Way{Name: "ours", Do: deciding(b, g, req, rec)})
}

// BenchmarkRegisterSize decides the same under a small register and a large one.
func BenchmarkRegisterSize(b *testing.B) {
	g, req, rec := bench(b, 20, 10)
	G, Req, Rec := bench(b, 20_000, 1000)
	beside.Compare(b, beside.Way{Name: "small", Do: deciding(b, g, req, rec)}, beside.Way{Name: "large", Do: deciding(b, G, Req, Rec)})
}

// BenchmarkGoroutines decides as many times on one goroutine and, each, on two: twice the work in two-goroutines-x the time.
func BenchmarkGoroutines(b *testing.B) {
	g, req, rec := bench(b, 2000, 100)
	const each = 500
	run := func(goroutines int) func() {
		return func() {
			var wg sync.WaitGroup
			for range goroutines {
				wg.Go(func() {
					do := deciding(b, g, req, rec)
					for range each {
						do()
					}
				})
			}
			wg.Wait()
		}
	}
	beside.Compare(b, beside.Way{Name: "one-goroutine", Do: run(1)}, beside.Way{Name: "two-goroutines", Do: run(2)})
}

// BenchmarkExplain explains what BenchmarkDecide decides.
func BenchmarkExplain(b *testing.B) {
	g, req, rec := bench(b, 2000, 100)
	beside.Compare(b, beside.Way{Name: "decide", Do: deciding(b, g, req, rec)}, beside.Way{Name: "explain", Do: func() {
		if x, err := policy.Explain(context.Background(), g, req, rec); err != nil || x.Outcome != policy.OutcomePermitted {
			b.Fatal(err)
		}
	}})
}

// BenchmarkConditions decides with three rules that have a CEL condition, beside selectors alone.
func BenchmarkConditions(b *testing.B) {
	g, req, rec := bench(b, 2000, 100)
	spec := bigSpec(2000, 100)
	spec.Facts = []purpose.Fact{{Key: "case-open", Type: purpose.Bool}, {Key: "days-late", Type: purpose.Int}, {Key: "channel", Type: purpose.Text}}
	reg, err := purpose.Compile(spec)
	require.NoError(b, err)
	var rules []celpolicy.Rule
	for i, when := range []string{`facts.case_open && hour >= 0`, `"agent" in roles`, `facts.days_late > 30 || facts.channel == "phone"`} {
		rules = append(rules, celpolicy.Rule{ID: fmt.Sprintf("r%d", i), Effect: policy.EffectPermit, Roles: []string{"agent"},
			Actions: []purpose.Action{purpose.Read}, Purposes: []string{"p0"}, Categories: []string{"c0", "c1"}, When: when})
	}
	when, err := celpolicy.New(reg, "team", rules...)
	require.NoError(b, err)
	G := benchGuard(b, reg, answers{}, when, "p1")
	facts := req.With(purpose.NamedValue{Fact: "case-open", Value: purpose.True()}, purpose.NamedValue{Fact: "days-late", Value: purpose.IntValue(31)},
		purpose.NamedValue{Fact: "channel", Value: purpose.TextValue("mail")})
	conditions := deciding(b, G, facts, rec)
	beside.Compare(b, beside.Way{Name: "native", Do: deciding(b, g, req, rec)}, beside.Way{Name: "conditions", Do: conditions})
	b.ReportMetric(testing.AllocsPerRun(100, conditions), "conditions-allocs")
}

// BenchmarkBatch reads many records one by one, beside one call for all, about one person and about as many as there are.
func BenchmarkBatch(b *testing.B) {
	const many = 10_000
	for name, people := range map[string]int{"one-person": 1, "own-state": many} {
		b.Run(name, func(b *testing.B) {
			var ids []string
			for i := range people {
				ids = append(ids, fmt.Sprintf("p%d", i))
			}
			reg, err := purpose.Compile(bigSpec(2000, 100))
			require.NoError(b, err)
			g := benchGuard(b, reg, answers{}, permitAll{}, ids...)
			req := policy.Request{Principal: policy.Principal{ID: "u1", Roles: []string{"agent"}}, Purpose: "p0"}
			records := make([]*twenty, many)
			for i := range records {
				records[i] = &twenty{ID: ids[i%people], F00: "x"}
			}
			ctx := context.Background()
			beside.Compare(b, beside.Way{Name: "calls", Do: func() {
				for _, r := range records {
					if v, err := policy.Read[twentyView](ctx, g, req, r); err != nil || v.F00 != "x" {
						b.Fatal(err)
					}
				}
			}}, beside.Way{Name: "batch", Do: func() {
				list, err := policy.ReadBatch[twentyView](ctx, g, req, records)
				if err != nil || len(list) != many {
					b.Fatal(err)
				}
				for i := range list {
					if list[i].Err != nil || list[i].View.F00 != "x" {
						b.Fatal(list[i].Err)
					}
				}
			}})
		})
	}
}

// BenchmarkLoad compiles a register of 20,000 fields and 1,000 purposes and makes a guard of it, and tells what both hold.
func BenchmarkLoad(b *testing.B) {
	const n = 20_000
	spec := bigSpec(n, 1000)
	reg, err := purpose.Compile(spec)
	require.NoError(b, err)
	ledger := basis.NewMemory(reg.Vocabulary())
	load := func() *policy.Guard {
		reg, err := purpose.Compile(spec)
		require.NoError(b, err)
		g, err := policy.NewGuard(reg, ledger, answers{}, permitAll{})
		require.NoError(b, err)
		return g
	}
	for b.Loop() {
		load()
	}
	heap := func() float64 {
		for range 3 { // pools empty in the second round
			runtime.GC()
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	before := heap()
	g := load()
	b.ReportMetric((heap()-before)/n, "held-B/field")
	runtime.KeepAlive(g)
	runtime.KeepAlive(reg)
	runtime.KeepAlive(spec)
}
