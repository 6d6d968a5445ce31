package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/filetrail"
)

func auditTailCommand() command {
	var from uint64
	var follow bool
	return command{
		name: "audit tail", args: "DIR", summary: "print the events of a trail in files",
		about: `
Tail prints the events of a trail, a line each; with -json the very lines of the trail. It takes no lock, follows the chain as
it goes, and ends with 1 at a line that does not follow the one before: "audit verify" says more. A last line that is not
whole is left out. With -f it waits for more until it is interrupted.`,
		examples: `
purposebound audit tail /var/lib/service/trail
purposebound audit tail -f -from 4711 /var/lib/service/trail
purposebound audit tail -json /var/lib/service/trail`,
		flags: func(set *flag.FlagSet) {
			set.Uint64Var(&from, "from", 0, "first `seq`; 0 means the first there is")
			set.BoolVar(&follow, "f", false, "wait for more")
		},
		run: func(ctx context.Context, e *env, args []string) error {
			if len(args) != 1 {
				return usagef("give one directory")
			}
			return tailTrail(ctx, e, args[0], from, follow)
		},
	}
}

// tailTrail prints events from a seq on.
func tailTrail(ctx context.Context, e *env, dir string, from uint64, follow bool) error {
	pruned, err := filetrail.Pruned(dir)
	if err != nil {
		return err
	}
	chain := audit.Follow(pruned.Head)
	for tail := filetrail.NewTail(dir); ; {
		for line, err := range tail.Lines(ctx) {
			if follow && ctx.Err() != nil {
				return nil
			}
			if err != nil {
				return err
			}
			if chain.Next(line) != nil {
				fmt.Fprintf(e.stderr, "purposebound audit tail: the line behind seq %d does not follow\n", chain.Head().Seq)
				return errFound
			}
			if chain.Head().Seq < from {
				continue
			}
			if err := e.event(line); err != nil {
				return err
			}
		}
		if !follow {
			return nil
		}
		select {
		case <-time.After(pollEvery):
		case <-ctx.Done():
			return nil
		}
	}
}

// event prints one line of a trail.
func (e *env) event(line []byte) error {
	if e.json {
		_, err := fmt.Fprintf(e.stdout, "%s\n", line)
		return err
	}
	v, err := audit.ParseLine(line)
	if err != nil {
		return errors.New("a line is none of a trail")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%6d  %s  %-18s", v.Seq, v.Time.Format(time.RFC3339Nano), v.Name)
	said := func(before, text string) {
		if text != "" {
			b.WriteString("  " + before + text)
		}
	}
	said("", string(v.Outcome))
	said("because ", v.Reason)
	said("by ", v.PrincipalRef)
	said("to ", v.RecipientID)
	said("for ", v.Purpose)
	said("on ", v.Basis)
	said("about ", strings.Join(v.DataSubjectRefs, " "))
	if v.N > 0 {
		said("n ", fmt.Sprint(v.N))
	}
	_, err = fmt.Fprintln(e.stdout, strings.TrimRight(b.String(), " "))
	return err
}
