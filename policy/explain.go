package policy

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/purposebound/purposebound/purpose"
)

// Explanation is a decision in full, for people and for machines: it encodes as JSON and renders as
// text. It holds register keys and event ids, no personal value.
type Explanation struct {
	Outcome        Outcome            `json:"outcome"`
	Because        *Reason            `json:"because,omitempty"` // the reason that matters most
	Action         purpose.Action     `json:"action"`
	Purpose        string             `json:"purpose"`
	Recipient      string             `json:"recipient,omitempty"`
	Country        string             `json:"country,omitempty"`
	At             time.Time          `json:"at"`
	KnownAt        time.Time          `json:"known_at"`
	Notice         string             `json:"notice,omitempty"`
	Record         string             `json:"record"`
	Fields         []FieldExplanation `json:"fields"`
	Gates          []GateExplanation  `json:"gates"`
	Grounds        []Ground           `json:"grounds,omitempty"`
	Rejected       []Rejected         `json:"rejected,omitempty"`
	Obligations    []string           `json:"obligations,omitempty"`
	Rules          []RuleExplanation  `json:"rules,omitempty"`
	PersonDecides  bool               `json:"person_decides,omitempty"`
	ReferTo        string             `json:"refer_to,omitempty"`
	RegisterDigest string             `json:"register_digest"`
	PolicyDigest   string             `json:"policy_digest"`
}

// FieldExplanation is the answer for one field.
type FieldExplanation struct {
	Field    string   `json:"field"`
	Category string   `json:"category"`
	Result   string   `json:"result"` // "permit", "redact", "deny", or "withhold": permitted, and kept back with the others
	Mask     string   `json:"mask,omitempty"`
	Reasons  []Reason `json:"reasons,omitempty"`
}

// GateExplanation says what one gate found.
type GateExplanation struct {
	Gate   Gate   `json:"gate"`
	Result string `json:"result"` // "passed", "failed", "not-asked"
	Codes  []Code `json:"codes,omitempty"`
}

// RuleExplanation is a policy rule that matched.
type RuleExplanation struct {
	Policy string   `json:"policy"`
	Rule   string   `json:"rule"`
	Effect Effect   `json:"effect"`
	Fields []string `json:"fields"`
	File   string   `json:"file,omitempty"`
	Line   int      `json:"line,omitempty"`
}

// Explain renders what the decision knows.
func (d *Decision) Explain() *Explanation {
	whole := &struct {
		Explanation
		gates [gates]GateExplanation
	}{}
	e := &whole.Explanation
	*e = Explanation{
		Outcome: d.Outcome, Action: d.Action, Purpose: d.Purpose, Recipient: d.Recipient, Country: d.Country, At: d.At, KnownAt: d.KnownAt,
		Notice: d.Notice, Grounds: d.Grounds(), Rejected: d.Rejected(), Obligations: d.Obligations(), PersonDecides: d.PersonDecides, ReferTo: d.ReferTo,
		RegisterDigest: d.RegisterDigest, PolicyDigest: d.PolicyDigest,
	}
	if r, ok := d.Reason(); ok {
		e.Because = &r
	}
	if d.plan != nil {
		e.Record = d.plan.Name
		e.Fields = make([]FieldExplanation, d.requested.Len())
		categories, n := d.plan.Register.Categories(), 0
		for i := range d.requested.All {
			f, x := &d.plan.Fields[i], &e.Fields[n]
			n++
			x.Field, x.Category, x.Result = f.Path, categories.Key(f.Category), "deny"
			switch {
			case d.redacts.Has(i):
				x.Result, x.Mask = "redact", d.maskAt(i).String()
			case d.permitted.Has(i):
				x.Result = "permit"
			case d.withheld.Has(i):
				x.Result = "withhold"
			default:
				x.Reasons = d.Reasons(f.Path)
			}
		}
	}
	blind := slices.ContainsFunc(d.findings, func(f finding) bool { return f.code == CodeStateUnavailable })
	e.Gates = whole.gates[GateRequest:gates:gates]
	for g := GateRequest; g < gates; g++ {
		x := &whole.gates[g]
		x.Gate, x.Result = g, "passed"
		if d.screened && g > GateRequest || blind && g > GateState || g == GateRelease && !d.recorded {
			x.Result = "not-asked"
		}
		for i := range d.findings {
			if c := d.findings[i].code; c.Gate() == g && !slices.Contains(x.Codes, c) {
				x.Codes, x.Result = append(x.Codes, c), "failed"
			}
		}
	}
	if len(d.hits) > 0 {
		e.Rules = make([]RuleExplanation, 0, len(d.hits))
	}
	for i := range d.hits {
		h := &d.hits[i]
		e.Rules = append(e.Rules, RuleExplanation{h.Policy, h.Rule, h.Effect, d.names(h.Fields), h.File, h.Line})
	}
	return e
}

