// Command creditbureau is a credit-information bureau with a guard before its databank. It loads the register of a real
// privacy notice (register.yaml) and the rules of a security team (policies), and tells a day: who asks for what, what
// they get and why, what is erased at night, what a person is answered, and the audit trail of it all.
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

const usage = `Usage: creditbureau [--trail DIR]

Tells a day at a credit-information bureau: requests for personal data with the
answers and their reasons, the erasures of the night, a person's requests, and
the audit trail, verified.
It exits with 1 if any answer differs from what the story expects.

Options:
  --trail DIR  keep the audit trail in DIR, which must be new or hold a trail

Example:
  go run ./examples/creditbureau --trail /tmp/creditbureau-trail
`

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr, story))
}

// run is the program. It returns 0, 1 for a surprise or failure, and 2 for a mistake in the arguments.
func run(ctx context.Context, args []string, out, errs io.Writer, tell func(*people) []chapter) int {
	flags := flag.NewFlagSet("creditbureau", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	dir := flags.String("trail", "", "")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(out, usage)
		return 0
	case err != nil || flags.NArg() > 0:
		if err == nil {
			err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
		}
		fmt.Fprintf(errs, "creditbureau: %v\n\n%s", err, usage)
		return 2
	}
	day, err := live(ctx, *dir, tell)
	if err == nil {
		err = day.write(out)
	}
	if err != nil {
		fmt.Fprintln(errs, "creditbureau:", err)
		return 1
	}
	if day.surprises > 0 {
		fmt.Fprintf(errs, "creditbureau: %d surprise(s)\n", day.surprises)
		return 1
	}
	return 0
}
