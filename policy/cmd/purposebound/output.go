package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/purposebound/purposebound/policy/check"
)

// colours of a terminal.
const (
	red, yellow, green, bold, plain = "\x1b[31m", "\x1b[33m", "\x1b[32m", "\x1b[1m", "\x1b[0m"
)

// coloured reports whether w is a terminal that wants colour.
func coloured(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// paint colours a text where stdout is a terminal.
func (e *env) paint(colour, text string) string {
	if !coloured(e.stdout) {
		return text
	}
	return colour + text + plain
}

// print writes text for people, and forgets it with -json.
func (e *env) print(format string, args ...any) {
	if !e.json {
		fmt.Fprintf(e.stdout, format, args...)
	}
}

// encode writes one JSON document.
func (e *env) encode(v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return errors.New("the answer has no JSON form")
	}
	_, err := b.WriteTo(e.stdout)
	return err
}

var tones = map[check.Severity]string{check.Error: bold + red, check.Warning: yellow, check.Note: plain}

// findings writes findings for people, a line each.
func (e *env) findings(list []check.Finding) {
	for _, f := range list {
		line, severity := f.String(), f.Severity.String()+":"
		if tone := tones[f.Severity]; tone != plain {
			line = strings.Replace(line, severity, e.paint(tone, severity), 1)
		}
		e.print("%s\n", line)
	}
}

// tally counts findings: "1 error, 2 warnings, 3 notes".
type tally struct {
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Notes    int `json:"notes"`
}

func count(list []check.Finding) (t tally) {
	for i := range list {
		switch list[i].Severity {
		case check.Warning:
			t.Warnings++
		case check.Note:
			t.Notes++
		default:
			t.Errors++
		}
	}
	return t
}

func (t tally) String() string {
	return plural(t.Errors, "error") + ", " + plural(t.Warnings, "warning") + ", " + plural(t.Notes, "note")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// unable says why a subcommand could not run.
func (e *env) unable(name string, err error) int {
	var broken *brokenError
	errors.As(err, &broken)
	if e.json {
		out := failure{Error: err.Error()}
		if broken != nil {
			out.Findings = broken.findings
		}
		if e.encode(out) == nil {
			return exitUnable
		}
	}
	if broken != nil {
		for _, f := range broken.findings {
			fmt.Fprintln(e.stderr, f)
		}
	}
	fmt.Fprintf(e.stderr, "purposebound %s: %s\n", name, err)
	return exitUnable
}

// failure is what -json prints of a subcommand that could not run.
type failure struct {
	Error    string          `json:"error"`
	Findings []check.Finding `json:"findings,omitempty"`
}

// place is "file:line".
func place(file string, line int) string { return fmt.Sprintf("%s:%d", file, line) }
