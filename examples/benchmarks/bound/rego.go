package bound

import (
	"fmt"
	"strings"
	"testing/fstest"

	"github.com/purposebound/purposebound/examples/benchmarks/world"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/policy/regopolicy"
	"github.com/purposebound/purposebound/purpose"
)

// Rego is the need to know in Rego, a rule for each desk: the engine finds those of a purpose by its index. A desk that
// needs all that the register allows for its purpose says so in one answer. The bans stay selectors.
func Rego(register *purpose.Register, w *world.World) ([]policy.Decider, error) {
	files := fstest.MapFS{}
	for i, text := range modules(w) {
		files[fmt.Sprintf("needs%d.rego", i)] = &fstest.MapFile{Data: []byte(text)}
	}
	rego, err := regopolicy.Load(register, "team", files)
	if err != nil || len(w.Banned) == 0 {
		return []policy.Decider{rego}, err
	}
	bans, err := celpolicy.New(register, "bans", ban(w))
	return []policy.Decider{rego, bans}, err
}

const header = "package purposebound\n\nimport rego.v2\n"

// moduleSize keeps a module well below what the package takes.
const moduleSize = 100 << 10

func modules(w *world.World) (all []string) {
	covered := map[string]int{} // groups by purpose
	for _, a := range w.Activities {
		for _, p := range a.Purposes {
			covered[p]++
		}
	}
	var b strings.Builder
	b.WriteString(header)
	for i := range w.Needs {
		n := &w.Needs[i]
		categories := n.Groups
		if len(n.Purposes) == 0 || len(n.Groups) == covered[n.Purposes[0]] {
			categories = []string{"*"}
		}
		for _, c := range categories {
			fmt.Fprintf(&b, "\npermit contains {\"rule\": %q, \"category\": %q} if {\n", n.Key, c)
			for _, p := range n.Purposes {
				fmt.Fprintf(&b, "\tinput.purpose == %q\n", p)
			}
			b.WriteString(among("input.action", n.Actions))
			if len(n.Roles) == 1 {
				fmt.Fprintf(&b, "\t%q in input.principal.roles\n}\n", n.Roles[0])
			} else {
				fmt.Fprintf(&b, "\tsome role in input.principal.roles\n%s}\n", among("role", n.Roles))
			}
		}
		if b.Len() > moduleSize {
			all = append(all, b.String())
			b.Reset()
			b.WriteString(header)
		}
	}
	return append(all, b.String())
}

// among is a line that holds a value to a list.
func among(value string, list []string) string {
	if len(list) == 1 {
		return fmt.Sprintf("\t%s == %q\n", value, list[0])
	}
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("\t%s in {%s}\n", value, strings.Join(quoted, ", "))
}
