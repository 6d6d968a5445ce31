package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/purposebound/purposebound/policy/check"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/ropa"
)

func recordCommand() command {
	var format, at string
	return command{
		name: "record", args: "REGISTER", summary: "print the record of processing activities (GDPR Art. 30)",
		about: `
Record prints what GDPR Art. 30 asks a controller to keep, and for data held on behalf of others what it asks of a processor.
What the register assumes is marked. A register that misses something that the article asks for has no record: every place
is listed and the call ends with 1.

Without -at it covers every version of the notice; with it, what the notice in force then declares.`,
		examples: `
purposebound record register.yaml >record.md
purposebound record -format html -at 2026-01-01 register.yaml >record.html
purposebound record -format jsonld register.yaml >record.jsonld`,
		flags: func(set *flag.FlagSet) {
			set.StringVar(&format, "format", "md", "`form`: "+strings.Join(ropa.Formats(), ", "))
			set.StringVar(&at, "at", "", "`instant` of the notice, RFC 3339 or a day; every version without it")
		},
		run: func(_ context.Context, e *env, args []string) error {
			switch {
			case len(args) != 1:
				return usagef("name one register, a file: there are %d", len(args))
			case !slices.Contains(ropa.Formats(), format):
				return usagef("%q is no format of a record: %s", format, strings.Join(ropa.Formats(), ", "))
			}
			reg, err := loadRegister(args[0])
			if err != nil {
				return err
			}
			var t time.Time
			if at != "" {
				var ok bool
				if t, ok = instantOf(at, reg.Zone()); !ok {
					return usagef("-at is neither RFC 3339 nor a day")
				}
			}
			return printRecord(e, reg, t, format)
		},
	}
}

// printRecord prints a whole record or none.
func printRecord(e *env, reg *register, at time.Time, format string) error {
	var text bytes.Buffer
	err := ropa.Write(&text, reg.Register, at, format)
	var incomplete *ropa.IncompleteError
	switch {
	case errors.As(err, &incomplete):
		return e.incomplete(reg.findings(incomplete.Problems))
	case err != nil:
		return err
	case e.json && format != "jsonld":
		return e.encode(struct {
			Format string `json:"format"`
			Record string `json:"record"`
		}{format, text.String()})
	}
	_, err = e.stdout.Write(text.Bytes())
	return err
}

// incomplete prints what a record misses.
func (e *env) incomplete(list []check.Finding) error {
	if e.json {
		if err := e.encode(struct {
			Findings []check.Finding `json:"findings"`
		}{list}); err != nil {
			return err
		}
		return errFound
	}
	for _, f := range list {
		fmt.Fprintln(e.stderr, f)
	}
	return errFound
}

// findings are problems of the register with their places in its file.
func (r *register) findings(list []purpose.Problem) []check.Finding {
	found := make([]check.Finding, len(list))
	for i, p := range list {
		found[i] = check.Finding{Code: p.Code, Message: p.Message, Path: p.Path, Severity: check.Error}
	}
	r.place(found)
	return found
}
