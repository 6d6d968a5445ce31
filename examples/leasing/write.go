package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
)

func (d *day) writeJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}

// writeText writes the table of the day, every explanation, and the trail.
func (d *day) writeText(w io.Writer) error {
	fmt.Fprintf(w, "A day at FOCUS flex leasing, %d requests, register %.19s\n\n", len(d.Steps), d.Register)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "#\twhat\twho\tpurpose\toutcome\treason\tclause")
	for _, t := range d.Steps {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", t.N, t.What, t.Who, t.Purpose, t.Outcome, dash(t.Code), dash(t.Clause))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, t := range d.Steps {
		fmt.Fprintf(w, "\n%d. %s\n", t.N, t.What)
		if err := t.Explanation.WriteText(w); err != nil {
			return err
		}
		if t.Alert != "" {
			fmt.Fprintln(w, "  ALERT released all the same:", t.Alert)
		}
		if t.Surprise != "" {
			fmt.Fprintf(w, "  SURPRISE %s, got %s %s\n", t.Surprise, t.Outcome, t.Code)
		}
	}
	fmt.Fprintf(w, "\nThe trail: %d events, %s\n\n", len(d.Trail), d.Verdict)
	table = tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "seq\ttime\tevent\toutcome\treason\tpurpose\trecipient\tbasis\tclause\tfields")
	for _, e := range d.Trail {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\n", e.Seq, e.Time.Format("15:04:05Z"), e.Name, dash(e.Outcome), dash(e.Reason),
			dash(e.Purpose), dash(e.Recipient), dash(e.Basis), dash(e.Clause), len(e.Fields))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%d surprises\n", d.Surprises)
	return err
}

func dash[S ~string](s S) S { return cmp.Or(s, "-") }
