package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/policy"
)

func (d *day) writeJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}

// writeText tells the day: who did what, whether it was let through, and on which clause of the notice.
func (d *day) writeText(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Monday 15 April 2024 at Dansk Financia, a landlord (privacy notice 2.4, register %.19s)\n", d.Register)
	for i := range d.Steps {
		t := &d.Steps[i]
		if t.Chapter != "" {
			fmt.Fprintf(&b, "\n%s\n", strings.ToUpper(t.Chapter))
		}
		fmt.Fprintf(&b, "\n%s  %s.\n", t.Time.Format("15:04"), t.What)
		e := t.Explanation
		fmt.Fprintf(&b, "       %s: %s%s for %s, by %s\n", strings.ToUpper(t.Outcome), e.Action, to(e), cmp.Or(e.Purpose, "no purpose of the notice"), t.Who)
		reasons(&b, e)
		surprise(&b, t.Surprise)
	}
	fmt.Fprintf(&b, "\nREQUESTS OF DATA SUBJECTS, at %s\n", evening.Format("15:04"))
	for _, a := range d.Answers {
		fmt.Fprintf(&b, "\n       %s.\n       %s, to be answered by %s%s\n", a.What, strings.ToUpper(a.Result.String()), a.Due, clause(a.Clause))
		for _, i := range a.Items {
			if i.Part == "" {
				continue
			}
			fmt.Fprintf(&b, "         %s: %s", i.Part, i.Result)
			for j := range i.Reasons {
				fmt.Fprintf(&b, "; %s", &i.Reasons[j])
			}
			fmt.Fprintln(&b)
		}
		if len(a.ReferTo) > 0 {
			fmt.Fprintf(&b, "         answers for it: %s\n", strings.Join(a.ReferTo, ", "))
		}
		surprise(&b, a.Surprise)
	}
	fmt.Fprintf(&b, "\nTONIGHT, at %s\n\n", night.Format("15:04"))
	for _, k := range d.Tonight {
		fmt.Fprintf(&b, "       %-15s %s%s\n", k.Status, k.What, clause(k.Clause))
		if !k.LastDay.IsZero() {
			fmt.Fprintf(&b, "                       last day %s, by %s\n", k.LastDay, k.Rule)
		} else {
			fmt.Fprintf(&b, "                       %s %s\n", k.Reason, k.Rule)
		}
		surprise(&b, k.Surprise)
	}
	fmt.Fprintf(&b, "\nTHE TRAIL\n\n       %d events, %s\n", d.Events, d.Verdict)
	for _, name := range slices.Sorted(maps.Keys(d.Kinds)) {
		fmt.Fprintf(&b, "       %4d  %s\n", d.Kinds[name], name)
	}
	fmt.Fprintf(&b, "\n%d surprises\n", d.Surprises)
	_, err := w.Write(b.Bytes())
	return err
}

// reasons says what a permit rests on and why what was withheld was withheld, and what comes with the answer.
func reasons(w io.Writer, e *policy.Explanation) {
	for _, g := range e.Grounds {
		fmt.Fprintf(w, "         on %s, %s%s: %s\n", g.Basis, g.Activity, clause(g.Clause), strings.Join(g.Fields, ", "))
	}
	var order []string
	withheld := map[string][]string{}
	for _, f := range e.Fields {
		if len(f.Reasons) == 0 {
			continue
		}
		why := f.Reasons[0].String()
		if withheld[why] == nil {
			order = append(order, why)
		}
		withheld[why] = append(withheld[why], f.Field)
	}
	for _, why := range order {
		fmt.Fprintf(w, "         withheld %s: %s\n", strings.Join(withheld[why], ", "), why)
	}
	if len(order) == 0 && e.Because != nil {
		fmt.Fprintf(w, "         %s\n", e.Because)
	}
	if len(e.Obligations) > 0 {
		fmt.Fprintf(w, "         and: %s\n", strings.Join(e.Obligations, ", "))
	}
}

func surprise(w io.Writer, s string) {
	if s != "" {
		fmt.Fprintln(w, "       SURPRISE", s)
	}
}

func clause(s string) string {
	if s == "" {
		return ""
	}
	return " [" + s + "]"
}

func to(e *policy.Explanation) string {
	if e.Recipient == "" {
		return ""
	}
	return " with " + e.Recipient
}
