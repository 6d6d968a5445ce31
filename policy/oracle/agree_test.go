package oracle_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/purposebound/purposebound/policy"
)

func TestScratch(t *testing.T) {
	kinds := map[string]int{}
	first := map[string]string{}
	n, some := 0, 0
	for seed := range uint64(200) {
		w := newWorld(seed)
		for i := range 100 {
			q := asker{newDice(seed, 2000+uint64(i)), w}.question()
			d, err := w.ask(w.guard, q)
			n++
			want := w.oracle.judge(q)
			if want.outcome != policy.OutcomeDenied {
				some++
			}
			got := read(q, &d)
			if err != nil {
				kinds["error "+err.Error()]++
				continue
			}
			for j := range want.fields {
				a, b := want.fields[j], got.fields[j]
				if d.ID == "released" {
					b.redacted, b.mask, b.grounds = a.redacted, a.mask, a.grounds
				}
				k := ""
				switch {
				case a.failed != b.failed && (a.failed == 0 || b.failed == 0):
					k = fmt.Sprintf("PERMIT want %v got %v", a.failed, b.failed)
				case a.failed != b.failed:
					for g := policy.GateRequest; g <= policy.GateRelease; g++ {
						bit := gateOf(g)
						if a.failed&bit == b.failed&bit {
							continue
						}
						k := fmt.Sprintf("%v oracle=%v", g, a.failed&bit != 0)
						kinds[k]++
						if x := a.failed &^ b.failed | b.failed &^ a.failed; x == bit && (first[k] == "" || n%37 == 0) && d.AllReasons() != nil {
							first[k] = fmt.Sprintf("%d:%d %s want %v got %v %v", seed, i, a.path, a, b, d.Reasons(a.path))
						}
					}
				case a.failed == 0 && !slices.Equal(a.grounds, b.grounds):
					k = fmt.Sprintf("grounds %v %v", len(a.grounds), len(b.grounds))
				case a.failed == 0 && (a.redacted != b.redacted || a.mask != b.mask):
					k = "redaction"
				}
				if k != "" {
					kinds[k]++
					if first[k] == "" {
						first[k] = fmt.Sprintf("%d:%d %s want %v got %v %v", seed, i, a.path, a, b, d.Reasons(a.path))
					}
				}
			}
			if want.outcome != d.Outcome {
				kinds["outcome"]++
			}
			if d.ID != "released" && !slices.Equal(want.obligations, d.Obligations()) {
				kinds["obligations"]++
				first["obligations"] = fmt.Sprintf("%d:%d %v %v", seed, i, want.obligations, d.Obligations())
			}
		}
	}
	t.Log(n, some)
	for _, k := range slices.Sorted(maps.Keys(kinds)) {
		t.Log(kinds[k], k, first[k])
	}
}

// read brings a decision into the form of the oracle's answer.
func read(q *question, d *policy.Decision) (a answer) {
	a.outcome, a.obligations = d.Outcome, d.Obligations()
	grounds := map[string][]string{}
	for _, g := range d.Grounds() {
		for _, p := range g.Fields {
			grounds[p] = append(grounds[p], strings.Join([]string{g.Activity, g.Basis.String(), g.Evidence}, " "))
		}
	}
	for _, f := range q.target.fields {
		if len(q.paths) > 0 && !slices.Contains(q.paths, f.path) {
			continue
		}
		fa := fieldAnswer{path: f.path}
		if !d.Permits(f.path) && d.ID != "released" {
			for _, r := range d.Reasons(f.path) {
				fa.failed |= gateOf(r.Code.Gate())
			}
			if fa.failed == 0 {
				fa.failed = 1 << 31
			}
		}
		fa.grounds = grounds[f.path]
		slices.Sort(fa.grounds)
		fa.grounds = slices.Compact(fa.grounds)
		fa.mask, fa.redacted = d.MaskOf(f.path)
		a.fields = append(a.fields, fa)
	}
	return a
}
