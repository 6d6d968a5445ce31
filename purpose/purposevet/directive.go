package purposevet

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/purposebound/purposebound/purpose"
)

const marker = "//purposevet:"

// What a directive declares.
const (
	stores   = "stores"   // plain personal data is stored or constructed here
	purposes = "purposes" // purposes come from data here
	register = "register" // the register's file
)

// directive is one declaration, with a reason or, for a register, a path.
type directive struct {
	what, text string
	pos, end   token.Pos
	from, to   token.Pos // the function it is for; not valid: the package
	test       bool      // it is for the package's tests alone
	covered    int
}

type directives []*directive

// readDirectives finds the declarations of the package, and reports those that declare nothing.
func (p *pass) readDirectives() {
	for _, f := range p.Files {
		docs := map[*ast.CommentGroup]*ast.FuncDecl{}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Doc != nil {
				docs[fn.Doc] = fn
			}
		}
		for _, group := range f.Comments {
			for _, c := range group.List {
				if rest, ok := strings.CutPrefix(c.Text, marker); ok {
					p.directive(f, c, rest, docs[group])
				} else if rest, ok := strings.CutPrefix(strings.ReplaceAll(c.Text, " ", ""), marker); ok && isWord(rest) {
					p.report(c, ruleDirective, "a directive has no blanks before its name: want %s", marker)
				}
			}
		}
	}
}

func isWord(rest string) bool {
	return slices.ContainsFunc([]string{stores, purposes, register}, func(w string) bool { return strings.HasPrefix(rest, w) })
}

func (p *pass) directive(f *ast.File, c *ast.Comment, rest string, fn *ast.FuncDecl) {
	rest, _, _ = strings.Cut(rest, " //") // a comment on the directive
	what, text, _ := strings.Cut(rest, " ")
	text = strings.TrimSpace(text)
	d := &directive{what: what, text: text, pos: c.Pos(), end: c.End(), test: isTest(p.Fset, c.Pos())}
	known := map[string]bool{stores: true, purposes: true, register: true}
	switch {
	case !known[what]:
		message := fmt.Sprintf("unknown directive %q", what)
		if like := purpose.Nearest(what, maps.Keys(known)); like != "" {
			message += fmt.Sprintf("; did you mean %q?", like)
		}
		p.report(c, ruleDirective, "%s", message)
	case text == "":
		want := "a reason"
		if what == register {
			want = "a path"
		}
		p.report(c, ruleDirective, "%s%s needs %s, and declares nothing without one", marker, what, want)
	case fn != nil && what != register:
		d.from, d.to = fn.Pos(), fn.End()
		p.directives = append(p.directives, d)
	case c.End() > f.Package:
		p.report(c, ruleDirective, "%s%s stands before the package clause or in the comment of a function, and declares nothing here", marker, what)
	default:
		p.directives = append(p.directives, d)
	}
}

// at is what is declared for a place: for its function, else for its package; nil if nothing is.
func (ds directives) at(what string, fset *token.FileSet, pos token.Pos) (wide *directive) {
	in := isTest(fset, pos)
	for _, d := range ds {
		switch {
		case d.what != what:
		case d.from.IsValid():
			if d.from <= pos && pos < d.to {
				return d
			}
		case wide == nil && (in || !d.test):
			wide = d
		}
	}
	return wide
}

// declared reports whether something is declared for a node, and counts it.
func (p *pass) declared(what string, n ast.Node) bool {
	d := p.directives.at(what, p.Fset, n.Pos())
	if d != nil {
		d.covered++
	}
	return d != nil
}

// listDeclared reports the declarations themselves, each with what it covers.
func (p *pass) listDeclared() {
	for _, d := range p.directives {
		if d.what == register {
			continue
		}
		scope := "package " + p.Pkg.Name()
		if d.test {
			scope = "tests of " + scope
		}
		if d.from.IsValid() {
			scope = "a function in " + scope
		}
		p.Report(analysis.Diagnostic{Pos: d.pos, End: d.end, Category: CategoryDeclared,
			Message: fmt.Sprintf("declared: %s %s, %d covered: %s", scope, d.what, d.covered, d.text)})
	}
}

// registerPath is the register that a directive names; empty if none does.
func (p *pass) registerPath() string {
	path := ""
	for _, d := range p.directives {
		if d.what != register {
			continue
		}
		next := filepath.Join(filepath.Dir(p.Fset.Position(d.pos).Filename), filepath.FromSlash(d.text))
		if path != "" && next != path {
			p.Report(analysis.Diagnostic{Pos: d.pos, End: d.end, Category: ruleDirective, Message: ruleDirective + ": the package names another register already"})
			continue
		}
		path = next
	}
	return path
}
