// Command results measures everything, prints it, and writes it to a file.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/purposebound/purposebound/examples/benchmarks/report"
)

func main() {
	out := flag.String("o", "RESULTS.md", "file to write; empty: none")
	short := flag.Bool("short", false, "show that everything runs, in seconds; the figures mean nothing, and no file is written unless -o names one")
	flag.Parse()
	if err := run(*out, *short); err != nil {
		fmt.Fprintln(os.Stderr, "results:", err)
		os.Exit(1)
	}
}

func run(out string, short bool) error {
	c := report.Full()
	if short {
		c = report.Short()
		named := false
		flag.Visit(func(f *flag.Flag) { named = named || f.Name == "o" })
		if !named {
			out = ""
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	r, err := report.Run(ctx, c, os.Stderr)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := r.WriteMarkdown(&text); err != nil {
		return err
	}
	os.Stdout.Write(text.Bytes())
	if out == "" {
		return nil
	}
	return os.WriteFile(out, text.Bytes(), 0o644)
}
