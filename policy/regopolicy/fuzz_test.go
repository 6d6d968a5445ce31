package regopolicy

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/davecgh/go-spew/spew"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// FuzzLoad: any module and document are a policy or a list of problems with places inside the text, and a policy
// answers without quoting what it was asked.
func FuzzLoad(f *testing.F) {
	for _, text := range []string{
		header + example, header + allEffects, header + needToKnow, one, header + usesLibrary, header + "permit contains {", "package purposebound", "package a.b\nimport rego.v2\nimport data.a.c\n",
		header + one + "deny contains {\"rule\": \"a\", \"field\": n} if {\n\tsome n, f in input.fields\n\tevery c in f.within { not c in data.open }\n}",
		header + one + "helper(x) := y if {\n\ty := {z | some z in x}\n} else := {} if true\n", "# METADATA\n# scope: package\n# custom: {a: [1]}\n" + header + one,
		header + one + "default x := 1\n\nx := 2 if { not input.facts[\"case-open\"] }\n", "package x\nimport rego.v2\np if { not { a; b } }\n", header + one + "q if $\"{input}\"",
	} {
		f.Add(text, `{"open": ["contact"], "n": 1}`)
	}
	f.Add(header+one, "[{]")
	f.Add(header+one, `{"purposebound": 1}`)
	reg := register(f)
	in := ask(f, plan(f, reg), append(allFacts, full, func(in *policy.Input) {
		in.Request.Principal.ID, in.Request.Principal.Roles = canary, []string{"billing", canary}
	}, fact("note", purpose.TextValue(canary)))...)
	f.Fuzz(func(t *testing.T, text, data string) {
		for _, name := range []string{"data.json", "data.yaml"} {
			p, err := Load(reg, "", fstest.MapFS{"p.rego": {Data: []byte(text)}, name: {Data: []byte(data)}})
			if err != nil {
				var problems Problems
				if p != nil || !errors.As(err, &problems) || len(problems) == 0 {
					t.Fatalf("no problems, or a policy beside them: %v", err)
				}
				lines := max(strings.Count(text, "\n"), strings.Count(data, "\n")+strings.Count(data, "\r")+strings.Count(data, "\u2028")+strings.Count(data, "\u2029")+strings.Count(data, "\u0085")) + 2
				for _, x := range problems {
					if x.Line < 0 || x.Line > lines || x.Code == "" || inLibrary(x.File) || x.Message == "" || len(x.Message) > 1_000 {
						t.Fatalf("%d lines, but a problem at %+v", lines, x)
					}
				}
				continue
			}
			v, err := p.Decide(t.Context(), in)
			if out := spew.Sdump(v) + fmt.Sprint(err); strings.Contains(out, canary) {
				t.Fatalf("the input leaks: %s", out)
			}
			if err != nil && (!v.Permit.Empty() || !v.Deny.Empty()) {
				t.Fatal("an answer beside an error")
			}
			if !v.Permit.Or(v.Deny).Without(in.Fields).Empty() {
				t.Fatal("answers for fields that were not asked for")
			}
			if _, err := p.Foresee(t.Context(), policy.Prospect{Action: purpose.Read, Purpose: in.Purpose, Plan: in.Plan}); err != nil {
				t.Fatalf("what decides can be foreseen: %v", err)
			}
		}
	})
}
