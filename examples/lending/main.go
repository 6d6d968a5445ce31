// Command lending is a loan company with a guard before its personal data. It loads the
// register of a real privacy notice and the rules of a security team (both in notice), seeds a
// few people, and walks through a day: who asks, for which purpose and why the answer was what it was; what people ask of
// the company; what is erased at midnight; and the audit trail, verified.
//
//purposevet:register notice/register.yaml
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

const usage = `Usage: lending [--json] [--trail DIR]

Walks a loan company through a day of requests for personal data and prints
what was asked, what was answered and why, what people ask of the company,
what the archive gives up at midnight, then the audit trail, verified.
It exits with 1 if any answer differs from what the story expects.

Options:
  --json       print one JSON document instead of text
  --trail DIR  keep the audit trail in DIR, which must be new or hold a trail

Example:
  go run ./examples/lending --trail /tmp/lending-trail
`

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr, story))
}

// run is the program. It returns 0, 1 for a surprise or failure, and 2 for a mistake in the arguments.
func run(ctx context.Context, args []string, out, errs io.Writer, tell func(*people) []step) int {
	flags := flag.NewFlagSet("lending", flag.ContinueOnError)
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
		fmt.Fprintf(errs, "lending: %v\n\n%s", err, usage)
		return 2
	}
	day, err := live(ctx, *dir, tell)
	if err == nil {
		write := day.writeText
		if *asJSON {
			write = day.writeJSON
		}
		err = write(out)
	}
	if err != nil {
		fmt.Fprintln(errs, "lending:", err)
		return 1
	}
	if day.Surprises > 0 {
		fmt.Fprintf(errs, "lending: %d surprise(s)\n", day.Surprises)
		return 1
	}
	return 0
}
