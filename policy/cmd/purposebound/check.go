package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/policy/check"
	"github.com/purposebound/purposebound/purpose"
)

func checkCommand() command {
	c := checker{fail: check.Warning, show: check.Note}
	return command{
		name: "check", args: "REGISTER... [POLICIES...]", summary: "check registers, and policies against a register",
		about: `
Check reports everything that loading checks, and then what is sound and still deserves a look: rules that can never
apply, what a register allows and no policy ever permits, and the assumptions and advice of the register.

Every finding has a place, a severity and a stable code. An error means that a program could not load it. A warning means that
a rule, a purpose, a recipient or a category is dead. A note is for reading. Several registers are checked one by one; policies are
checked against one.`,
		examples: `
purposebound check register.yaml policies
purposebound check -fail error -show warning register.yaml team=policies/rego
purposebound check -allow activity.never,recipient.never register.yaml policies
purposebound check -json register.yaml policies >findings.json`,
		flags: func(set *flag.FlagSet) {
			set.TextVar(&c.fail, "fail", check.Warning, "end with 1 from this `severity` on: error, warning or note")
			set.TextVar(&c.show, "show", check.Note, "print findings from this `severity` on")
			set.StringVar(&c.allow, "allow", "", "`codes` of findings that are known and shall not fail, separated by commas")
		},
		run: c.run,
	}
}

// checker is the subcommand.
type checker struct {
	fail, show check.Severity
	allow      string
}

// checked is what -json prints.
type checked struct {
	OK        bool              `json:"ok"`
	Registers []checkedRegister `json:"registers"`
	Policies  []checkedPolicy   `json:"policies"`
	Findings  []check.Finding   `json:"findings"`
	Summary   tally             `json:"summary"`
}

type checkedRegister struct {
	File   string `json:"file"`
	Digest string `json:"digest,omitempty"` // empty where it does not load
}

type checkedPolicy struct {
	Name      string `json:"name"`
	Directory string `json:"directory"`
	Engine    string `json:"engine"`
	Digest    string `json:"digest,omitempty"` // empty where it does not load
}

func (c *checker) run(ctx context.Context, e *env, args []string) error {
	in, err := sortArgs(args)
	switch {
	case err != nil:
		return err
	case len(in.registers) == 0:
		return usagef("name a register, a file")
	case len(in.policies) > 0 && len(in.registers) > 1:
		return usagef("policies are checked against one register: there are %d", len(in.registers))
	}
	list, err := sources(in.policies)
	if err != nil {
		return err
	}
	out := &checked{Policies: []checkedPolicy{}, Findings: []check.Finding{}}
	for _, file := range in.registers {
		if err := out.check(ctx, file, list); err != nil {
			return err
		}
	}
	slices.SortStableFunc(out.Findings, func(a, b check.Finding) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column)
	})
	out.Summary, out.OK = count(out.Findings), true
	allowed := strings.FieldsFunc(c.allow, func(r rune) bool { return r == ',' || r == ' ' })
	for _, f := range out.Findings {
		out.OK = out.OK && (f.Severity > c.fail || f.Severity != check.Error && slices.Contains(allowed, f.Code))
	}
	out.Findings = slices.DeleteFunc(out.Findings, func(f check.Finding) bool { return f.Severity > c.show })
	if e.json {
		err = e.encode(out)
	} else {
		e.findings(out.Findings)
		e.print("%s\n", out.Summary)
	}
	if err == nil && !out.OK {
		err = errFound
	}
	return err
}

// check adds what is found of a register and the policies for it. An error means that something could not be read.
func (out *checked) check(ctx context.Context, file string, list []source) error {
	reg, err := loadRegister(file)
	if err != nil {
		out.Registers = append(out.Registers, checkedRegister{File: file})
		for _, s := range list {
			out.Policies = append(out.Policies, checkedPolicy{Name: s.name, Directory: s.dir, Engine: s.engine})
		}
		return out.take(err)
	}
	out.Registers = append(out.Registers, checkedRegister{file, reg.Digest()})
	policies, err := out.load(reg.Register, list)
	if err != nil {
		return err
	}
	found := check.Run(ctx, reg.Register, deciders(policies)...)
	for i := range found {
		for _, p := range policies {
			if f := &found[i]; f.Policy == p.name {
				f.File = within(p.dir, f.File)
			}
		}
	}
	reg.place(found)
	out.Findings = append(out.Findings, found...)
	return ctx.Err()
}

// load loads the policies. Where one is broken, nothing is said of what the others can do together.
func (out *checked) load(reg *purpose.Register, list []source) (all []*loaded, err error) {
	whole := true
	for _, s := range list {
		p, err := s.load(reg)
		x := checkedPolicy{Name: s.name, Directory: s.dir, Engine: s.engine}
		if err != nil {
			whole = false
			if err := out.take(err); err != nil {
				return nil, err
			}
		} else {
			x.Digest = p.Digest()
			all = append(all, p)
		}
		out.Policies = append(out.Policies, x)
	}
	if !whole {
		return nil, nil
	}
	return all, nil
}

// take lists what is wrong with input; any other error is given back.
func (out *checked) take(err error) error {
	var b *brokenError
	if !errors.As(err, &b) {
		return err
	}
	out.Findings = append(out.Findings, b.findings...)
	return nil
}
