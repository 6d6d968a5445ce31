package main

import (
	"os"
	"strings"

	"github.com/purposebound/purposebound/purpose"
)

// inputs are what most subcommands are called with: registers and policies.
type inputs struct {
	registers []string // files
	policies  []directory
}

// directory of policies. An empty name is made of the path.
type directory struct{ name, path string }

// sortArgs tells files from directories, which may be given as NAME=DIR.
func sortArgs(args []string) (in inputs, err error) {
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err == nil && !info.IsDir() {
			in.registers = append(in.registers, arg)
			continue
		}
		d := directory{path: arg}
		if name, path, named := strings.Cut(arg, "="); err != nil && named && purpose.ValidKey(name) && path != "" {
			d = directory{name, path}
			if info, err = os.Stat(path); err == nil && !info.IsDir() {
				return in, usagef("%s: a name is for a directory of policies", arg)
			}
		}
		if err != nil {
			return in, err
		}
		in.policies = append(in.policies, d)
	}
	return in, nil
}

// open loads one register and at least one policy.
func open(args []string) (*register, []*loaded, error) {
	in, err := sortArgs(args)
	switch {
	case err != nil:
		return nil, nil, err
	case len(in.registers) != 1:
		return nil, nil, usagef("name one register, a file: there are %d", len(in.registers))
	case len(in.policies) == 0:
		return nil, nil, usagef("name the directories of the policies")
	}
	reg, err := loadRegister(in.registers[0])
	if err != nil {
		return nil, nil, err
	}
	list, err := sources(in.policies)
	if err != nil {
		return nil, nil, err
	}
	all, err := loadAll(reg.Register, list)
	return reg, all, err
}
