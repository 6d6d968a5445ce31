package purposevet

import (
	"bytes"
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
	from, to   token.Pos // the function or the line it is for; not valid: the package
	line       bool
	test       bool // it is for the package's tests alone
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
	case c.End() < f.Package:
		p.directives = append(p.directives, d)
	case what == register:
		p.report(c, ruleDirective, "%s%s stands before the package clause", marker, what)
	default:
		d.from, d.to = p.lineOf(c)
		d.line = true
		p.directives = append(p.directives, d)
	}
}

// lineOf is the line that a comment ends, or the next one if it has its line to itself.
func (p *pass) lineOf(c *ast.Comment) (from, to token.Pos) {
	file, place := p.Fset.File(c.Pos()), p.Fset.PositionFor(c.Pos(), false)
	line := place.Line
	if src, err := p.ReadFile(place.Filename); err == nil && place.Offset <= len(src) {
		start := bytes.LastIndexByte(src[:place.Offset], '\n') + 1
		if len(bytes.TrimSpace(src[start:place.Offset])) == 0 {
			line++
		}
	}
	if line > file.LineCount() {
		return c.Pos(), c.Pos()
	}
	from, to = file.LineStart(line), token.Pos(file.Base()+file.Size()+1)
	if line < file.LineCount() {
		to = file.LineStart(line + 1)
	}
	return from, to
}

// at is what is declared for a place: for its line, its function, or its package; nil if nothing is.
func (ds directives) at(what string, fset *token.FileSet, pos token.Pos) (best *directive) {
	in, rank := isTest(fset, pos), 0
	for _, d := range ds {
		r := 0
		switch {
		case d.what != what:
		case !d.from.IsValid() && (in || !d.test):
			r = 1
		case d.from <= pos && pos < d.to && !d.line:
			r = 2
		case d.from <= pos && pos < d.to:
			r = 3
		}
		if r > rank {
			best, rank = d, r
		}
	}
	return best
}

// declared reports whether something is declared for a node, and counts it.
func (p *pass) declared(what string, n ast.Node) bool {
	d := p.directives.at(what, p.Fset, n.Pos())
	if d != nil {
		d.covered++
	}
	return d != nil
}

// checkDirectives reports declarations for a line on which there is nothing to declare.
func (p *pass) checkDirectives() {
	for _, d := range p.directives {
		if d.line && d.covered == 0 && (d.what == stores || p.reg != nil) {
			p.Report(analysis.Diagnostic{Pos: d.pos, End: d.end, Category: ruleDirective,
				Message: fmt.Sprintf("%s: nothing on the line needs %s%s", ruleDirective, marker, d.what)})
		}
	}
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
		switch {
		case d.line:
			scope = "a line of " + scope
		case d.from.IsValid():
			scope = "a function of " + scope
		}
		p.Report(analysis.Diagnostic{Pos: d.pos, End: d.end, Category: CategoryDeclared,
			Message: fmt.Sprintf("declared %s for %s (%d covered): %s", d.what, scope, d.covered, d.text)})
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
