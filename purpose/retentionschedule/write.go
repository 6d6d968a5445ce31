package retentionschedule

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"

	"github.com/purposebound/purposebound/internal/plain"
)

var head = []string{"category", "purpose", "activity", "rule", "law", "clause", "starts", "floor", "ceiling", "table", "unit", "then",
	"question", "review", "transient", "condition", "assumed", "note"}

func (r *Row) cells() []string {
	return []string{r.Category, r.Purpose, r.Activity, r.Rule, r.Law, r.Clause, r.Starts, r.Floor.String(), r.Ceiling.String(), r.Table,
		r.Unit.String(), r.Then.String(), r.Question, r.Review.String(), strconv.FormatBool(r.Transient), r.Condition,
		strconv.FormatBool(r.Assumed), r.Note}
}

// WriteCSV writes the schedule as CSV with a head (RFC 4180). A cell that a spreadsheet would take for a formula has an
// apostrophe before it.
func (s *Schedule) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	_ = out.Write(head) // the error comes with Flush
	for i := range s.Rows {
		cells := s.Rows[i].cells()
		for j, c := range cells {
			cells[j] = plain.Cell(c)
		}
		_ = out.Write(cells)
	}
	out.Flush()
	return out.Error()
}

// WriteJSON writes the schedule as JSON.
func (s *Schedule) WriteJSON(w io.Writer) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s); err != nil {
		return err
	}
	_, err := b.WriteTo(w)
	return err
}

// WriteMarkdown writes the schedule as a table of Markdown for each category. No text of the register is read as markup.
func (s *Schedule) WriteMarkdown(w io.Writer) error {
	var b bytes.Buffer
	b.WriteString("# Retention schedule\n\n" + plain.Markdown(s.Controller) + ". Register `" + s.Digest + "`.\n")
	category := ""
	for i := range s.Rows {
		r := &s.Rows[i]
		if i == 0 || r.Category != category {
			category = r.Category
			b.WriteString("\n## " + plain.Markdown(category) + "\n\n| Purpose | Activity | Rule | Law | Clause | Starts | At least | At most | Then | Condition | Note |\n" +
				"|---|---|---|---|---|---|---|---|---|---|---|\n")
		}
		for _, c := range []string{r.Purpose, r.Activity, r.Rule, r.Law, r.Clause, r.Starts, r.atLeast(), r.atMost(), r.Then.String(), r.Condition, r.note()} {
			b.WriteString("| " + plain.Markdown(c) + " ")
		}
		b.WriteString("|\n")
	}
	_, err := b.WriteTo(w)
	return err
}

func (r *Row) atLeast() string {
	if r.Floor.IsZero() {
		return ""
	}
	return r.Floor.String() + r.counted()
}

func (r *Row) atMost() string {
	switch {
	case r.Transient:
		return "used, not stored"
	case r.Question != "":
		return "as long as necessary, reviewed every " + r.Review.String()
	case r.Table != "":
		return "by the table " + r.Table
	case r.Ceiling.IsZero():
		return ""
	}
	return r.Ceiling.String() + r.counted()
}

func (r *Row) counted() string {
	if r.Unit.String() == "elapsed" {
		return " of 24 hours a day"
	}
	return ""
}

func (r *Row) note() string {
	if r.Assumed {
		return "Assumed: " + r.Note
	}
	return r.Note
}
