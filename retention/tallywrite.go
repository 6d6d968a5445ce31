package retention

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

var tallyHead = []string{"status", "then", "applied", "reason", "rule", "law", "clause", "rows", "earliest", "latest"}

func (l *Line) cells() []string {
	then := ""
	if l.Status == MustErase {
		then = l.Then.String()
	}
	return []string{l.Status.String(), then, strconv.FormatBool(l.Applied), string(l.Reason), l.Rule, l.Law, l.Clause,
		strconv.FormatUint(l.Rows, 10), l.Earliest.String(), l.Latest.String()}
}

// WriteTable writes the tally for people, in columns. Nothing in it steers a terminal.
func (t *Tally) WriteTable(w io.Writer) error {
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	write := func(cells []string) {
		for i, c := range cells {
			if c == "" {
				c = "-"
			}
			cells[i] = printable(c)
		}
		_, _ = fmt.Fprintln(tab, strings.Join(cells, "\t")) // the error comes with Flush
	}
	write([]string{"STATUS", "THEN", "REASON", "RULE", "CLAUSE", "ROWS", "LAST DAYS KEPT"})
	for _, l := range t.Lines() {
		status, days := l.Status.String(), l.Earliest.String()
		if l.Applied {
			status += " (applied)"
		}
		if l.Latest != l.Earliest {
			days += " to " + l.Latest.String()
		}
		write([]string{status, l.cells()[1], string(l.Reason), l.Rule, l.Clause, strconv.FormatUint(l.Rows, 10), days})
	}
	if err := tab.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%d rows; next change %s\n", t.rows, t.nextText("never"))
	return err
}

// WriteCSV writes the tally as CSV with a head. A cell that a spreadsheet would take for a formula has an apostrophe
// before it.
func (t *Tally) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	_ = out.Write(tallyHead) // the error comes with Flush
	for _, l := range t.Lines() {
		cells := l.cells()
		for i := range cells {
			cells[i] = inert(cells[i])
		}
		_ = out.Write(cells)
	}
	out.Flush()
	return out.Error()
}

// MarshalJSON writes {"rows", "next", "lines"}.
func (t Tally) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Rows  uint64 `json:"rows"`
		Next  string `json:"next,omitempty"`
		Lines []Line `json:"lines"`
	}{t.rows, t.nextText(""), t.Lines()})
}

func (t *Tally) nextText(never string) string {
	if t.next.IsZero() {
		return never
	}
	return t.next.Format(time.RFC3339Nano)
}

// inert keeps a spreadsheet from reading a cell as a formula, also behind spaces and in wide letters.
func inert(cell string) string {
	cell = printable(cell)
	if first := strings.TrimLeftFunc(cell, unicode.IsSpace); first != "" && strings.ContainsRune("=+-@|%＝＋－＠", []rune(first)[0]) {
		return "'" + cell
	}
	return cell
}

// printable replaces what is not a visible letter: controls, and marks that turn the direction of text.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) {
			return r
		}
		return '?'
	}, strings.ToValidUTF8(s, "?"))
}
