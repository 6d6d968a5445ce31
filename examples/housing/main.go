// Command housing is a landlord with a guard before the personal data of tenants. It loads the register of a real
// privacy notice (register.yaml) and the Rego of a security team (policies), and lives through a day: a flat is let, a
// leak is mended, a burglary looked into, people ask for their rights, and at night what is due is erased.
//
//purposevet:register register.yaml
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	_ "time/tzdata" // the controller's zone, on machines without a zone database
)

const usage = `Usage: housing [--json] [--trail DIR]

Lives through a day of a landlord and prints who asked for what, what was
answered and why, what the night erases, and the audit trail, verified.
It exits with 1 if any answer differs from what the story expects.

Options:
  --json       print one JSON document instead of text
  --trail DIR  keep the audit trail in DIR, which must be new or hold a trail

Example:
  go run ./examples/housing --trail /tmp/housing-trail
`

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr, ordinary))
}

// run is the program. It returns 0, 1 for a surprise or failure, and 2 for a mistake in the arguments.
func run(ctx context.Context, args []string, out, errs io.Writer, of plan) int {
	flags := flag.NewFlagSet("housing", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	asJSON := flags.Bool("json", false, "")
	dir := flags.String("trail", "", "")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(out, usage)
		return 0
	case err != nil || flags.NArg() > 0:
		if err == nil {
			err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
		}
		fmt.Fprintf(errs, "housing: %v\n\n%s", err, usage)
		return 2
	}
	day, err := live(ctx, *dir, of)
	if err == nil {
		write := day.writeText
		if *asJSON {
			write = day.writeJSON
		}
		err = write(out)
	}
	if err != nil {
		fmt.Fprintln(errs, "housing:", err)
		return 1
	}
	if day.Surprises > 0 {
		fmt.Fprintf(errs, "housing: %d surprise(s)\n", day.Surprises)
		return 1
	}
	return 0
}
