package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/table"
)

func explainCommand() command {
	var x explainer
	return command{
		name: "explain", args: "REGISTER POLICIES...", summary: "explain how one request is decided",
		about: `
Explain decides one request and says why: the answer for each field, every gate, what a permit rests on, the rules that
matched with file and line, and what would have to hold. The request is YAML or JSON with the keys fields, now, given and
request, as in a decision table; with -case it is a case of a table. It is decided with a ledger that holds what is given
and nothing else, and a denial is an answer, not a failure.

Ids in a request show in the answer: make them up.`,
		examples: `
purposebound explain -request request.yaml register.yaml policies
purposebound explain -gates -request request.yaml register.yaml policies
purposebound explain -request tables/billing.yaml -case "billing reads accounts" register.yaml policies
purposebound explain -json -request - register.yaml policies <request.json`,
		flags: func(set *flag.FlagSet) {
			set.StringVar(&x.request, "request", "", "`file` with the request; - is standard input")
			set.StringVar(&x.name, "case", "", "explain the case of this `name`: the file is a decision table")
			set.BoolVar(&x.gates, "gates", false, "list every gate on a line of its own, with its codes")
		},
		run: x.run,
	}
}

// explainer is the subcommand.
type explainer struct {
	request, name string
	gates         bool
}

// maxRequest is the size of a request file, in bytes.
const maxRequest = 4 << 20

func (x *explainer) run(ctx context.Context, e *env, args []string) error {
	if x.request == "" {
		return usagef("name the file of the request: -request FILE")
	}
	reg, policies, err := open(args)
	if err != nil {
		return err
	}
	t, err := x.read(e)
	if err != nil {
		return broken(x.request, "", err)
	}
	why, err := table.Explain(ctx, reg.Register, deciders(policies), t, x.name)
	if err != nil {
		return broken(x.request, "", err)
	}
	relocate(why, policies)
	if e.json {
		return e.encode(why)
	}
	if err := why.WriteText(e.stdout); err != nil {
		return err
	}
	if x.gates {
		e.listGates(why)
	}
	return nil
}

// read reads the table that holds the request, and sees to the name of its case.
func (x *explainer) read(e *env) (*table.Table, error) {
	var text []byte
	var err error
	file := x.request
	if file == "-" {
		file = "standard input"
		text, err = io.ReadAll(io.LimitReader(e.stdin, maxRequest+1))
	} else {
		text, err = readFile(file, maxRequest)
	}
	switch {
	case err != nil:
		return nil, err
	case len(text) > maxRequest:
		return nil, fmt.Errorf("%s is larger than %d bytes", file, maxRequest)
	case x.name != "":
		return table.Parse(file, text)
	}
	t, err := table.ParseRequest(file, text)
	if err == nil {
		x.name = t.Cases[0].Name
	}
	return t, err
}

// relocate names the files of rules from where the command stands.
func relocate(why *policy.Explanation, policies []*loaded) {
	places := map[string]string{}
	for i := range why.Rules {
		r := &why.Rules[i]
		at := slices.IndexFunc(policies, func(p *loaded) bool { return p.name == r.Policy })
		if at < 0 || r.File == "" {
			continue
		}
		here := within(policies[at].dir, r.File)
		places[fmt.Sprintf("%s:%d", r.File, r.Line)] = fmt.Sprintf("%s:%d", here, r.Line)
		r.File = here
	}
	move := func(r *policy.Reason) {
		if here, ok := places[r.Evidence]; ok && strings.HasPrefix(string(r.Code), "policy.") {
			r.Evidence = here
		}
	}
	for i := range why.Fields {
		for j := range why.Fields[i].Reasons {
			move(&why.Fields[i].Reasons[j])
		}
	}
	if why.Because != nil {
		move(why.Because)
	}
}

// listGates writes every gate, with what it found.
func (e *env) listGates(why *policy.Explanation) {
	e.print("gates:\n")
	for _, g := range why.Gates {
		codes := make([]string, len(g.Codes))
		for i, c := range g.Codes {
			codes[i] = string(c)
		}
		tone := map[string]string{"passed": green, "failed": red}[g.Result]
		result := fmt.Sprintf("%-9s", g.Result)
		if tone != "" {
			result = e.paint(tone, result)
		}
		e.print("%s\n", strings.TrimRight(fmt.Sprintf("  %-14s %s  %s", g.Gate, result, strings.Join(codes, ", ")), " "))
	}
}
