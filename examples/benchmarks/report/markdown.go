package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/purposebound/purposebound/examples/benchmarks/parts"
)

// WriteMarkdown writes the results for people to read.
func (r *Results) WriteMarkdown(w io.Writer) error {
	targets, err := r.Targets()
	if err != nil {
		return err
	}
	var b strings.Builder
	r.intro(&b)
	r.best(&b)
	r.targets(&b, targets)
	r.main(&b)
	r.sizes(&b)
	r.parts(&b)
	r.work(&b)
	r.method(&b)
	_, err = io.WriteString(w, b.String())
	return err
}

func (r *Results) intro(b *strings.Builder) {
	fmt.Fprintf(b, `# Results

One decision, made in many ways: may this principal see the 20 tagged fields of this record, for this purpose? Purposes, roles,
actions, selectors of categories, bans and the state of the person count, and the answer names a reason for every field.

Read the figures with this in mind. purposebound has **one fixed model of a decision**, compiled to tables when it is loaded.
OPA, CEL, Cedar and Casbin are **general**: they can express what this model cannot, and they pay for that on every evaluation.
A hand-written plan for this one decision is faster than purposebound, and stands beside it. Whoever has ten rules and a few requests
a second will notice none of this. Every peer was tuned as far as we know how, and its best row is printed; if you can make one faster,
the code is here.

**A guard remembers.** All rows are asked the same question again and again, and a decision of purposebound is given again to equal requests
for as long as nothing that it rests on has changed; of the peers only the row of Casbin with all answers cached does the like. The rows
"somebody else each time", "other facts each time" and "other roles each time" show what a decision takes that was never taken before, and a
table of its own holds the last two against the limits.

Written by `+"`go run ./cmd/results`"+` in %s, on %s.

`, r.Took.Round(time.Second), machine())
	for _, v := range versions() {
		fmt.Fprintf(b, "- %s\n", v)
	}
	b.WriteString("\n")
}

// best is the quickest row of each family, the engine's own and what it hands on to Go; all of those by hand and of ours.
func (r *Results) best(b *strings.Builder) {
	native, _ := r.Main.row("bound.native")
	fmt.Fprintf(b, "## The quickest of each\n\nOver %s tagged fields and %s purposes. All rows are below.\n\n| | | ns/op | x purposebound |\n|---|---|---:|---:|\n",
		thousands(int64(r.Main.Fields)), thousands(int64(r.Main.Purposes)))
	for i, row := range r.Main.Rows {
		if row.Skipped || row.Floor || !row.First && row.Family == "purposebound" {
			continue
		}
		quicker := slices.ContainsFunc(r.Main.Rows, func(o Row) bool {
			return !o.Skipped && !o.Floor && o.Family == row.Family && o.Outside == row.Outside && o.Ns < row.Ns
		})
		if row.Family == "by hand" || row.Family == "purposebound" || !quicker {
			fmt.Fprintf(b, "| %s | %s | %s | %s |\n", row.Family, r.Main.Rows[i].Name, figure(row.Ns), figure(row.Ns/native.Ns))
		}
	}
	b.WriteString("\n")
}

func (r *Results) targets(b *strings.Builder, all []Target) {
	b.WriteString("## What it was to reach\n\n")
	list(b, all, func(t Target) bool { return !t.Beyond })
	b.WriteString("Releasing 20 fields into a view cannot be seen apart from outside the library; its own benchmarks measure it (`go test -bench . ./policy`).\n\n")
	b.WriteString("The same limits, held against decisions that were never taken before, in which every condition and every rule is evaluated. " +
		"The peers are\nstill asked the same again and again, with all that helps them in the processor's caches.\n\n")
	list(b, all, func(t Target) bool { return t.Beyond })
}

// list writes some of the targets.
func list(b *strings.Builder, all []Target, these func(Target) bool) {
	met, n := 0, 0
	for _, t := range all {
		if these(t) {
			if n++; t.Met {
				met++
			}
		}
	}
	fmt.Fprintf(b, "%d of %d reached.\n\n| | target | | found | |\n|---|---|---:|---:|---|\n", met, n)
	for _, t := range all {
		word := "**not reached**"
		if t.Met {
			word = "reached"
		}
		if these(t) {
			fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", t.Group, t.Claim, t.Limit, t.Found, word)
		}
	}
	b.WriteString("\n")
}

