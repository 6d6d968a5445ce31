package report

import (
	"fmt"
	"strings"
)

func (r *Results) work(b *strings.Builder) {
	fmt.Fprintf(b, `## A workload derived from GDPRbench

Derived, not the benchmark itself, and no score of it: the attributes of a record and the mixes of the four roles are taken over, the store is
a map in memory, and what is measured is the guard with its ledger and a trail in files, synced to disk before anything is released. Package
gdpr says what differs. %s records of %s people, %s operations of one client; an oracle that knows no library does each operation too.

`, thousands(int64(r.Config.Work.Records)), thousands(int64(max(1, r.Config.Work.Records/10))), thousands(int64(r.Config.Work.Operations)))
	b.WriteString("| mix | keys | completed in | agrees with the oracle | events of the trail | bytes of one |\n|---|---|---:|---:|---:|---:|\n")
	for _, w := range r.Work {
		fmt.Fprintf(b, "| %s | %s | %s | %d of %d | %s | %.0f |\n", w.Mix, keys(w.Zipfian), span(w.Took), w.Agreed, w.Operations, thousands(int64(w.Events)), w.TrailBytes)
	}
	for _, w := range r.Work {
		if w.Disagreed != "" {
			fmt.Fprintf(b, "\n%s, %s keys: %s\n", w.Mix, keys(w.Zipfian), w.Disagreed)
		}
	}
	b.WriteString("\n| operation | keys | n | p50 | p99 |\n|---|---|---:|---:|---:|\n")
	for _, w := range r.Work {
		for _, t := range w.Timings {
			fmt.Fprintf(b, "| %s: %s | %s | %d | %s | %s |\n", w.Mix, t.Kind, keys(w.Zipfian), t.N, span(t.P50), span(t.P99))
		}
	}
	if len(r.Work) > 0 {
		w := r.Work[0]
		fmt.Fprintf(b, "\nA record has %.0f bytes of values and %.0f bytes of metadata of its own, written as text; the ledger holds %.0f bytes of the heap for it, "+
			"which is a tenth of its person's.\n\n", w.Data, w.Own, w.Ledger)
	}
}

func keys(zipfian bool) string {
	if zipfian {
		return "zipfian"
	}
	return "uniform"
}

func (r *Results) method(b *strings.Builder) {
	fmt.Fprintf(b, `## How it was measured

- Everything that can be made ready for a question is made ready before the clock runs: maps, terms, activations, requests. The peers'
  answers are left in their own form; what reads them is not timed.
- All rows run in turns, once in each of %d passes of about %s; a run that takes longer is run once in a pass. ns/op is the median of the
  passes by the wall clock. CPU ns/op is the time of the processor that the whole process spent, the collection of garbage included, as a mean;
  where the two are far apart, others had the machine. Most short passes have no collection in them, so that the median leaves much of its
  cost out: that is kind to those who allocate.
- Two goroutines ask at once, each with a question of its own; the factor is their throughput beside that of one, timed just before and
  just after, the median of %d passes of about %s each (%d of %s for the target). Two that have a
  guard each share nothing, and reach what the machine has to give: %s in this run, with quartiles, and %s with one guard.
- Load is one load, and held is what it leaves on the heap. Hand-written rows, CEL, OPA and Cedar hold the register in the form that the
  row asks; purposebound holds the register, its rules, and the plans of all record types.
- The state of a person is known to all contenders: purposebound asks its ledger in memory, the others are told.
`, r.Config.Turns.Passes, r.Config.Turns.Slice, r.Config.Two.Passes, r.Config.Two.Slice, r.Config.Scale.Passes, r.Config.Scale.Slice, r.Apart, r.Shared)
}
