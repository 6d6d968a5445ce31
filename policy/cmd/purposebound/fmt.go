package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"reflect"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/purposebound/purposebound/policy/check"
	"github.com/purposebound/purposebound/purpose/registerfile"
)

func fmtCommand() command {
	var x formatter
	return command{
		name: "fmt", args: "[REGISTER...]", summary: "write registers in their canonical form",
		about: `
Fmt writes registers in the canonical form: keys in one order, empty ones left out, two spaces to a level, texts quoted where
they must be. What it writes reads back as the same register, or it is not written. Without a file it reads standard
input. The form alone matters: a register with mistakes in its content is formatted too.

The canonical form has no comments. A file that has some is not written, and not printed either, unless -drop-comments
says that they may go. What should stay belongs in the keys note, title and clause.

With -l or -d, files that differ from their canonical form end it with 1.`,
		examples: `
purposebound fmt register.yaml
purposebound fmt -l registers/*.yaml
purposebound fmt -d register.yaml
purposebound fmt -w -drop-comments register.yaml`,
		flags: func(set *flag.FlagSet) {
			set.BoolVar(&x.list, "l", false, "list the files that differ from their canonical form")
			set.BoolVar(&x.write, "w", false, "write the files in place")
			set.BoolVar(&x.diff, "d", false, "show the difference to the canonical form")
			set.BoolVar(&x.drop, "drop-comments", false, "let comments go")
		},
		run: x.run,
	}
}

// formatter is the subcommand.
type formatter struct{ list, write, diff, drop bool }

// formatted is what -json prints of each file.
type formatted struct {
	File     string          `json:"file"`
	Changed  bool            `json:"changed"`            // differs from its canonical form
	Comments bool            `json:"comments,omitempty"` // it has some
	Written  bool            `json:"written,omitempty"`
	Error    string          `json:"error,omitempty"`    // why it was not formatted or written
	Findings []check.Finding `json:"findings,omitempty"` // what is wrong with it

	text, canonical []byte
	err             error
}

// stdinName stands for standard input.
const stdinName = "standard input"

func (x *formatter) run(_ context.Context, e *env, files []string) error {
	switch {
	case len(files) == 0 && x.write:
		return usagef("-w writes files: name them")
	case e.json && !x.list && !x.diff && !x.write:
		return usagef("-json goes with -l, -d or -w: the canonical form is YAML")
	}
	if len(files) == 0 {
		files = []string{stdinName}
	}
	out := []*formatted{}
	for i, file := range files {
		f := x.format(e, file, i == 0 && file == stdinName)
		if f.err == nil {
			f.err = x.deliver(e, f)
		}
		if f.err != nil {
			f.Error = f.err.Error()
		}
		if b := (*brokenError)(nil); errors.As(f.err, &b) {
			f.Findings = b.findings
		}
		out = append(out, f)
	}
	if e.json {
		if err := e.encode(out); err != nil {
			return err
		}
	}
	return x.verdict(e, out)
}

// format makes the canonical form of a file.
func (x *formatter) format(e *env, file string, standard bool) *formatted {
	f := &formatted{File: file}
	if standard {
		f.text, f.err = io.ReadAll(io.LimitReader(e.stdin, registerfile.MaxSize+1))
	} else {
		f.text, f.err = readFile(file, registerfile.MaxSize)
	}
	if f.err != nil {
		return f
	}
	spec, err := registerfile.Parse(file, f.text)
	if err != nil {
		f.err = broken(file, "", err)
		return f
	}
	var b bytes.Buffer
	if err := registerfile.Write(&b, spec); err != nil {
		f.err = fmt.Errorf("%s: the register has no canonical form", file)
		return f
	}
	if again, err := registerfile.Parse(file, b.Bytes()); err != nil || !alike(reflect.ValueOf(again), reflect.ValueOf(spec)) {
		f.err = fmt.Errorf("%s: the canonical form does not read back as the same register", file)
		return f
	}
	f.canonical = b.Bytes()
	f.Changed, f.Comments = !bytes.Equal(f.text, f.canonical), commented(f.text)
	return f
}

// deliver does with the canonical form what the flags say.
func (x *formatter) deliver(e *env, f *formatted) error {
	if x.list && f.Changed {
		e.print("%s\n", f.File)
	}
	if x.diff && f.Changed {
		e.print("%s", diff.Diff(f.File, f.text, f.File+" (canonical)", f.canonical))
	}
	printing := !x.list && !x.diff && !x.write
	if !printing && (!x.write || !f.Changed) {
		return nil
	}
	if f.Comments && !x.drop {
		return fmt.Errorf("%s: %w, which the canonical form leaves out: -drop-comments lets them go", f.File, errComments)
	}
	if printing {
		_, err := e.stdout.Write(f.canonical)
		return err
	}
	if err := replace(f.File, f.canonical); err != nil {
		return err
	}
	f.Written = true
	return nil
}

var errComments = errors.New("has comments")

// verdict turns what happened into the end of the subcommand.
func (x *formatter) verdict(e *env, out []*formatted) error {
	var end error
	for _, f := range out {
		if f.err == nil {
			if f.Changed && !x.write && (x.list || x.diff) && end == nil {
				end = errFound
			}
			continue
		}
		if f.Findings == nil && !errors.Is(f.err, errComments) {
			end = errUnable
		} else if end == nil {
			end = errFound
		}
		if e.json {
			continue
		}
		for _, p := range f.Findings {
			fmt.Fprintln(e.stderr, p)
		}
		fmt.Fprintf(e.stderr, "purposebound fmt: %s\n", f.err)
	}
	return end
}
