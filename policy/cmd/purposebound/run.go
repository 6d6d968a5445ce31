package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
)

// Exit codes.
const (
	exitFine   = 0
	exitFound  = 1 // something was found, or failed
	exitUnable = 2 // called wrongly, or could not run
)

// Ends of a subcommand that has printed why.
var (
	errFound  = errors.New("something was found")
	errUnable = errors.New("could not run")
)

// usageError is a call that makes no sense.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// env is what a subcommand works with.
type env struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	json           bool
}

// exitStatus ends a subcommand that has printed why and has exit codes of its own.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// command is one subcommand; its name may be two words, as in "audit verify".
type command struct {
	name     string
	args     string // that follow the flags
	summary  string // one line
	about    string // paragraphs for --help
	examples string // lines for --help
	flags    func(*flag.FlagSet)
	run      func(ctx context.Context, e *env, args []string) error
}

// commands lists the subcommands in the order of the help. A new one is a file with a function, and a line here.
func commands() []command {
	return []command{
		checkCommand(),
		testCommand(),
		explainCommand(),
		fmtCommand(),
		schemaCommand(),
		recordCommand(),
		kitCommand(),
		retentionCommand(),
		auditVerifyCommand(),
		auditTailCommand(),
		auditProveCommand(),
		auditReportCommand(),
	}
}

// run is the whole program.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	e := &env{stdin: stdin, stdout: stdout, stderr: stderr}
	if len(args) == 0 {
		fmt.Fprint(stderr, overview())
		return exitUnable
	}
	name, rest := args[0], args[1:]
	switch name {
	case "help", "-h", "-help", "--help":
		if len(rest) == 0 {
			fmt.Fprint(stdout, overview())
			return exitFine
		}
		name, rest = rest[0], []string{"--help"}
	}
	if len(args) > 1 && args[0] != "help" {
		if two := name + " " + args[1]; isCommand(two) {
			name, rest = two, args[2:]
		}
	} else if len(args) > 2 && isCommand(args[1]+" "+args[2]) {
		name = args[1] + " " + args[2]
	}
	for _, c := range commands() {
		if c.name == name {
			return e.call(ctx, &c, rest)
		}
	}
	if list := family(name); list != "" {
		fmt.Fprintf(stderr, "purposebound: say which: %s\n", list)
		return exitUnable
	}
	fmt.Fprintf(stderr, "purposebound: %q is no subcommand; \"purposebound help\" lists them\n", name)
	return exitUnable
}

func isCommand(name string) bool {
	return slices.ContainsFunc(commands(), func(c command) bool { return c.name == name })
}

// family lists the subcommands of two words that begin with a name.
func family(name string) string {
	var list []string
	for _, c := range commands() {
		if strings.HasPrefix(c.name, name+" ") {
			list = append(list, c.name)
		}
	}
	return strings.Join(list, ", ")
}

// call runs a subcommand and turns its error into an exit code.
func (e *env) call(ctx context.Context, c *command, args []string) int {
	set := flag.NewFlagSet(c.name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.BoolVar(&e.json, "json", false, "print JSON")
	if c.flags != nil {
		c.flags(set)
	}
	args, err := parse(set, args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(e.stdout, c.help(set))
		return exitFine
	}
	if err != nil {
		err = &usageError{err.Error()}
	} else {
		err = c.run(ctx, e, args)
	}
	var usage *usageError
	var status exitStatus
	switch {
	case err == nil:
		return exitFine
	case errors.As(err, &status):
		return int(status)
	case errors.Is(err, errFound):
		return exitFound
	case errors.Is(err, errUnable):
		return exitUnable
	case errors.As(err, &usage):
		fmt.Fprintf(e.stderr, "purposebound %s: %s\n\"purposebound %s --help\" says how to call it\n", c.name, err, c.name)
		return exitUnable
	}
	return e.unable(c.name, err)
}

// parse reads flags wherever they stand among the arguments; what follows "--" is no flag.
func parse(set *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := set.Parse(args); err != nil {
			return nil, err
		}
		left := set.Args()
		if len(left) == 0 {
			return rest, nil
		}
		if read := len(args) - len(left); read > 0 && args[read-1] == "--" {
			return append(rest, left...), nil
		}
		rest, args = append(rest, left[0]), left[1:]
	}
}

// overview is the help of the whole program.
func overview() string {
	var b strings.Builder
	b.WriteString("purposebound checks, tests and explains registers and policies, and reads audit trails.\n\nUsage:\n\n  purposebound <subcommand> [flags] [arguments]\n\nSubcommands:\n\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "  %-18s %s\n", c.name, c.summary)
	}
	b.WriteString(`
A register is a YAML file. Policies are directories: *.yaml are rules with conditions in CEL, *.rego are Rego, and a
directory may hold both. NAME=DIR gives a policy the name that it has in your program.

"purposebound <subcommand> --help" shows flags and examples. Exit codes: 0 fine, 1 something was found or failed,
2 called wrongly or could not run; audit verify has one for each verdict.
`)
	return b.String()
}

// help is the help of one subcommand.
func (c *command) help(set *flag.FlagSet) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Usage: purposebound %s [flags]", c.name)
	if c.args != "" {
		b.WriteString(" " + c.args)
	}
	fmt.Fprintf(&b, "\n\n%s\n\nFlags:\n\n", strings.TrimSpace(c.about))
	set.SetOutput(&b)
	set.PrintDefaults()
	fmt.Fprintf(&b, "\nExamples:\n\n%s\n", indent(strings.TrimSpace(c.examples)))
	return b.String()
}

func indent(text string) string { return "  " + strings.ReplaceAll(text, "\n", "\n  ") }
