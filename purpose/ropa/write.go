package ropa

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/purposebound/purposebound/internal/plain"
	"github.com/purposebound/purposebound/purpose"
)

// ErrFormat means that a form has no name in [Formats].
var ErrFormat = errors.New("ropa: unknown format")

// Formats are the forms that [Write] knows.
func Formats() []string { return []string{"md", "csv", "html", "jsonld"} }

// Write makes the record of a register as of an instant ([Of]) and writes it in one of the [Formats]. Nothing is written of a
// record that is incomplete.
func Write(w io.Writer, r *purpose.Register, at time.Time, format string) error {
	var write func(*Record, io.Writer) error
	switch format {
	case "md":
		write = (*Record).WriteMarkdown
	case "csv":
		write = (*Record).WriteCSV
	case "html":
		write = (*Record).WriteHTML
	case "jsonld":
		write = (*Record).WriteJSONLD
	default:
		return fmt.Errorf("%w: one of %q", ErrFormat, Formats())
	}
	rec, err := Of(r, at)
	if err != nil {
		return err
	}
	return write(rec, w)
}

// WriteMarkdown writes the record as Markdown with a table for each activity. No text of the register is read as markup.
func (r *Record) WriteMarkdown(w io.Writer) error {
	var b bytes.Buffer
	b.WriteString("# Record of processing activities\n\n" + plain.Markdown(r.Controller.Name) + ", GDPR Art. 30. " + plain.Markdown(r.scope()) + " Register `" + r.Digest + "`.\n")
	b.WriteString("\n## Controller\n\n")
	markdownTable(&b, r.Controller.lines())
	if len(r.Activities) > 0 {
		b.WriteString("\n## Processing as controller, Art. 30(1)\n")
	}
	for i := range r.Activities {
		a := &r.Activities[i]
		b.WriteString("\n### " + plain.Markdown(a.Named.words()) + "\n\n")
		markdownTable(&b, a.lines())
	}
	if len(r.Mandates) > 0 {
		b.WriteString("\n## Processing on behalf of other controllers, Art. 30(2)\n")
	}
	for i := range r.Mandates {
		m := &r.Mandates[i]
		b.WriteString("\n### " + plain.Markdown(m.heading()) + "\n\n")
		markdownTable(&b, m.lines())
	}
	b.WriteString("\n## Security measures, Art. 30(1)(g) and 30(2)(d)\n\n")
	for i := range r.Measures {
		b.WriteString("- " + plain.Markdown(r.Measures[i].words()) + "\n")
	}
	if len(r.Remarks) > 0 {
		b.WriteString("\n## Assumptions and notes\n\nAssumed is what the register supplies where its sources are silent.\n\n| Where | What | Assumed | Note |\n|---|---|---|---|\n")
		for _, a := range r.Remarks {
			b.WriteString("| " + plain.Markdown(a.Path) + " | " + plain.Markdown(a.What) + " | " + yes(a.Assumed) + " | " + plain.Markdown(a.Note) + " |\n")
		}
	}
	_, err := b.WriteTo(w)
	return err
}

func markdownTable(b *bytes.Buffer, lines []line) {
	b.WriteString("| Point | What | Content |\n|---|---|---|\n")
	for _, l := range lines {
		items := make([]string, len(l.Items))
		for i, s := range l.Items {
			items[i] = plain.Markdown(s)
		}
		content := strings.Join(items, "<br>")
		if len(items) == 0 {
			content = plain.Markdown(l.Else)
		}
		b.WriteString("| " + plain.Markdown(l.Point) + " | " + plain.Markdown(l.What) + " | " + content + " |\n")
	}
}

// scope says of when the record is, and of which notices.
func (r *Record) scope() string {
	s := "All that the register says."
	if !r.At.IsZero() {
		s = "As of " + r.At.Format(time.RFC3339) + "."
	}
	for _, n := range r.Notices {
		s += " Notice " + n.Version + ", from " + n.From
		if n.Through != "" {
			s += " through " + n.Through
		}
		if n.Regime != "" {
			s += ", under " + n.Regime
		}
		if len(n.Annexes) > 0 {
			s += ", with " + strings.Join(n.Annexes, " and ")
		}
		s += "."
	}
	return s
}

func (m *Mandate) heading() string {
	s := m.Key + ", on behalf of " + m.Controller
	if m.Clause != "" {
		s += ", " + m.Clause
	}
	return s
}

func (m *Measure) words() string {
	s := m.Title
	if m.Clause != "" {
		s += ", " + m.Clause
	}
	return mark(s, m.Assumed)
}

var head = []string{"article", "activity", "title", "clause", "controller", "contact", "joint_controllers", "representative", "officer", "on_behalf_of",
	"purposes", "data_subjects", "personal_data", "recipients", "transfers", "time_limits", "measures",
	"legal_basis", "extra_grounds", "operations", "sources", "further_uses", "conditions", "automated", "notices", "assumed", "note", "register"}

// WriteCSV writes the record as CSV with a head (RFC 4180): a row for each activity as controller (article "30(1)"), for each on
// behalf of another ("30(2)"), and for each remark, whose place in the register stands for the activity ("remark"). A cell that a spreadsheet
// would take for a formula has an apostrophe before it. Lists are joined by "; ".
func (r *Record) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	_ = out.Write(head) // the error comes with Flush
	for i := range r.Activities {
		r.row(out, "30(1)", &r.Activities[i], "", nil)
	}
	for i := range r.Mandates {
		m := &r.Mandates[i]
		for j := range m.Processing {
			r.row(out, "30(2)", &m.Processing[j], m.Controller, m)
		}
	}
	for _, x := range r.Remarks {
		cells := make([]string, len(head))
		for i, name := range head {
			switch name {
			case "article":
				cells[i] = "remark"
			case "activity":
				cells[i] = x.Path
			case "title":
				cells[i] = x.What
			case "assumed":
				cells[i] = yes(x.Assumed)
			case "note":
				cells[i] = x.Note
			case "register":
				cells[i] = r.Digest
			}
		}
		writeRow(out, cells)
	}
	out.Flush()
	return out.Error()
}

func writeRow(out *csv.Writer, cells []string) {
	for i, c := range cells {
		cells[i] = plain.Cell(c)
	}
	_ = out.Write(cells)
}

func (r *Record) row(out *csv.Writer, article string, a *Activity, onBehalfOf string, m *Mandate) {
	if m != nil {
		onBehalfOf += ", " + m.Contact
	}
	list := func(items []string) string { return strings.Join(items, "; ") }
	cells := []string{article, a.Key, a.Title, a.Clause, r.Controller.Name, r.Controller.Contact, list(r.Controller.Joint), r.Controller.Representative,
		r.Controller.Officer, onBehalfOf, list(namedWords(a.Purposes)), list(namedWords(a.DataSubjects)), list(categoryWords(a.Categories)),
		list(words(a.Recipients, (*Recipient).words)), list(words(a.Transfers, (*Transfer).words)), list(words(a.Limits, (*Limit).words)),
		list(words(r.Measures, (*Measure).words)), list(words(a.Bases, (*Ground).words)), list(words(a.Extras, (*Extra).words)), joined(a.Actions),
		list(namedWords(a.Sources)), list(words(a.Further, (*Further).words)), list(a.Conditions), automatedWords[a.Automated], list(a.Notices), yes(a.Assumed), a.Note, r.Digest}
	writeRow(out, cells)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
