package audit

// Verdict is what a check of a stream found. The list is closed; the zero value is no verdict, and not a good one.
type Verdict string

const (
	// Pass means that every event up to [Report.Proved] is the one that was anchored, and none is missing. Those behind,
	// which no checkpoint covers yet, are consistent.
	Pass Verdict = "passed"
	// Consistent is the best that lines alone can say: some cut from the end at a line boundary, an edit of the last one
	// and a stream rewritten as a whole all look like this.
	Consistent Verdict = "consistent, completeness not proved"
	// Pruned is Consistent for a stream whose start was pruned: no anchor covers what is left, or (with an error in the
	// report) no event says that this much was pruned.
	Pruned    Verdict = "pruned, completeness not proved"
	Torn      Verdict = "torn"      // the last line has no end
	Truncated Verdict = "truncated" // the stream ends before an event that was anchored
	Gap       Verdict = "gap"       // seq leaps: lines are missing
	Forked    Verdict = "forked"    // seq falls behind, or another history was anchored: lines of two writers, or rewritten
	Edited    Verdict = "edited"    // a line is not canonical, or not the one that the next was chained to
	Unsigned  Verdict = "unsigned"  // the lines are consistent, but the signature of an anchored checkpoint does not hold
)

// ExitCode is for commands that verify: 0 for Pass alone, and another for each verdict.
func (v Verdict) ExitCode() int {
	for i, known := range []Verdict{Pass, "", "", Consistent, Pruned, Torn, Truncated, Gap, Forked, Edited, Unsigned} {
		if v == known && v != "" {
			return i
		}
	}
	return 1
}

// Report is the result of a check up to the first fault.
type Report struct {
	Verdict Verdict
	Count   uint64 // lines before the fault
	Head    Head   // of these lines
	Root    Hash   // of the tree over the stream; zero where it ends in a fault, or does not start at its first event
	Proved  uint64 // the last event that an anchor covers
	Pruned  uint64 // events that the lines begin behind
	BadSeq  uint64 // first event that may not be as written; 0 if none
	Offset  int64  // in bytes, where the fault shows; the end of the input if there is none
	Err     error  // what is wrong with a line that does not parse, or with the pruning, else nil
}
