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
	if err := d.writeEvening(w); err != nil {
		return err
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

// writeEvening writes the answers to the letters, and what the night must erase.
func (d *day) writeEvening(w io.Writer) error {
	fmt.Fprintf(w, "\nLetters, each to be answered by the end of the day that it names\n")
	for i := range d.Letters {
		a := &d.Letters[i]
		fmt.Fprintf(w, "\n  %q\n    %s, by %s %s\n", a.What, a.Outcome.Result, a.Outcome.Clock.Due, clause(a.Outcome.Clause))
		for _, x := range a.Outcome.Items {
			fmt.Fprintf(w, "    %s: %s\n", cmp.Or(x.Field, x.Part), x.Result)
			for _, r := range x.Reasons {
				fmt.Fprintf(w, "      %s\n", r.String())
			}
		}
		for _, r := range a.Outcome.Reasons {
			fmt.Fprintf(w, "    %s\n", r.String())
		}
		for _, o := range a.Outcome.Obligations {
			fmt.Fprintf(w, "    and: %s\n", o)
		}
		if len(a.Outcome.ReferTo) > 0 {
			fmt.Fprintf(w, "    answered by: %s\n", strings.Join(a.Outcome.ReferTo, ", "))
		}
		if a.Surprise != "" {
			fmt.Fprintf(w, "    SURPRISE %s\n", a.Surprise)
		}
	}
	fmt.Fprintf(w, "\nMidnight: the archive\n\n")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "what\tmust\tlast day\treason\trule\tlaw\tclause")
	for _, k := range d.Night {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.What, k.Status, dash(k.LastDay.String()), k.Because, dash(k.Rule), dash(k.Law), dash(k.Clause)+surprise(k.Surprise))
	}
	return table.Flush()
}

func clause(s string) string {
	if s == "" {
		return ""
	}
	return "[" + s + "]"
}

func surprise(s string) string {
	if s == "" {
		return ""
	}
	return " SURPRISE " + s
}

func dash[S ~string](s S) S { return cmp.Or(s, "-") }
