package portability

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/purposebound/purposebound/internal/plain"
	"github.com/purposebound/purposebound/policy/rights"
)

// Format is the version of the form of an export.
const Format = "purposebound-export-1"

// Export is what is handed over, and what is not. It holds personal data.
type Export struct {
	Format         string    `json:"format"`
	ID             string    `json:"id"` // of the case
	Made           time.Time `json:"made"`
	Controller     string    `json:"controller"`
	RegisterDigest string    `json:"register_digest"`
	// Direct: the desk granted that the export goes straight to the controller whom the person named (Art. 20(2)).
	Direct  bool      `json:"direct,omitempty"`
	Data    []Datum   `json:"data"`
	LeftOut []LeftOut `json:"left_out"`
}

// Datum is one datum, in the order of the request.
type Datum struct {
	Category  string        `json:"category"` // key of the register
	Title     string        `json:"title,omitempty"`
	Concept   string        `json:"concept,omitempty"` // IRI of the category in a public vocabulary
	Field     string        `json:"field,omitempty"`
	Dataset   string        `json:"dataset,omitempty"`
	Origin    rights.Origin `json:"origin"` // provided or observed
	Collected time.Time     `json:"collected,omitzero"`
	Value     string        `json:"value"`
	Masked    bool          `json:"masked,omitempty"` // a policy shows the value in part only
}

// LeftOut is a datum that the export does not have, and why.
type LeftOut struct {
	Category string `json:"category"`
	Title    string `json:"title,omitempty"`
	Field    string `json:"field,omitempty"`
	Code     string `json:"code"` // of the desk, or of the guard
	Why      string `json:"why"`
	Clause   string `json:"clause,omitempty"`
	ReferTo  string `json:"refer_to,omitempty"`
}

// WriteJSON writes the export as JSON. A value that is no UTF-8 has U+FFFD in the place of what is none.
func (x *Export) WriteJSON(w io.Writer) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(x); err != nil {
		return err
	}
	_, err := b.WriteTo(w)
	return err
}

var head = []string{"category", "title", "concept", "field", "dataset", "origin", "collected", "value", "masked", "quoted"}

// WriteCSV writes the data of the export as CSV with a head (RFC 4180 with lines that end in LF, so that breaks in values stay as they
// are; UTF-8, times in RFC 3339). A cell that a spreadsheet would
// take for a formula has an apostrophe before it; where that is the value, "quoted" is yes, and a machine takes the apostrophe off
// again. What was left out is in the JSON alone.
func (x *Export) WriteCSV(w io.Writer) error {
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	_ = out.Write(head) // the error comes with Flush
	for i := range x.Data {
		d := &x.Data[i]
		collected := ""
		if !d.Collected.IsZero() {
			collected = d.Collected.Format(time.RFC3339)
		}
		value := strings.ToValidUTF8(d.Value, "\uFFFD")
		cells := []string{d.Category, d.Title, d.Concept, d.Field, d.Dataset, d.Origin.String(), collected, value, yes(d.Masked), ""}
		for j, c := range cells {
			cells[j] = plain.Cell(c)
		}
		cells[len(cells)-1] = yes(cells[7] != value)
		_ = out.Write(cells)
	}
	if out.Flush(); out.Error() != nil {
		return out.Error()
	}
	_, err := b.WriteTo(w)
	return err
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
