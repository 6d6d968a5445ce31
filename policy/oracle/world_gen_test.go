package oracle_test

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/purposebound/purposebound/purpose"
)

func TestScratchCompile(t *testing.T) {
	bad := map[string]int{}
	ok := 0
	for i := range 500 {
		_, err := purpose.Compile(generateSpec(newDice(1, uint64(i))))
		if err == nil {
			ok++
			continue
		}
		var ps purpose.Problems
		errors.As(err, &ps)
		if len(bad) < 12 {
			t.Log(ps[0])
		}
		for _, p := range ps {
			bad[p.Code]++
		}
	}
	t.Log(ok, "of 500")
	for _, k := range slices.Sorted(maps.Keys(bad)) {
		t.Log(k, bad[k])
	}
}
