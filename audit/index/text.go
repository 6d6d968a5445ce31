package index

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

const timeForm = "2006-01-02 15:04:05Z"

// table writes rows in columns. An empty cell is a dash.
type table struct {
	w    *tabwriter.Writer
	rows int
}

func newTable(w io.Writer, head ...string) *table {
	t := &table{w: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	t.row(head...)
	t.rows = 0
	return t
}

func (t *table) row(cells ...string) {
	for i, c := range cells {
		if c == "" {
			cells[i] = "-"
		}
	}
	fmt.Fprintln(t.w, strings.Join(cells, "\t"))
	t.rows++
}

// end writes what the table rests on.
func (t *table) end(w io.Writer, k Known) error {
	if err := t.w.Flush(); err != nil {
		return err
	}
	begins := ""
	if k.Pruned() {
		begins = fmt.Sprintf(" from seq %d on, what came before was pruned,", k.From)
	}
	_, err := fmt.Fprintf(w, "%d rows, of stream %s%s up to seq %d\n", t.rows, k.Stream, begins, k.Seq)
	return err
}

func when(t time.Time) string { return t.UTC().Format(timeForm) }

func join(l []string) string { return strings.Join(l, ",") }

func (r *Recipient) text() string {
	if r == nil {
		return ""
	}
	s := r.ID
	if r.Country != "" {
		s += " (" + r.Country + ")"
	}
	return s
}

// WriteText writes a table for people.
func (l Listing) WriteText(w io.Writer) error {
	t := newTable(w, "SEQ", "TIME", "EVENT", "OUTCOME", "PRINCIPAL", "RECIPIENT", "DATA SUBJECTS", "PURPOSE", "BASIS", "DECISION", "DELIVERY")
	for _, e := range l.Entries {
		v := &e.Event
		t.row(fmt.Sprint(v.Seq), when(v.Time), string(v.Name), string(v.Outcome), v.PrincipalRef, recipientOf(v).text(),
			join(v.DataSubjectRefs), v.Purpose, v.Basis, v.DecisionID, string(e.Delivery))
	}
	return t.end(w, l.Known)
}

// WriteText writes a table for people.
func (r PersonReport) WriteText(w io.Writer) error {
	t := newTable(w, "TIME", "EVENT", "PURPOSE", "BASIS", "CLAUSE", "CATEGORIES", "RECIPIENT", "DELIVERY")
	for _, c := range r.Consultations {
		t.row(when(c.Time), string(c.Name), c.Purpose, c.Basis, c.Clause, join(c.Categories), c.Recipient.text(), string(c.Delivery))
	}
	return t.end(w, r.Known)
}

// WriteText writes a table for people.
func (r NoticeReport) WriteText(w io.Writer) error {
	t := newTable(w, "RECIPIENT", "KIND", "FIRST", "LAST", "DELIVERED", "UNKNOWN", "NOTIFIED", "CATEGORIES")
	for _, n := range r.Notices {
		notified := "no"
		if n.Notified {
			notified = "yes"
		}
		t.row(n.Recipient.text(), n.Recipient.Kind, when(n.First), when(n.Last), fmt.Sprint(n.Delivered), fmt.Sprint(n.Unknown), notified, join(n.Categories))
	}
	return t.end(w, r.Known)
}

// WriteText writes a table for people.
func (r TotalsReport) WriteText(w io.Writer) error {
	t := newTable(w, "PURPOSE", "BASIS", "READS", "SHARES", "BREAK GLASS", "DENIED", "ABORTED", "DATA SUBJECTS", "RECIPIENTS", "COUNTRIES", "CATEGORIES")
	for _, s := range r.Totals {
		t.row(s.Purpose, s.Basis, fmt.Sprint(s.Reads), fmt.Sprint(s.Shares), fmt.Sprint(s.BreakGlass), fmt.Sprint(s.Denied),
			fmt.Sprint(s.Aborted), fmt.Sprint(s.DataSubjects), join(s.Recipients), join(s.Countries), join(s.Categories))
	}
	return t.end(w, r.Known)
}

// WriteText writes a table for people.
func (r AnomalyReport) WriteText(w io.Writer) error {
	t := newTable(w, "WHAT", "WHEN", "PRINCIPAL", "COUNT", "PURPOSE")
	for _, h := range r.Denials {
		t.row("denials", when(h.Hour), h.Principal, fmt.Sprint(h.Count), "")
	}
	for _, h := range r.Breadth {
		t.row("breadth", when(h.Hour), h.Principal, fmt.Sprint(h.Count), "")
	}
	for _, p := range r.NewPairs {
		t.row("new pair", when(p.Time), p.Principal, "", p.Purpose)
	}
	return t.end(w, r.Known)
}
