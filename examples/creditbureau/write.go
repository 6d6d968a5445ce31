package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/purposebound/purposebound/audit"
)

// write tells the day as text.
func (d *day) write(w io.Writer) error {
	fmt.Fprintf(w, "A day at Focum, a credit-information bureau: 10 October 2017, notice %s, register %.19s\n", d.notice, d.register)
	for _, c := range d.chapters {
		fmt.Fprintf(w, "\n%s\n", c.title)
		for i := range c.steps {
			c.steps[i].write(w)
		}
	}
	fmt.Fprint(w, "\nIn the evening Sanne writes\n")
	for i := range d.letters {
		a := &d.letters[i]
		o := &a.outcome
		fmt.Fprintf(w, "  \"%s\"\n      %s: %s [%s]; the answer is due on %s", a.what, o.Kind, o.Result, o.Clause, o.Clock.Due)
		if !o.Clock.Aim.IsZero() {
			fmt.Fprintf(w, ", the bureau's own aim is %s", o.Clock.Aim)
		}
		fmt.Fprintln(w)
		for _, line := range a.lines() {
			fmt.Fprintf(w, "      %s\n", line)
		}
		if o.Result != a.want {
			fmt.Fprintf(w, "      SURPRISE expected %s\n", a.want)
		}
	}
	fmt.Fprint(w, "\nAt night the store of claims is gone through\n")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, k := range d.night {
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", k.key, k.becomes, k.why, k.story)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if err := d.writeTrail(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%d surprises\n", d.surprises)
	return err
}

func (t *told) write(w io.Writer) {
	fmt.Fprintf(w, "  %s  %s\n", minute(t.n).Format("15:04"), t.step.what)
	who := t.step.req.Principal.Roles[0]
	if r := t.step.req.Recipient; r != "" {
		who += " to " + r
	}
	fmt.Fprintf(w, "         %s, for %s: %s\n", who, t.step.req.Purpose, strings.ToUpper(t.outcome))
	if t.outcome == partial {
		var got []string
		for i := range t.Fields {
			if t.Fields[i].Result != "deny" {
				got = append(got, t.Fields[i].Field)
			}
		}
		fmt.Fprintf(w, "         got %s alone\n", strings.Join(got, ", "))
	}
	if why := t.why(); why != "" {
		fmt.Fprintf(w, "         %s\n", why)
	}
	if len(t.Obligations) > 0 {
		fmt.Fprintf(w, "         and: %s\n", strings.Join(t.Obligations, ", "))
	}
	if t.surprise != "" {
		fmt.Fprintf(w, "         SURPRISE %s, got %s\n", t.surprise, t.outcome)
	}
}

// writeTrail writes how many events of each kind are on record, and whether they still are as they were written.
func (d *day) writeTrail(w io.Writer) error {
	type kind struct {
		name    audit.Name
		outcome audit.Outcome
	}
	count := map[kind]int{}
	var kinds []kind
	for i := range d.trail {
		k := kind{d.trail[i].Name, d.trail[i].Outcome}
		if count[k]++; count[k] == 1 {
			kinds = append(kinds, k)
		}
	}
	slices.SortFunc(kinds, func(a, b kind) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.outcome, b.outcome)) })
	fmt.Fprintf(w, "\nThe trail holds %d events and is %s: a person stands there by an alias, a value never\n", len(d.trail), d.verdict)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, k := range kinds {
		fmt.Fprintf(table, "  %d\t%s\t%s\n", count[k], k.name, k.outcome)
	}
	return table.Flush()
}
