package world

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheTableMeetsEveryCode(t *testing.T) {
	w := New(200, 10)
	table := w.Table()
	require.GreaterOrEqual(t, len(table), 40)
	seen := map[Code]int{}
	mixed := 0
	for _, q := range table {
		a := w.Judge(q)
		for _, c := range a {
			seen[c]++
		}
		if m := a.Permits(); m != 0 && m != 1<<Width-1 {
			mixed++
		}
	}
	for c := range codes {
		require.NotZero(t, seen[Code(c)], Code(c))
	}
	require.GreaterOrEqual(t, mixed, 5, "answers that permit some fields and not others")
	t.Log(len(table), seen, mixed)
}

func TestTheCommonQuestionIsPermittedInEveryWorld(t *testing.T) {
	for _, size := range [][2]int{{20, 10}, {200, 10}, {2000, 10}, {2000, 100}, {2000, 1000}, {20_000, 1000}} {
		w := New(size[0], size[1])
		require.Equal(t, All(Permit), w.Judge(Common()))
		require.GreaterOrEqual(t, len(w.Table()), 40)
	}
}
