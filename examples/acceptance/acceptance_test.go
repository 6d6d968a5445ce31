package acceptance

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// casesEnv names a folder with further cases in the same form.
const casesEnv = "PURPOSEBOUND_CASES"

// TestCases runs the cases of the five notices, a subtest for each notice: -run TestCases/fx runs one.
func TestCases(t *testing.T) {
	list, err := ReadDir("cases")
	require.NoError(t, err)
	total := runAll(t, Notices(".."), list)
	for _, u := range total.Unmapped {
		t.Errorf("unmapped: %s", u)
	}
}

// TestSiblings runs the cases that were added to those of the notices: for every clause the permit or the refusal that they
// lack.
func TestSiblings(t *testing.T) {
	list, err := ReadDir("siblings")
	require.NoError(t, err)
	for _, u := range runAll(t, Notices(".."), list).Unmapped {
		t.Errorf("unmapped: %s", u)
	}
}

// TestFurtherCases runs those of the folder that PURPOSEBOUND_CASES names, as it stands or from the root of the repository.
func TestFurtherCases(t *testing.T) {
	dir := os.Getenv(casesEnv)
	if dir == "" {
		t.Logf("%s names no folder", casesEnv)
		return
	}
	if _, err := os.Stat(dir); err != nil && !filepath.IsAbs(dir) {
		dir = filepath.Join("..", "..", dir)
	}
	list, err := ReadDir(dir)
	require.NoError(t, err)
	runAll(t, Notices(".."), list)
}

// runAll runs the cases, those of each notice in a subtest. A contested case has to fail, and fails the test if it does not.
func runAll(t *testing.T, notices []*Notice, list []Case) (total Tally) {
	disputed, err := Contested()
	require.NoError(t, err)
	run := func(t *testing.T, list []Case) {
		for i := range list {
			c := &list[i]
			r, diffs := RunOne(notices, c)
			for _, u := range r.Unmapped {
				total.Unmapped = append(total.Unmapped, c.ID+": "+u)
			}
			why, known := disputed[c.ID]
			switch {
			case len(diffs) == 0 && known:
				t.Errorf("%s passes and is in contested.txt", c.ID)
				total.Passed++
			case len(diffs) == 0:
				total.Passed++
			case known:
				fmt.Printf("contested, %s: %s\n", why, line(c, &r, diffs))
				total.Failed++
			default:
				fmt.Println(line(c, &r, diffs))
				total.Failed++
				t.Fail()
			}
		}
	}
	for _, n := range notices {
		t.Run(strings.ToLower(n.Prefix), func(t *testing.T) {
			run(t, slices.DeleteFunc(slices.Clone(list), func(c Case) bool { return prefix(c.ID) != n.Prefix }))
		})
	}
	run(t, slices.DeleteFunc(slices.Clone(list), func(c Case) bool { return noticeOf(notices, &c) != nil }))
	fmt.Println(&total)
	return total
}
