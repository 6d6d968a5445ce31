package acceptance

import (
	_ "embed" // the contested cases
	"fmt"
	"io"
	"strings"
)

// Tally counts cases.
type Tally struct {
	Passed, Failed int
	Unmapped       []string // "id: key"
}

func (t *Tally) String() string {
	return fmt.Sprintf("cases: %d passed, %d failed", t.Passed, t.Failed)
}

// RunAll runs cases in order and writes a line for each that fails, then how many passed and failed.
func RunAll(out io.Writer, notices []*Notice, list []Case) Tally {
	var t Tally
	for i := range list {
		r, diffs := RunOne(notices, &list[i])
		for _, u := range r.Unmapped {
			t.Unmapped = append(t.Unmapped, list[i].ID+": "+u)
		}
		if len(diffs) == 0 {
			t.Passed++
			continue
		}
		t.Failed++
		fmt.Fprintln(out, line(&list[i], &r, diffs))
	}
	fmt.Fprintln(out, &t)
	return t
}

// RunOne runs a case and compares: no difference means that it passes.
func RunOne(notices []*Notice, c *Case) (r Result, diffs []string) {
	r = Run(notices, c)
	n := noticeOf(notices, c)
	if n == nil {
		n = &Notice{}
	}
	return r, Compare(n, c, &r)
}

// line says of a failing case what was expected and what came out, and why.
func line(c *Case, r *Result, diffs []string) string {
	for _, u := range r.Unmapped {
		diffs = append(diffs, "unmapped: "+u)
	}
	return fmt.Sprintf("FAIL %s (%s): expected %s, got %s: %s; codes: %s", c.ID, c.Clause, c.Expect, or(r.Outcome, "no answer"),
		strings.Join(diffs, "; "), or(strings.Join(r.Codes, ", "), "none"))
}

//go:embed contested.txt
var contestedList string

// Contested lists the cases whose expectation is held to be wrong, each with the article and the reason. They fail, and are
// counted as failed; a test sees to it that none of them passes.
func Contested() (map[string]string, error) { return contested(contestedList) }

func contested(text string) (map[string]string, error) {
	list := map[string]string{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		id, why, ok := strings.Cut(line, " ")
		if _, again := list[id]; !ok || again {
			return nil, fmt.Errorf("contested.txt:%d: an id, once, with the article and the reason", i+1)
		}
		list[id] = why
	}
	return list, nil
}
