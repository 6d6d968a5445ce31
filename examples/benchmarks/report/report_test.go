package report

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/examples/benchmarks/contest"
)

func TestAShortRunOfEverythingIsWrittenDown(t *testing.T) {
	r, err := Run(context.Background(), Short(), io.Discard)
	require.NoError(t, err)
	var text bytes.Buffer
	require.NoError(t, r.WriteMarkdown(&text))
	for _, c := range contest.Contenders() {
		require.Contains(t, text.String(), "| "+c.Family+" | "+c.Name+" |")
	}
	for _, row := range r.Main.Rows {
		require.False(t, row.Skipped, row.Key)
		require.Positive(t, row.Ns, row.Key)
		if !row.Floor {
			require.GreaterOrEqual(t, row.Asked, 40, row.Key)
		}
	}
	for _, w := range r.Work {
		require.Equal(t, w.Operations, w.Agreed, w.Disagreed)
	}
	targets, err := r.Targets()
	require.NoError(t, err)
	promised := slices.DeleteFunc(slices.Clone(targets), func(t Target) bool { return t.Beyond })
	require.Len(t, promised, 24) // the short run has no two registers that differ in their purposes alone
	require.Len(t, targets, 24+5)
	require.NotContains(t, text.String(), "NaN")

	// The control: a row that was not measured is no target that was reached.
	r.Main.Rows[0].Skipped = true
	require.Equal(t, "hand.maps", r.Main.Rows[0].Key)
	_, err = r.Targets()
	require.ErrorContains(t, err, "hand.maps was not measured")
	require.Error(t, r.WriteMarkdown(io.Discard))
}

func TestTargetsAreHeldToTheirLimits(t *testing.T) {
	var all targets
	all.most("at", 3, 3, "x")
	all.most("above", 3.01, 3, "x")
	all.least("at", 8, 8)
	all.least("below", 7.99, 8)
	var met []bool
	for _, t := range all.all {
		met = append(met, t.Met)
	}
	require.Equal(t, []bool{true, false, true, false}, met)
}

func TestTheMachineHasNoName(t *testing.T) {
	require.NotContains(t, machine(), "/root")
	require.True(t, strings.Contains(machine(), "cores"))
}

func TestFiguresAreReadable(t *testing.T) {
	require.Equal(t, "1,234,567", thousands(1_234_567))
	require.Equal(t, "-12", thousands(-12))
	require.Equal(t, "999", thousands(999))
	require.Equal(t, "0.31", figure(0.312))
	require.Equal(t, "12.3", figure(12.34))
	require.Equal(t, "1,235", figure(1234.6))
	require.Equal(t, "3", figure(3))
	require.Equal(t, "1.50 ms", span(1500*time.Microsecond))
	require.Equal(t, "2.0 s", span(2*time.Second))
	require.Equal(t, "12 MB", size(12<<20))
}