// String is the explanation as plain text.
func (e *Explanation) String() string {
	var b strings.Builder
	e.write(&b, false)
	return b.String()
}

// WriteText renders the explanation for a terminal. It is coloured when w is one, unless the
// environment sets NO_COLOR.
func (e *Explanation) WriteText(w io.Writer) error {
	var b bytes.Buffer
	e.write(&b, colour(w))
	_, err := w.Write(b.Bytes())
	return err
}

// colour reports whether w is a terminal that wants colour.
func colour(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

const (
	green, red, yellow, bold, plain = "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[1m", "\x1b[0m"
)

func (e *Explanation) write(w io.Writer, coloured bool) {
	paint := func(colour, s string) string {
		if !coloured {
			return s
		}
		return colour + s + plain
	}
	tone := map[string]string{"permit": green, "permitted": green, "redact": yellow, "partial": yellow, "withhold": yellow, "deny": red, "denied": red}
	what := orDash(e.Action.String()) + " for " + orDash(e.Purpose)
	if e.Recipient != "" {
		what += " to " + e.Recipient
		if e.Country != "" {
			what += " (" + e.Country + ")"
		}
	}
	fmt.Fprintf(w, "%s  %s\n", paint(bold+tone[e.Outcome.String()], strings.ToUpper(e.Outcome.String())), what)
	fmt.Fprintf(w, "  notice %s, at %s\n", orDash(e.Notice), e.At.Format(time.RFC3339))
	if e.Because != nil {
		fmt.Fprintf(w, "  because: %s\n", e.Because)
	}
	width := 0
	for _, f := range e.Fields {
		width = max(width, utf8.RuneCountInString(f.Field))
	}
	for _, f := range e.Fields {
		result := f.Result
		if f.Mask != "" {
			result += " (" + f.Mask + ")"
		}
		fmt.Fprintf(w, "  %-*s  %s  %s\n", width, f.Field, paint(tone[f.Result], fmt.Sprintf("%-8s", result)), f.Category)
		for _, r := range f.Reasons {
			fmt.Fprintf(w, "  %*s    %s\n", width, "", r.String())
		}
	}
	for _, g := range e.Grounds {
		fmt.Fprintf(w, "  ground: %s [%s] on %s", g.Activity, g.Clause, g.Basis)
		if len(g.Laws) > 0 {
			fmt.Fprintf(w, " under %s", strings.Join(g.Laws, ", "))
		}
		if g.Evidence != "" {
			fmt.Fprintf(w, ", evidence %s", g.Evidence)
		}
		fmt.Fprintln(w)
	}
	for _, r := range e.Rejected {
		fmt.Fprintf(w, "  rejected: %s on %s: %s\n", r.Activity, r.Basis, r.Code)
	}
	for _, r := range e.Rules {
		fmt.Fprintf(w, "  rule: %s %s/%s", r.Effect, r.Policy, r.Rule)
		if r.File != "" {
			fmt.Fprintf(w, " (%s:%d)", r.File, r.Line)
		}
		fmt.Fprintln(w)
	}
	var passed, failed []string
	for _, g := range e.Gates {
		switch g.Result {
		case "passed":
			passed = append(passed, g.Gate.String())
		case "failed":
			failed = append(failed, g.Gate.String())
		}
	}
	if len(failed) > 0 {
		fmt.Fprintf(w, "  gates failed: %s\n", paint(red, strings.Join(failed, ", ")))
	}
	if len(passed) > 0 {
		fmt.Fprintf(w, "  gates passed: %s\n", strings.Join(passed, ", "))
	}
	if len(e.Obligations) > 0 {
		fmt.Fprintf(w, "  obligations: %s\n", strings.Join(e.Obligations, ", "))
	}
	if e.ReferTo != "" {
		fmt.Fprintf(w, "  refer to: %s\n", e.ReferTo)
	}
	if e.PersonDecides {
		fmt.Fprintln(w, "  a person must decide before more can be said")
	}
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
