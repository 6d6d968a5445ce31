package table

import (
	"fmt"
	"io"
	"strings"

	"github.com/purposebound/purposebound/policy"
)

// Report says of every case whether it was decided as expected. It encodes as JSON and renders as text.
type Report struct {
	Register string   `json:"register_digest"`
	Results  []Result `json:"cases"`
}

// Result of one case. The zero Result has not passed.
type Result struct {
	File        string              `json:"file,omitempty"`
	Line        int                 `json:"line,omitempty"`
	Column      int                 `json:"column,omitempty"`
	Table       string              `json:"table,omitempty"`
	Case        string              `json:"case"`
	Passed      bool                `json:"passed"`
	Failures    []Failure           `json:"failures,omitempty"`
	Explanation *policy.Explanation `json:"explanation"`
}

// Failed counts the cases that did not pass.
func (r *Report) Failed() (n int) {
	for i := range r.Results {
		if !r.Results[i].Passed {
			n++
		}
	}
	return n
}

// OK reports whether there were cases and all of them passed.
func (r *Report) OK() bool { return r != nil && len(r.Results) > 0 && r.Failed() == 0 }

// WriteText writes the cases that failed, and how many passed.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	for i := range r.Results {
		if !r.Results[i].Passed {
			b.WriteString(r.Results[i].String() + "\n")
		}
	}
	n := r.Failed()
	fmt.Fprintf(&b, "%d case(s), %d passed, %d failed\n", len(r.Results), len(r.Results)-n, n)
	_, err := io.WriteString(w, b.String())
	return err
}

// String is the result with what was expected, what came out, and for a failure why.
func (r *Result) String() string {
	var b strings.Builder
	if r.File != "" {
		fmt.Fprintf(&b, "%s:%d:%d: ", r.File, r.Line, r.Column)
	}
	if r.Table != "" {
		b.WriteString(r.Table + ": ")
	}
	b.WriteString(r.Case)
	if r.Passed {
		return b.String() + ": passed"
	}
	b.WriteString(": failed\n")
	for _, f := range r.Failures {
		fmt.Fprintf(&b, "  %s: expected %s, got %s\n", f.What, f.Want, f.Got)
	}
	if e := r.Explanation; e != nil {
		fmt.Fprintf(&b, "  decided: %s, reason %s\n", e.Outcome, orNothing(string(because(e))))
		for line := range strings.Lines(e.String()) {
			b.WriteString("    " + line)
		}
	}
	return b.String()
}
