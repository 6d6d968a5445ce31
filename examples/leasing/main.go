// Command leasing is a car-leasing service with a guard before its personal data. It loads the
// register of a real privacy notice (register.yaml) and the rules of a security team (policies), seeds a
// few people, and walks through the requests of a day: who asks, for which purpose, and why the answer was what it was. In the
// evening it answers the letters of those the data is about, and at midnight it says what the archive may keep.
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

const usage = `Usage: leasing [--json] [--trail DIR]

Walks a leasing service through a day of requests for personal data and prints
what was asked, what was answered and why, the answers to the people who wrote,
what the archive must give up at midnight, then the audit trail, verified.
It exits with 1 if any answer differs from what the story expects.

Options:
  --json       print one JSON document instead of text
  --trail DIR  keep the audit trail in DIR, which must be new or hold a trail

Colour is used on a terminal, unless NO_COLOR is set.

Example:
  go run ./examples/leasing --trail /tmp/leasing-trail
`

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr, story))
}

// run is the program. It returns 0, 1 for a surprise or failure, and 2 for a mistake in the arguments.
func run(ctx context.Context, args []string, out, errs io.Writer, tell func(*people) []step) int {
	flags := flag.NewFlagSet("leasing", flag.ContinueOnError)
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
		fmt.Fprintf(errs, "leasing: %v\n\n%s", err, usage)
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
		fmt.Fprintln(errs, "leasing:", err)
		return 1
	}
	if day.Surprises > 0 {
		fmt.Fprintf(errs, "leasing: %d surprise(s)\n", day.Surprises)
		return 1
	}
	return 0
}
