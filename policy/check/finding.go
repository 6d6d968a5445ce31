package check

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/purposebound/purposebound/purpose"
)

// Severity of a finding. The zero Severity is Error.
type Severity uint8

// Severities.
const (
	Error Severity = iota
	Warning
	Note
)

var severityNames = [...]string{"error", "warning", "note"}

// String is the name of the severity.
func (s Severity) String() string {
	if int(s) < len(severityNames) {
		return severityNames[s]
	}
	return severityNames[Error]
}

// MarshalText writes the name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a name.
func (s *Severity) UnmarshalText(text []byte) error {
	for i, name := range severityNames {
		if name == string(text) {
			*s = Severity(i)
			return nil
		}
	}
	return fmt.Errorf("check: a severity is one of %s", strings.Join(severityNames[:], ", "))
}

// Finding is one thing that a check found. It holds keys of the register, ids of rules and places in files.
type Finding struct {
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	Message  string   `json:"message"`
	File     string   `json:"file,omitempty"` // as the policy names it; empty for what is in the register
	Line     int      `json:"line,omitempty"`
	Column   int      `json:"column,omitempty"`
	Path     string   `json:"path,omitempty"`   // in the register: "activities[3]"
	Clause   string   `json:"clause,omitempty"` // of the register's entry
	Policy   string   `json:"policy,omitempty"`
	Rule     string   `json:"rule,omitempty"`
	Gap      *Gap     `json:"gap,omitempty"`
}

// Gap is what an activity of the register allows and no policy ever permits. Lists are in the order of the register's
// trees; purposes and categories are named by the topmost nodes that hold nothing else.
type Gap struct {
	Activity   string           `json:"activity"`
	Actions    []purpose.Action `json:"actions"`
	Purposes   []string         `json:"purposes"`
	Recipients []string         `json:"recipients,omitempty"` // for the action share
	Categories []string         `json:"categories"`
}

// String is "file:line:column: severity: path: message [clause] (code)".
func (f Finding) String() string {
	var b strings.Builder
	if f.File != "" {
		b.WriteString(f.File + ":")
	}
	if f.Line > 0 {
		b.WriteString(strconv.Itoa(f.Line) + ":")
		if f.Column > 0 {
			b.WriteString(strconv.Itoa(f.Column) + ":")
		}
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	b.WriteString(f.Severity.String() + ": ")
	if f.Path != "" {
		b.WriteString(f.Path + ": ")
	}
	b.WriteString(f.Message)
	if f.Clause != "" {
		b.WriteString(" [" + f.Clause + "]")
	}
	b.WriteString(" (" + f.Code + ")")
	return b.String()
}

// Worst is the severity of the worst finding; ok is false where there is none.
func Worst(findings []Finding) (worst Severity, ok bool) {
	worst = Note
	for i := range findings {
		worst = min(worst, findings[i].Severity)
	}
	return worst, len(findings) > 0
}
