package erasure

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/purposebound/purposebound/retention"
)

// Report says what a run did, and what it kept and why. It names rules and never a row.
type Report struct {
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended"`
	// Planned are all rows, as the plan saw them.
	Planned retention.Tally `json:"planned"`
	// Done are rows that the store shows to be erased, anonymised or restricted.
	Done retention.Tally `json:"done"`
	// Kept are rows that stay, and why; Stopped of them were due in the plan, and were not when it was their turn.
	Kept    retention.Tally `json:"kept"`
	Stopped uint64          `json:"stopped"`
	// Missing rows were gone before it was their turn.
	Missing uint64 `json:"missing"`
	// Recovered rows were done by an earlier run that ended before it could say so.
	Recovered uint64 `json:"recovered"`
	// Refused rows are due and could not be anonymised.
	Refused []Count `json:"refused,omitempty"`
	// Unsettled rows belong to orders of which nobody knows yet how they ended; the next run finds out.
	Unsettled uint64    `json:"unsettled"`
	Failures  []Failure `json:"failures,omitempty"` // at most 100
	Failed    uint64    `json:"failed"`             // rows that are due and were left by failures
	Orders    uint64    `json:"orders"`
}

// Count counts rows by reason.
type Count struct {
	Reason retention.Reason `json:"reason"`
	Rows   uint64           `json:"rows"`
}

// Failure is an order that did not end as it should.
type Failure struct {
	Batch    string         `json:"batch,omitempty"` // decision.id in the trail; empty when it came to no order
	Rule     string         `json:"rule,omitempty"`
	Then     retention.Then `json:"then"`
	Code     string         `json:"code"`
	Ordered  int            `json:"ordered"`  // rows
	Reported int            `json:"reported"` // by the store
	Verified int            `json:"verified"`
}

const maxFailures = 100

func (r *Report) fail(batch, rule string, then retention.Then, err error, ordered, reported, verified int) {
	r.Failed += uint64(ordered - verified)
	if len(r.Failures) < maxFailures {
		r.Failures = append(r.Failures, Failure{batch, rule, then, codeOf(err), ordered, reported, verified})
	}
}

// codeOf is the stable code of an error.
func codeOf(err error) string {
	for _, c := range []struct {
		is   error
		code string
	}{{ErrHung, "erasure.hung"}, {ErrLied, "erasure.lied"}, {ErrOverreach, "erasure.overreach"}, {ErrPanic, "erasure.panic"},
		{ErrRecord, "erasure.not-recorded"}, {ErrStore, "erasure.store-failed"}} {
		if errors.Is(err, c.is) {
			return c.code
		}
	}
	return "erasure.failed"
}

func (r *Report) incomplete() bool { return len(r.Failures) > 0 || r.Unsettled > 0 }

// Next is when the next run is worthwhile; zero when no known fact makes a row due. What becomes known later, as a hold
// that is released, may.
func (r *Report) Next() time.Time { return r.Kept.Next() }

// WriteTable writes the report for people. Nothing in it steers a terminal.
func (r *Report) WriteTable(w io.Writer) error {
	for _, part := range []struct {
		name  string
		tally *retention.Tally
	}{{"DONE", &r.Done}, {"KEPT", &r.Kept}} {
		if _, err := fmt.Fprintln(w, part.name); err != nil {
			return err
		}
		if err := part.tally.WriteTable(w); err != nil {
			return err
		}
	}
	for _, c := range r.Refused {
		if _, err := fmt.Fprintf(w, "not anonymised: %d rows, %s\n", c.Rows, c.Reason); err != nil {
			return err
		}
	}
	for _, f := range r.Failures {
		if _, err := fmt.Fprintf(w, "failed: %s, rule %q: %d rows ordered, %d reported, %d verified\n", f.Code, f.Rule, f.Ordered, f.Reported, f.Verified); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%d orders; %d rows planned, %d done, %d recovered, %d stopped, %d missing, %d failed, %d unsettled\n",
		r.Orders, r.Planned.Rows(), r.Done.Rows(), r.Recovered, r.Stopped, r.Missing, r.Failed, r.Unsettled)
	return err
}

func compareReasons(a, b retention.Reason) int { return cmp.Compare(a, b) }
