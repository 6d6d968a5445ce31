package table_test

import (
	"encoding/json"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/table"
)

func collect(t *testing.T, text string, deciders ...policy.Decider) *table.Coverage {
	t.Helper()
	c := table.NewCollector(register(t), deciders...)
	r, err := table.Run(t.Context(), register(t), []policy.Decider{clerks{}}, []*table.Table{parse(t, text)}, table.Into(c))
	require.NoError(t, err)
	require.True(t, r.OK())
	return c.Coverage()
}

func TestCoverageCountsRulesActivitiesAndClauses(t *testing.T) {
	c := collect(t, one, clerks{})
	require.Equal(t, 1, c.Decisions)
	matched := map[string]int{}
	for _, r := range c.Rules {
		matched[r.Rule] = r.Matched
	}
	require.Equal(t, map[string]int{"billing": 1, "debtors": 0, "incomes": 0, "mask": 1}, matched)
	require.Equal(t, table.ActivityCoverage{Activity: "run-lease", Clause: "2.1", Permitted: 1}, c.Activities[0])
	require.Equal(t, table.ActivityCoverage{Activity: "mail", Clause: "2.3"}, c.Activities[2])

	c = collect(t, refusals, clerks{})
	require.Equal(t, 31, c.Decisions)
	byClause := map[string]table.ClauseCoverage{}
	for _, x := range c.Clauses {
		byClause[x.Clause] = x
	}
	require.Equal(t, []string{"2.1", "2.2", "2.3", "2.4", "9.9", "3.2", "3.3"}, clausesOf(c))
	require.Equal(t, table.ClauseCoverage{Clause: "9.9", Refused: 2}, byClause["9.9"])
	require.True(t, byClause["2.4"].Ground)
	require.Equal(t, 1, byClause["2.4"].Permitted)
	require.Equal(t, 1, byClause["2.4"].Refused, "the objection")
}

func clausesOf(c *table.Coverage) (list []string) {
	for _, x := range c.Clauses {
		list = append(list, x.Clause)
	}
	return list
}

func TestThresholds(t *testing.T) {
	c := collect(t, one, clerks{})
	for _, x := range []struct {
		least table.Threshold
		want  string
	}{
		{table.Threshold{}, ""},
		{table.Threshold{Rules: 0.5, Permitted: 0.25}, ""},
		{table.Threshold{Rules: 0.51}, "rules that matched: 2 of 4 (50.0%), at least 51.0% wanted; missing: clerks/debtors (clerks.go:2), clerks/incomes (clerks.go:3)"},
		{table.Threshold{Permitted: 0.26}, "activities that carried a permit: 1 of 4 (25.0%), at least 26.0% wanted; missing: run-guarantee, mail, count"},
		{table.Threshold{Refused: 0.01}, "activities that a refusal names: 0 of 4 (0.0%), at least 1.0% wanted; missing: run-lease, run-guarantee, mail, count"},
		{table.Threshold{Rules: 1.01}, "rules that matched: the threshold is not between 0 and 1"},
		{table.Threshold{Rules: -1}, "rules that matched: the threshold is not between 0 and 1"},
		{table.Threshold{Refused: math.NaN()}, "activities that a refusal names: the threshold is not between 0 and 1"},
	} {
		require.Equal(t, x.want, strings.Join(c.Below(x.least), "\n"))
	}
	require.Equal(t, []string{"nothing was decided"}, table.NewCollector(register(t), clerks{}).Coverage().Below(table.Threshold{}))
}

// mute lists no rules.
type mute struct{ policy.Decider }

func TestAPolicyThatListsNothingReachesNoThreshold(t *testing.T) {
	c := collect(t, one, mute{clerks{}}, nil, (*mute)(nil))
	require.Equal(t, []string{"clerks", "unknown", "unknown"}, c.Unlisted)
	require.Empty(t, c.Below(table.Threshold{}))
	require.Contains(t, strings.Join(c.Below(table.Threshold{Rules: 0.01}), "\n"), "rules: not listed by clerks, unknown, unknown")
	require.Empty(t, table.NewCollector(nil).Coverage().Activities)
}

func TestCoverageReads(t *testing.T) {
	var b strings.Builder
	c := collect(t, one, clerks{})
	require.NoError(t, c.WriteText(&b))
	require.Equal(t, `1 decision(s)
rules that matched: 2 of 4 (50.0%)
  not clerks/debtors (clerks.go:2)
  not clerks/incomes (clerks.go:3)
activities that carried a permit: 1 of 4 (25.0%)
  not run-guarantee
  not mail
  not count
activities that a refusal names: 0 of 4 (0.0%)
  not run-lease
  not run-guarantee
  not mail
  not count
clauses that a permit rests on: 1 of 4 (25.0%)
  not 2.2
  not 2.3
  not 2.4
clauses that a refusal cites: 0 of 7 (0.0%)
  not 2.1
  not 2.2
  not 2.3
  not 2.4
  not 9.9
  not 3.2
  not 3.3
`, b.String())
	data, err := json.Marshal(c)
	require.NoError(t, err)
	require.Contains(t, string(data), `{"policy":"clerks","rule":"billing","effect":"permit","file":"clerks.go","line":1,"matched":1}`)
}

func TestACollectorIsSharedByRuns(t *testing.T) {
	reg, c := register(t), table.NewCollector(register(t), clerks{})
	tab := parse(t, refusals)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if _, err := table.Run(t.Context(), reg, []policy.Decider{clerks{}}, []*table.Table{tab}, table.Into(c)); err != nil {
				t.Error(err)
			}
			_ = c.Coverage().Below(table.Threshold{Rules: 1})
		})
	}
	group.Wait()
	require.Equal(t, 4*31, c.Coverage().Decisions)
}
