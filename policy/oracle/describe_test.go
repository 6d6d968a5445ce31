package oracle_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/basis"
)

// describe prints a case: the request, what the register says that bears upon it, and the events of the people.
func describe(w *world, q *question) string {
	var b strings.Builder
	line := func(what string, v any) {
		text, err := json.Marshal(v)
		if err != nil {
			text = []byte(err.Error())
		}
		fmt.Fprintf(&b, "  %s: %s\n", what, text)
	}
	r := q.req
	fmt.Fprintf(&b, "target %s %+v paths %v\n", q.target.name, q.target.roles, q.paths)
	fmt.Fprintf(&b, "request action=%v purpose=%q subject=%q recipient=%q country=%q mechanism=%v statute=%q dataset=%q reviewer=%q minor=%v at=%v known=%v\n",
		r.Action, r.Purpose, r.DataSubject, r.Recipient, r.Country, r.Mechanism, r.Statute, r.Dataset, r.Reviewer, r.Minor, r.At, r.KnownAt)
	fmt.Fprintf(&b, "  principal %+v provenance %+v\n", r.Principal, r.Provenance)
	for _, f := range r.Facts {
		line("fact "+f.Fact, f.Value)
	}
	for _, s := range q.scripts {
		fmt.Fprintf(&b, "  script %+v\n", *s)
	}
	line("controller", w.spec.Controller)
	line("notices", w.spec.Notices)
	for _, a := range w.spec.Activities {
		if underAny(r.Purpose, a.Purposes) {
			line("activity", a)
		}
	}
	for _, x := range w.spec.Recipients {
		if x.Key == r.Recipient || x.Key == r.Principal.Organisation {
			line("recipient", x)
		}
	}
	line("transfers", w.spec.Transfers)
	line("prohibited", w.spec.Prohibited)
	line("locks", w.spec.Locks)
	line("datasets", w.spec.Datasets)
	line("compatible", w.spec.Compatible)
	line("retention", w.spec.Retention)
	line("laws", w.spec.Laws)
	line("assessments", w.spec.Assessments)
	line("scopes", w.spec.Scopes)
	line("events", w.spec.Events)
	who := []string{r.DataSubject, basis.ControllerWide}
	for _, x := range q.target.roles {
		who = append(who, x.ids...)
	}
	for _, e := range w.events {
		if slices.Contains(who, e.DataSubject) {
			fmt.Fprintf(&b, "  event %s valid %s recorded %s %s %+v\n", e.ID, e.ValidAt.Format("2006-01-02T15:04:05.000000Z"), e.RecordedAt.Format("2006-01-02T15:04:05.000000Z"), e.Body.Kind(), e.Body)
		}
	}
	return b.String()
}