func (r *Results) main(b *strings.Builder) {
	native, _ := r.Main.row("bound.native")
	fmt.Fprintf(b, `## %s tagged fields, %s purposes

Before anything was timed, every row but the floor answered the same table of questions as the rules do when they are read naively;
the column says how many of them it was asked. "Reasons" says whether a code comes with every field.

| | | answers | reasons | ns/op | CPU ns/op | B/op | allocs/op | x purposebound | x with 2 goroutines | load | held |
|---|---|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|
`, thousands(int64(r.Main.Fields)), thousands(int64(r.Main.Purposes)))
	for _, row := range r.Main.Rows {
		if row.Skipped {
			fmt.Fprintf(b, "| %s | %s | | | not measured: %s | | | | | | | |\n", row.Family, row.Name, row.Why)
			continue
		}
		asked, reasons := strconv.Itoa(row.Asked), "yes"
		if row.Floor {
			asked, reasons = "floor", "-"
		} else if row.Bare {
			reasons = "no"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", row.Family, row.Name, asked, reasons, figure(row.Ns), figure(row.CPU),
			thousands(int64(row.Bytes)), thousands(int64(row.Allocs)), figure(row.Ns/native.Ns), figure(row.Two.Of), span(row.Load), size(row.Held))
	}
	b.WriteString("\n")
}

func (r *Results) sizes(b *strings.Builder) {
	tables := append([]Table{r.Main}, r.Others...)
	slices.SortFunc(tables, func(a, b Table) int { return cmp.Or(a.Fields-b.Fields, a.Purposes-b.Purposes) })
	b.WriteString("## By size of the register\n\nns/op, with load time and memory held.\n\n| | |")
	for _, t := range tables {
		fmt.Fprintf(b, " %s fields, %s purposes |", thousands(int64(t.Fields)), thousands(int64(t.Purposes)))
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---:|", len(tables)) + "\n")
	if len(tables) > 0 {
		for i := range tables[0].Rows {
			fmt.Fprintf(b, "| %s | %s |", tables[0].Rows[i].Family, tables[0].Rows[i].Name)
			for _, t := range tables {
				row := t.Rows[i]
				if row.Skipped {
					b.WriteString(" not measured |")
					continue
				}
				fmt.Fprintf(b, " %s (%s, %s) |", figure(row.Ns), span(row.Load), size(row.Held))
			}
			b.WriteString("\n")
		}
		for _, row := range tables[0].Rows {
			if row.Most > 0 {
				fmt.Fprintf(b, "\n%s, %s: not measured beyond %s fields, for %s.", row.Family, row.Name, thousands(int64(row.Most)), row.Why)
			}
		}
	}
	b.WriteString("\n\npurposebound, native gates, all sizes in turns in one run:")
	for _, s := range r.Config.all() {
		fmt.Fprintf(b, " %s fields and %s purposes %s ns;", thousands(int64(s.Fields)), thousands(int64(s.Purposes)), figure(r.Growth[s].Ns))
	}
	b.WriteString("\n\n")
}

func (r *Results) parts(b *strings.Builder) {
	b.WriteString("## Parts\n\nThe trail keeps nothing and answers at once, so that no disk is measured.\n\n| | ns/op | CPU ns/op | B/op | allocs/op |\n|---|---:|---:|---:|---:|\n")
	n := thousands(int64(r.Config.Batch))
	for _, p := range []struct{ key, name string }{
		{parts.Decide, "deciding about 20 fields"}, {parts.Read, "reading 20 fields: decided, recorded, looked at again, released"},
		{parts.Calls, n + " calls, one person"}, {parts.Batch, n + " records in one batch, one person"},
		{parts.OwnCalls, n + " calls, each about another person"}, {parts.OwnBatch, n + " records in one batch, each about another person"},
		{parts.EventJSON, "an event of the trail, encoding/json alone"}, {parts.EventLine, "an event of the trail, checked, encoded, chained"}} {
		x := r.Parts[p.key]
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", p.name, figure(x.Ns), figure(x.CPU), thousands(int64(x.Bytes)), thousands(int64(x.Allocs)))
	}
	fmt.Fprintf(b, "\nLoading %s tagged fields and %s purposes:", thousands(int64(r.Config.Large.Fields)), thousands(int64(r.Config.Large.Purposes)))
	for _, s := range r.Loading {
		fmt.Fprintf(b, " %s %s, %s held by then (%.0f B a field);", s.Name, span(s.Took), size(s.Bytes), float64(s.Bytes)/float64(r.Config.Large.Fields))
	}
	b.WriteString("\n\n")
}
