package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

func (d *day) writeJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}

// writeText tells the day: what was asked, what was answered and why, the night, and the trail.
func (d *day) writeText(w io.Writer) error {
	fmt.Fprintf(w, "Monday 4 May 2026 at %s\nnotice %s, register %.19s\n", d.Controller, d.Notice, d.Register)
	for i := range d.Steps {
		t := &d.Steps[i]
		if t.Part != "" {
			fmt.Fprintf(w, "\n%s\n", t.Part)
		}
		fmt.Fprintf(w, "  %s  %s\n         %s\n", t.Time.Format("15:04"), t.What, strings.ToUpper(t.Outcome))
		for _, line := range t.Why {
			fmt.Fprintf(w, "           %s\n", line)
		}
		if t.Surprise != "" {
			fmt.Fprintf(w, "         SURPRISE %s\n", t.Surprise)
		}
	}
	fmt.Fprintf(w, "\nMidnight: what must not be kept any longer\n")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, p := range d.Night.Papers {
		why := words(strings.TrimPrefix(string(p.Reason), "retention."))
		if !p.LastDay.IsZero() {
			why += ", last day " + p.LastDay.String()
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s %s\n", p.What, words(p.Status.String()), why, dash(p.Rule), clause(p.Clause))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "  %d erased, %d left\n", d.Night.Erased, d.Night.Left)
	fmt.Fprintf(w, "\nThe trail: %d events, %s\n", len(d.Trail), d.Verdict)
	table = tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "seq\ttime\tevent\toutcome\treason\tpurpose\trecipient\tbasis\tclause\tfields")
	for _, e := range d.Trail {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", e.Seq, e.Time.Format("15:04"), e.Name, dash(e.Outcome), dash(e.Reason),
			dash(e.Purpose), dash(e.Recipient), dash(e.Basis), dash(e.Clause), dash(strings.Join(e.Fields, ",")))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%d surprises\n", d.Surprises)
	return err
}

func dash[S ~string](s S) S { return cmp.Or(s, "-") }

func clause(s string) string {
	if s == "" {
		return ""
	}
	return "[" + s + "]"
}
