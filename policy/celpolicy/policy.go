package celpolicy

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"cel.dev/cel-go/common/types/ref"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// Policy is a checked, immutable set of rules. It is safe for concurrent use.
type Policy struct {
	name, digest string
	reg          *purpose.Register
	rules        []rule     // by id
	everywhere   []uint32   // rules for all purposes
	only         [][]uint32 // rules for some purposes, by leaf
	vars         []variable // that conditions mention, by slot
	names        []string   // of vars
	slots        map[string]int
	kinds        map[string]purpose.RecipientKind // of the register's recipients
	immediate    bool

	plans sync.Map                 // *purpose.Plan -> *view
	near  [16]atomic.Pointer[view] // some of them
	kept  atomic.Int32
	pool  sync.Pool // of *frame
	roles [16]atomic.Pointer[lastRoles]
}

// New checks rules against a register and makes a policy of them. An empty name is "cel". Everything
// that is wrong is reported at once: the error is of type Problems.
func New(register *purpose.Register, name string, rules ...Rule) (*Policy, error) {
	return build(register, name, rules, nil)
}

// Load reads all files in files whose names end in .yaml or .yml, names that begin with a dot left out,
// and makes one policy of their rules.
func Load(register *purpose.Register, name string, files fs.FS) (*Policy, error) {
	var problems Problems
	rules := readAll(files, &problems)
	return build(register, name, rules, problems)
}

func build(register *purpose.Register, name string, rules []Rule, problems Problems) (*Policy, error) {
	name = cmp.Or(name, "cel")
	if !purpose.ValidKey(name) {
		problems.add(purpose.Problem{Code: "policy.name", Message: fmt.Sprintf("%q is no name for a policy", clip(name))})
	}
	if register == nil {
		problems.add(purpose.Problem{Code: "policy.register", Message: "a policy is checked against a register: there is none"})
		return nil, problems
	}
	c := &compiler{reg: register, spec: register.Spec(), problems: problems}
	c.compile(rules)
	p := &Policy{name: name, reg: register, rules: c.rules, vars: c.exprs.used, slots: c.exprs.slots, kinds: kindsOf(&c.spec),
		immediate: !c.limited && c.spend <= maxImmediate}
	for i := range p.vars {
		p.names = append(p.names, p.vars[i].name)
	}
	if !p.index() {
		c.problems.add(purpose.Problem{Code: "list.size", Message: fmt.Sprintf("the rules select more than %d purposes together", maxIndex)})
	}
	if len(c.problems) > 0 {
		slices.SortStableFunc(c.problems, func(a, b purpose.Problem) int {
			return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column)
		})
		return nil, c.problems
	}
	p.digest = digest(register, rules)
	p.pool.New = func() any { return &frame{p: p, vals: make([]ref.Val, len(p.vars))} }
	return p, nil
}

// Name identifies the policy in reasons.
func (p *Policy) Name() string { return p.name }

// Digest identifies the rules and the register that they were checked against, "sha256:...".
func (p *Policy) Digest() string { return p.digest }

// Immediate reports whether every condition was proven cheap when the policy was loaded: Decide then never waits.
func (p *Policy) Immediate() bool { return p.immediate }

var (
	_ policy.Decider    = (*Policy)(nil)
	_ policy.Immediate  = (*Policy)(nil)
	_ policy.Listed     = (*Policy)(nil)
	_ policy.Foreseeing = (*Policy)(nil)
)

// index sorts the rules by the purposes that they select.
func (p *Policy) index() bool {
	tree := p.reg.Purposes()
	p.only = make([][]uint32, tree.Len())
	entries := 0
	for i := range p.rules {
		r := &p.rules[i]
		if r.purposes == nil {
			p.everywhere = append(p.everywhere, uint32(i))
			continue
		}
		for _, node := range r.purposes {
			for id := node; int(id) < tree.Len() && tree.Within(id, node); id++ {
				if !tree.Leaf(id) {
					continue
				}
				if entries++; entries > maxIndex {
					return false
				}
				p.only[id] = append(p.only[id], uint32(i))
			}
		}
	}
	return true
}
