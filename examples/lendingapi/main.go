// Command lendingapi is a loan company's service over HTTP with a guard before its personal data: applications in SQL, sealed
// from the database to the guard; what is known of people in a ledger in SQL; the audit trail in files, durable before an
// answer leaves. Without arguments it starts itself on loopback, makes requests as its clients would, tells what came
// back and why, restarts, and verifies the trail.
//
//purposevet:register ../lending/notice/register.yaml
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the controller's zone, on machines without a zone database
)

const usage = `Usage: lendingapi [-postgres URL]
       lendingapi -serve ADDRESS [-operations ADDRESS] [-bureau URL] [-dir DIR]
                  [-anchor FILE] [-postgres URL]

Runs a loan company's service on loopback, talks to it as its clients would,
and tells what was released, withheld, refused and shared, and why. It exits
with 1 if any answer differs from what the story expects.

Options:
  -serve ADDRESS       run until interrupted, for clients at ADDRESS
  -operations ADDRESS  where health and metrics are shown (default 127.0.0.1:0)
  -bureau URL          the credit bureau that enquiries are posted to
  -dir DIR             keep the trail, its keys and SQLite in DIR
  -anchor FILE         keep checkpoints of the trail in FILE, where others keep
                       it from this service (default DIR/anchor)
  -postgres URL        keep applications and ledger in PostgreSQL instead of
                       SQLite (default $LENDINGAPI_POSTGRES)

Example:
  go run ./examples/lendingapi -serve 127.0.0.1:8080 -dir /tmp/lendingapi
  curl -i -H 'Authorization: Bearer officer-token-of-the-demonstration' \
    http://127.0.0.1:8080/applications/a-1001/assessment
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program. It returns 0, 1 for a surprise or failure, and 2 for a mistake in the arguments.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	set := settings{log: slog.New(slog.NewTextHandler(errs, nil))}
	flags := flag.NewFlagSet("lendingapi", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	address := flags.String("serve", "", "")
	operations := flags.String("operations", "127.0.0.1:0", "")
	flags.StringVar(&set.bureau, "bureau", "", "")
	flags.StringVar(&set.dir, "dir", "", "")
	flags.StringVar(&set.anchor, "anchor", "", "")
	flags.StringVar(&set.postgres, "postgres", os.Getenv("LENDINGAPI_POSTGRES"), "")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(out, usage)
		return 0
	case err != nil || flags.NArg() > 0:
		fmt.Fprintf(errs, "lendingapi: %v\n\n%s", cmp.Or(err, fmt.Errorf("unexpected argument %q", flags.Arg(0))), usage)
		return 2
	}
	err := within(set.dir, func(dir string) error {
		set.dir = dir
		if *address != "" {
			return serve(ctx, out, *address, *operations, set)
		}
		return demonstrate(ctx, out, set)
	})
	if err != nil {
		fmt.Fprintln(errs, "lendingapi:", err)
		return 1
	}
	return 0
}

// within runs do in a directory that is kept, or in one of its own that is not.
func within(dir string, do func(string) error) (err error) {
	if dir != "" {
		return do(dir)
	}
	temp, err := os.MkdirTemp("", "lendingapi")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	return do(temp)
}
