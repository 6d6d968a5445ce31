package purposevet

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// Import paths of what the analyzer knows by name.
const (
	module     = "github.com/purposebound/purposebound/"
	pathPolicy = module + "policy"
	pathSealed = module + "purpose/sealed"
)

// Categories of findings.
const (
	ruleWhole     = "whole"
	ruleRead      = "read"
	ruleTag       = "tag"
	ruleRegister  = "register"
	rulePurpose   = "purpose"
	ruleDiscard   = "discard"
	ruleValuer    = "valuer"
	ruleConvert   = "convert"
	ruleLaunder   = "launder"
	ruleKeep      = "keep"
	ruleDirective = "directive"
)

// CategoryDeclared is the category of what the flag -declared adds. It is no finding.
const CategoryDeclared = "declared"

// New makes the analyzer, with flags of its own:
//
//	-register   path of the register, in YAML; without it only a directive names one
//	-digest     sha256 of that file in hex; another content is an error
//	-declared   list declarations with what they cover
func New() *analysis.Analyzer {
	c := &config{registers: map[string]loaded{}}
	a := &analysis.Analyzer{
		Name:      "purposevet",
		Doc:       "report personal data that passes the guard by\n\nIt holds structs with tags of package purpose to what package policy releases.",
		URL:       "https://pkg.go.dev/github.com/purposebound/purposebound/purpose/purposevet",
		Requires:  []*analysis.Analyzer{inspect.Analyzer},
		FactTypes: []analysis.Fact{new(summary)},
		Run:       c.run,
	}
	a.Flags.StringVar(&c.register, "register", "", "path of the register, in YAML")
	a.Flags.StringVar(&c.digest, "digest", "", "sha256 of the register's file, in hex")
	a.Flags.BoolVar(&c.declared, "declared", false, "list declarations with what they cover")
	return a
}

// pass is the analysis of one package.
type pass struct {
	*analysis.Pass
	in         *inspector.Inspector
	reg        *book // nil: none is named
	directives directives
	fields     map[string]parsed
	leaks      map[leakKey]*leak
	origins    map[types.Object][]origin
	funcs      []*function
	byObject   map[types.Object]*function
	known      map[*types.Func]*summary // of other packages
	views      map[types.Object]bool    // parameters that the guard fills
	plain      bool                     // tagged fields that are not sealed occur, or what others make of them
	released   bool                     // so do views
}

// function is a declared function of the package, with what is known of it so far.
type function struct {
	decl *ast.FuncDecl
	obj  *types.Func
	summary
}

func (c *config) run(ap *analysis.Pass) (any, error) {
	in, ok := ap.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	if !ok {
		return nil, fmt.Errorf("purposevet: no inspector for %s", ap.Pkg.Path())
	}
	p := &pass{Pass: ap, in: in, fields: map[string]parsed{}, leaks: map[leakKey]*leak{}, origins: map[types.Object][]origin{},
		byObject: map[types.Object]*function{}, known: map[*types.Func]*summary{}, views: map[types.Object]bool{}}
	p.readDirectives()
	if err := p.findRegister(c); err != nil {
		return nil, err
	}
	p.collect()
	p.markDelivered()
	p.look()
	p.summarise()

	p.checkTags()
	p.checkCalls()
	p.checkReads()
	p.checkConversions()
	p.checkPurposes()
	p.checkDiscarded()
	p.checkKept()
	p.checkDirectives()
	if c.declared {
		p.listDeclared()
	}
	return nil, nil
}

// collect finds the functions of the package, and where its variables get their values.
func (p *pass) collect() {
	for _, f := range p.Files {
		for _, d := range f.Decls {
			decl, ok := d.(*ast.FuncDecl)
			if !ok || decl.Body == nil {
				continue
			}
			if obj, ok := p.TypesInfo.Defs[decl.Name].(*types.Func); ok {
				fn := &function{decl: decl, obj: obj}
				p.funcs = append(p.funcs, fn)
				p.byObject[obj] = fn
			}
		}
	}
	p.collectOrigins()
}

func (p *pass) report(n ast.Node, rule, format string, args ...any) {
	p.Report(analysis.Diagnostic{Pos: n.Pos(), End: n.End(), Category: rule, Message: rule + ": " + fmt.Sprintf(format, args...)})
}

// nodes visits the nodes of the types of the examples.
func nodes[N ast.Node](p *pass, visit func(N)) {
	p.in.Preorder([]ast.Node{*new(N)}, func(n ast.Node) {
		if x, ok := n.(N); ok {
			visit(x)
		}
	})
}

// typeName is how a program calls a type: "domain.Lessee".
func typeName(t types.Type) string {
	return types.TypeString(t, func(pkg *types.Package) string { return pkg.Name() })
}

func isTest(fset *token.FileSet, pos token.Pos) bool {
	return strings.HasSuffix(fset.Position(pos).Filename, "_test.go")
}

// named is the name of a type, its package and its own; empty for a type without one.
func named(t types.Type) (pkg, name string) {
	if n, ok := types.Unalias(t).(*types.Named); ok && n.Obj().Pkg() != nil {
		return strip(n.Obj().Pkg().Path()), n.Obj().Name()
	}
	return "", ""
}

// strip is an import path without the vendor folder that it may be in.
func strip(path string) string {
	if _, after, ok := strings.Cut(path, "/vendor/"); ok {
		return after
	}
	return strings.TrimPrefix(path, "vendor/")
}

// summary is what callers must know of a function. It goes from package to package as a fact.
type summary struct {
	Sinks    []Sink   // parameters that it prints or encodes
	Personal []Result // results that hold a tagged field
	Passes   []Pass   // parameters that become results
	Views    []int    // results that the guard released
	Purposes []int    // parameters that become the purpose of a request
}

// AFact makes summary a fact.
func (*summary) AFact() {}

// String says what is known, each with the parameter and the result that it is about.
func (s *summary) String() string {
	var out []string
	for _, x := range s.Sinks {
		out = append(out, fmt.Sprintf("%d into %s", x.Param, x.Into))
	}
	for _, x := range s.Personal {
		out = append(out, fmt.Sprintf("%s in %d", x.Field, x.Index))
	}
	for _, x := range s.Passes {
		out = append(out, fmt.Sprintf("%d to %d", x.Param, x.Result))
	}
	for _, x := range s.Views {
		out = append(out, fmt.Sprintf("view in %d", x))
	}
	for _, x := range s.Purposes {
		out = append(out, fmt.Sprintf("purpose from %d", x))
	}
	return strings.Join(out, ", ")
}

func (s *summary) empty() bool { return reflect.ValueOf(*s).IsZero() }

// Sink is a parameter that a function gives away; variadic ones count from their index on.
type Sink struct {
	Param int
	Kind  Kind
	Into  string // the function that takes it in the end
}

// Result is a result that holds a tagged field.
type Result struct {
	Index int
	Field string // "leasing.Lessee.Name (contact.name)"
}

// Pass is a parameter that comes back as a result.
type Pass struct{ Param, Result int }
