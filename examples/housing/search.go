package main

import (
	"context"
	"slices"
	"time"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// Hours of the night that were approved for the incident.
var approvedFrom, approvedTo = on(2024, time.April, 11, 20), on(2024, time.April, 12, 6)

// window states the period of a search, and the approved one.
func window(from, to time.Time) []purpose.NamedValue {
	return []purpose.NamedValue{instant("window.from", from), instant("window.to", to),
		instant("approved_window.from", approvedFrom), instant("approved_window.to", approvedTo)}
}

// cutToWindow is the obligation to leave out what lies outside the approved window.
const cutToWindow = "rows-within-approved-window-only"

// search reads the entries of the window. Policies see no values, so the program finds the lines by their time and does
// what the answer obliges it to; each line is then released on its own.
func search(entries []entry) call {
	return func(ctx context.Context, g *policy.Guard, req policy.Request) (*policy.Explanation, error) {
		req.Action = purpose.Read
		e, err := policy.ExplainView[LogView](ctx, g, req, &entries[0].LogEntry)
		if err != nil || e.Outcome != policy.OutcomePermitted {
			return e, err
		}
		from, _ := req.Facts.Lookup("window.from")
		to, _ := req.Facts.Lookup("window.to")
		first, last := from.Instant(), to.Instant()
		if slices.Contains(e.Obligations, cutToWindow) {
			first, last = approvedFrom, approvedTo
		}
		req.Action = 0
		for i := range entries {
			if l := &entries[i]; !l.at.Before(first) && l.at.Before(last) {
				if _, err := policy.Read[LogView](ctx, g, dated(req, l.at), &l.LogEntry); err != nil {
					return nil, err
				}
			}
		}
		return e, nil
	}
}
