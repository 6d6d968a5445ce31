package regopolicy

import (
	"cmp"
	"context"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// Policy is a checked, immutable set of Rego modules. It is safe for concurrent use.
type Policy struct {
	name, digest string
	reg          *purpose.Register
	defs         []definition
	byID         [policy.EffectOblige + 1]map[string][]int // indexes in defs
	terms        *terms
	reads        reads
	facts        map[string]purpose.Type // declared ones that rules read

	compiler *ast.Compiler
	store    storage.Store
	txn      storage.Transaction // never ends: nobody writes
	empty    bool                // no base documents
	query    ast.Body
	sets     []set // that the query asks for
	flights  chan struct{}
	idle     sync.Pool // *evaluation

	once       sync.Once
	immediate  bool                    // see Immediate
	fieldsGrow bool                    // see monotone
	twin       func() (*Policy, error) // for Foresee alone, see there

	plans sync.Map // *purpose.Plan -> *view
	kept  atomic.Int32
	views atomic.Uint64

	memory *memory // nil: nothing is remembered
}

// set is one of the sets that decide, and the variable that it ends up in.
type set struct {
	effect policy.Effect
	answer ast.Var
}

var (
	_ policy.Decider    = (*Policy)(nil)
	_ policy.Listed     = (*Policy)(nil)
	_ policy.Foreseeing = (*Policy)(nil)
	_ policy.Immediate  = (*Policy)(nil)
)

// Load reads all modules and base documents in files, names that begin with a dot left out, checks them against a
// register and makes one policy of them. An empty name is "rego". Everything that is wrong is reported at once: the
// error is of type Problems.
func Load(register *purpose.Register, name string, files fs.FS) (*Policy, error) {
	var problems Problems
	name = cmp.Or(name, "rego")
	if !purpose.ValidKey(name) {
		problems.file("", "policy.name", "%q is no name for a policy", clip(name))
	}
	if register == nil {
		problems.file("", "policy.register", "a policy is checked against a register: there is none")
		return nil, problems
	}
	all := readAll(files, &problems)
	l := check(register, all, &problems)
	if len(problems) > 0 {
		return nil, problems.sorted()
	}
	p, err := l.policy(register, name)
	if err != nil {
		problems.file("", "rego.compile", "the modules cannot be prepared")
		return nil, problems
	}
	p.twin = sync.OnceValues(func() (*Policy, error) {
		var none Problems
		twin, err := check(register, all, &none).policy(register, name)
		if err == nil {
			twin.flights = make(chan struct{}, 1)
		}
		return twin, err
	})
	return p, nil
}

// policy is made of what was checked.
func (l *loaded) policy(register *purpose.Register, name string) (*Policy, error) {
	p := &Policy{name: name, digest: digest(register, l.sources, l.documents), reg: register, defs: l.defs, compiler: l.compiled.compiler,
		terms: newTerms(register), flights: make(chan struct{}, maxConcurrent)}
	return p, p.prepare(l)
}

// loaded is what checks make of files.
type loaded struct {
	sources   []source // modules, with the library's
	documents []source
	compiled  *compiled
	defs      []definition
	words     *words
	data      ast.Object
}

// check finds everything that is wrong with a policy. What it returns is whole only when nothing is.
func check(register *purpose.Register, all sources, problems *Problems) *loaded {
	lib := libraryModules()
	l := &loaded{documents: all.documents, data: documents(all.documents, problems)}
	own := slices.DeleteFunc(slices.Clone(all.modules), func(s source) bool { return shipped(lib, s.text) })
	caps := capabilities(nil)
	modules := parse(own, caps, problems)
	count := 0
	for _, name := range names(modules) {
		form(modules[name], false, problems)
		count += len(modules[name].Rules)
	}
	if count > MaxRules {
		problems.file("", "list.size", "%d rules, at most %d", count, MaxRules)
	}
	if len(modules) < len(own) || problems.Has("list.size") || problems.Has("rego.nesting") || problems.Has("rego.depth") {
		return l // the rest would be reported as missing
	}
	for name, m := range parse(lib, caps, problems) {
		modules[name] = m
	}
	l.sources = append(slices.Clone(own), lib...)
	l.compiled = compile(register, modules, caps, l.data, problems)
	if l.compiled == nil {
		return l
	}
	l.defs = l.compiled.definitions(register, problems)
	l.words = wordsOf(register)
	checkConstants(l.compiled, l.words, problems)
	checkSteady(l.compiled, l.words, l.data, problems)
	return l
}

// prepare makes what evaluations share.
func (p *Policy) prepare(l *loaded) error {
	for e := range p.byID {
		p.byID[e] = map[string][]int{}
	}
	for i := range p.defs {
		d := &p.defs[i]
		p.byID[d.effect][d.id] = append(p.byID[d.effect][d.id], i)
	}
	var body ast.Body
	for e := policy.EffectPermit; e <= policy.EffectOblige; e++ {
		if len(p.byID[e]) == 0 {
			continue
		}
		name := entrypoints[e-1]
		answer := ast.VarTerm(name)
		body.Append(ast.Equality.Expr(ast.NewTerm(rootPackage.Append(ast.StringTerm(name))), answer))
		p.sets = append(p.sets, set{e, answer.Value.(ast.Var)})
	}
	query, err := p.compiler.QueryCompiler().Compile(body)
	if err != nil {
		return err
	}
	p.query = query
	p.terms.learn(l.compiled)
	needs := l.compiled.needs(p.defs)
	p.reads = needs.reads()
	p.facts = map[string]purpose.Type{}
	spec := p.reg.Spec()
	for i := range spec.Facts {
		if f := &spec.Facts[i]; needs.part("facts", f.Key) {
			p.facts[f.Key] = f.Type
		}
	}
	p.immediate = l.compiled.looks(p.defs, l.words, l.data) <= maxLooks
	p.empty = l.data.Len() == 0
	if p.anybody() {
		p.memory = newMemory()
	}
	p.store = inmem.NewFromASTObject(l.data)
	p.txn, err = p.store.NewTransaction(context.Background())
	return err
}

// Name identifies the policy in reasons.
func (p *Policy) Name() string { return p.name }

// Digest identifies the engine, the files and the register that they were checked against, "sha256:...".
func (p *Policy) Digest() string { return p.digest }

// Immediate reports whether every evaluation was proven short when the policy was loaded: some milliseconds at the most,
// whatever is asked. Decide then waits for nobody, and the guard calls it where it is. Any other policy is called on a
// goroutine of its own and left behind when it is late, for the engine can be stopped between two steps only.
func (p *Policy) Immediate() bool { return p.immediate }

// Rules lists the definitions of the sets that decide, by id. One id may stand in several places.
func (p *Policy) Rules() []policy.Rule {
	rules := make([]policy.Rule, len(p.defs))
	for i := range p.defs {
		d := &p.defs[i]
		rules[i] = policy.Rule{ID: d.id, Effect: d.effect, File: d.file, Line: d.line}
	}
	slices.SortStableFunc(rules, func(a, b policy.Rule) int { return strings.Compare(a.ID, b.ID) })
	return rules
}
