package acceptance

import (
	"fmt"

	"github.com/purposebound/purposebound/policy/rights"
)

// deadline says until when a request must be answered.
func (w *World) deadline(h *house, r *Result) {
	facts := w.Case.Given.Facts
	kind, ok := rightKind(w.Case.Request.Object("about").Text("deadline_for"))
	if !ok {
		r.Err = fmt.Errorf("unknown right")
		return
	}
	desk, err := h.desk()
	if err != nil {
		r.Err = err
		return
	}
	var t rights.Timing
	if t.Received, ok = instant(facts["received"], w.Zone); !ok {
		r.Err = fmt.Errorf("facts.received is no time")
		return
	}
	if at, ok := instant(facts["answered"], w.Zone); ok {
		t.Answered = at
	}
	if x := facts.Object("extended"); x != nil {
		t.Told, _ = instant(x["informed_at"], w.Zone)
		if x.Has("months") {
			if t.Extension, err = period(Object{"months": x["months"]}); err != nil {
				r.Err = err
				return
			}
		}
	}
	c, err := desk.Due(kind, t)
	if err != nil {
		r.Err = err
		return
	}
	r.Outcome = Report
	r.Detail = map[string]any{"due": c.Due.String(), "target": c.Aim.String(), "warn": c.Warn.String(), "status": progress(c.Progress(w.At), c.Own(w.At)),
		"legal": progress(c.Legal(w.At)), "aim": progress(c.Own(w.At)), "extended": fmt.Sprint(c.Extended)}
	right, _ := h.register.RightOf(kind)
	r.Entries, r.Clauses = []string{"right:" + kind.String()}, []string{right.Clause}
}

// progress names how a clock stands by the words of the cases: one that warns is open still, and an aim that was missed
// stays so.
func progress(p rights.Progress, own ...rights.Progress) (list []string) {
	for _, x := range append([]rights.Progress{p}, own...) {
		switch {
		case x == rights.AimMissed:
			list = append(list, "target_missed")
		case x == p:
			list = append(list, x.String())
		}
		if x == rights.Warned {
			list = append(list, "open")
		}
	}
	return sorted(list)
}
