package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/purposebound/purposebound/policy/regopolicy"
)

func kitCommand() command {
	var x kit
	return command{
		name: "kit", args: "REGISTER DIR", summary: "write what the tools of OPA need to know of Rego policies",
		about: `
Kit writes, into a directory of its own, the Rego library that policies may import (lib), the JSON Schema of their input under
the register (schemas/input.json) and the functions that they may call (capabilities.json). With these the real
"opa check" and "opa test" work on the same files. Give opa the schema's file, not its directory: without annotations in the
modules it uses no other. What opa lets pass, "purposebound check" may still refuse.

Run it again whenever the register changes. It writes no file that is as it should be, and replaces a file that differs
only with -force: it may be yours.`,
		examples: `
purposebound kit register.yaml kit
opa check --strict --schema kit/schemas/input.json --capabilities kit/capabilities.json kit/lib policies
opa test --capabilities kit/capabilities.json kit/lib policies
purposebound kit -force register.yaml kit`,
		flags: func(set *flag.FlagSet) { set.BoolVar(&x.force, "force", false, "replace files that differ") },
		run:   x.run,
	}
}

// kit is the subcommand.
type kit struct{ force bool }

// kitFile is a file of the kit, and what became of it.
type kitFile struct {
	File   string `json:"file"`
	Status string `json:"status"` // "missing", "unchanged", "differs"; after writing "written", "unchanged", "replaced"
	text   []byte
}

func (x *kit) run(_ context.Context, e *env, args []string) error {
	if len(args) != 2 {
		return usagef("name a register and a directory")
	}
	reg, err := loadRegister(args[0])
	if err != nil {
		return err
	}
	files := []*kitFile{
		{File: "capabilities.json", text: regopolicy.Capabilities()},
		{File: "schemas/input.json", text: regopolicy.InputSchema(reg.Register)},
	}
	library := regopolicy.Library()
	err = fs.WalkDir(library, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.rego") { // its tests are about registers of their own
			return err
		}
		text, err := fs.ReadFile(library, name)
		files = append(files, &kitFile{File: path.Join("lib", name), text: text})
		return err
	})
	if err != nil {
		return err
	}
	differs := 0
	for _, f := range files {
		f.File = filepath.Join(args[1], filepath.FromSlash(f.File))
		if err := f.compare(); err != nil {
			return err
		}
		if f.Status == "differs" && !x.force {
			differs++
		}
	}
	if differs == 0 { // all or nothing
		for _, f := range files {
			if err := f.write(); err != nil {
				return err
			}
		}
	}
	return x.report(e, files, differs)
}

// compare says what is there already.
func (f *kitFile) compare() error {
	there, err := readFile(f.File, int64(len(f.text)))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.Status, err = "missing", nil
	case bytes.Equal(there, f.text):
		f.Status = "unchanged"
	default:
		f.Status = "differs"
	}
	return err
}

func (f *kitFile) write() error {
	if f.Status == "unchanged" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(f.File), 0o777); err != nil {
		return err
	}
	if f.Status == "differs" {
		f.Status = "replaced"
		return replace(f.File, f.text)
	}
	f.Status = "written"
	return write(f.File, f.text, 0o644)
}

func (x *kit) report(e *env, files []*kitFile, differs int) error {
	if e.json {
		if err := e.encode(files); err != nil {
			return err
		}
	}
	for _, f := range files {
		if differs == 0 || f.Status == "differs" {
			e.print("%-9s %s\n", f.Status, filepath.ToSlash(f.File))
		}
	}
	if differs > 0 {
		if !e.json {
			fmt.Fprintf(e.stderr, "purposebound kit: %s would be replaced, nothing was written: -force replaces\n", plural(differs, "file"))
		}
		return errFound
	}
	return nil
}
