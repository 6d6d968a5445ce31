package oracle_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/purposebound/purposebound/policy"
)

func TestScratch(t *testing.T) {
	kinds := map[string]int{}
	first := map[string]string{}
	n, some, rel, bad := 0, 0, 0, 0
	for seed := range uint64(2000) {
		w := newWorld(seed)
		for i := range 100 {
			q := asker{newDice(seed, 2000+uint64(i)), w}.question()
			d, err := w.ask(w.guard, q)
			n++
			if err != nil {
				t.Log(err)
			}
			want := w.oracle.judge(q)
			got := read(q, &d)
			if want.outcome != policy.OutcomeDenied {
				some++
			}
			if got.released {
				rel++
			}
			if s := differ(q, want, got); s != "" {
				bad++
				k := s
				kinds[k]++
				first[k] = fmt.Sprintf("%d:%d", seed, i)
			}
		}
	}
	t.Log(n, some, rel, bad)
	for _, k := range slices.Sorted(maps.Keys(kinds)) {
		t.Log(kinds[k], k, first[k])
	}
}
