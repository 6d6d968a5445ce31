package regopolicy

import (
	"regexp/syntax"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// parse reads modules. All are read as Rego v1 and import rego.v2, as the tools of OPA read them.
func parse(list []source, caps *ast.Capabilities, problems *Problems) map[string]*ast.Module {
	modules := make(map[string]*ast.Module, len(list))
	for _, s := range list {
		if m := parseOne(s, caps, problems); m != nil {
			modules[s.name] = m
		}
	}
	return modules
}

func parseOne(s source, caps *ast.Capabilities, problems *Problems) (m *ast.Module) {
	if len(s.text) > MaxModule {
		problems.file(s.name, "list.size", "a module has at most %d bytes", MaxModule)
		return nil
	}
	if line, deep := tooDeep(s.text); deep {
		problems.at(&ast.Location{File: s.name, Row: line, Col: 1}, "rego.depth", "more than %d brackets inside each other", MaxDepth)
		return nil
	}
	if line, c := hidden(s.text); line > 0 {
		problems.at(&ast.Location{File: s.name, Row: line, Col: 1}, "rego.hidden", "the character %U makes the text look otherwise than it is read: leave it out", c)
		return nil
	}
	defer func() {
		if r := recover(); r != nil {
			problems.file(s.name, "rego.parse", "is not readable as Rego")
			m = nil
		}
	}()
	m, err := ast.ParseModuleWithOpts(s.name, string(s.text), ast.ParserOptions{ProcessAnnotation: true, Capabilities: caps, RegoVersion: ast.RegoV1})
	if err != nil || m == nil {
		engineErrors(err, s.name, "rego.parse", problems)
		return nil
	}
	return m
}

// tooDeep finds the line on which brackets are nested beyond MaxDepth, wherever they stand: what the parser and the
// compiler walk, they walk recursively.
func tooDeep(text []byte) (line int, deep bool) {
	line, depth := 1, 0
	for _, c := range text {
		switch c {
		case '\n':
			line++
		case '(', '[', '{':
			if depth++; depth > MaxDepth {
				return line, true
			}
		case ')', ']', '}':
			depth = max(depth-1, 0)
		}
	}
	return 0, false
}

var (
	rootPackage = ast.MustParseRef("data.purposebound")
	libPackage  = ast.MustParseRef("data." + libraryPackage)
	systemRoot  = ast.MustParseRef("data.system")
)

// form checks what can be said of a module without the others.
func form(m *ast.Module, test bool, problems *Problems) {
	importsV2(m, problems)
	nested(m, problems)
	switch path := m.Package.Path; {
	case path.HasPrefix(libPackage):
		problems.at(m.Package.Location, "package.reserved", "package %s is shipped with the engine: choose another", libraryPackage)
	case path.HasPrefix(systemRoot):
		problems.at(m.Package.Location, "package.reserved", "package system means something to OPA: choose another")
	}
	for _, a := range m.Annotations {
		if len(a.Schemas) > 0 {
			problems.at(a.Location, "rego.schema", "input has the schema of the register already: leave schemas out")
		}
	}
	ast.WalkNodes(m, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.Expr:
			if len(x.With) > 0 && !test {
				problems.at(x.With[0].Location, "rego.with", "a policy decides on what it is given: with is for tests")
			}
			if terms, isCall := x.Terms.([]*ast.Term); isCall {
				if terms[0].String() == "print" && !test {
					problems.at(x.Location, "rego.print", "print would show what was asked: leave it to tests")
				}
				pattern(terms, x.Location, problems)
			}
		case *ast.Term:
			term(x, problems)
		}
		return false
	})
}

// nested refuses bodies inside bodies inside bodies, and terms as deep: the compiler's work doubles with each.
func nested(m *ast.Module, problems *Problems) {
	bodies, nodes := 0, 0
	loc := m.Package.Location
	ast.NewBeforeAfterVisitor(func(x any) bool {
		if n, isNode := x.(ast.Node); isNode && n.Loc() != nil && n.Loc().Row > 0 {
			loc = n.Loc()
		}
		if nodes++; nodes == maxNodes+1 {
			problems.at(loc, "rego.depth", "terms and operators are nested too deeply: write rules of their own")
		}
		if closes(x) {
			if bodies++; bodies == MaxNesting+1 {
				problems.at(loc, "rego.nesting", "more than %d comprehensions, every and not inside each other: write rules of their own", MaxNesting)
			}
		}
		return false
	}, func(x any) {
		nodes--
		if closes(x) {
			bodies--
		}
	}).Walk(m)
}

// closes reports whether a node has a body of its own inside the body of a rule.
func closes(x any) bool {
	switch v := x.(type) {
	case *ast.Term:
		return ast.IsComprehension(v.Value)
	case *ast.Every, *ast.Not:
		return true
	}
	return false
}

// importsV2 demands that not has its safe meaning from the first rule on.
func importsV2(m *ast.Module, problems *Problems) {
	for _, imp := range m.Imports {
		path, isRef := imp.Path.Value.(ast.Ref)
		if !isRef || !path.Equal(ast.RegoV2CompatibleRef) {
			continue
		}
		if len(m.Rules) > 0 && m.Rules[0].Location != nil && imp.Location.Offset > m.Rules[0].Location.Offset {
			problems.at(imp.Location, "import.missing", "import rego.v2 before the first rule")
		}
		return
	}
	problems.at(m.Package.Location, "import.missing", "import rego.v2: without it a negation holds for what is not stated only by accident")
}

// term checks literals that may cost more than they look like.
func term(t *ast.Term, problems *Problems) {
	switch v := t.Value.(type) {
	case ast.String:
		if len(v) > maxLiteral {
			problems.at(t.Location, "rego.text", "%s", refuseText)
		}
	case ast.Number:
		if _, ok := number(string(v)); !ok {
			problems.at(t.Location, "rego.number", "%s", refuseNumber)
		}
	case ast.Call:
		pattern(v, t.Location, problems)
	}
}

// pattern demands literal patterns, small ones: others would be compiled for each request.
func pattern(call []*ast.Term, loc *ast.Location, problems *Problems) {
	if len(call) < 2 || call[0].String() != "regex.match" {
		return
	}
	text, isText := call[1].Value.(ast.String)
	if !isText {
		problems.at(loc, "rego.pattern", "the pattern must be written out")
		return
	}
	re, err := syntax.Parse(string(text), syntax.Perl)
	if err == nil {
		var prog *syntax.Prog
		if prog, err = syntax.Compile(re.Simplify()); err == nil && len(prog.Inst) <= maxPattern {
			return
		}
	}
	if err != nil {
		problems.at(call[1].Location, "rego.pattern", "is no pattern of RE2")
		return
	}
	problems.at(call[1].Location, "rego.pattern", "the pattern is too large")
}

// engineErrors lists errors of the parser and the compiler. Their texts quote the policy, never an input.
func engineErrors(err error, file, code string, problems *Problems) {
	list, ok := err.(ast.Errors)
	if one, single := err.(*ast.Error); single {
		list, ok = ast.Errors{one}, true
	}
	if !ok || len(list) == 0 {
		problems.file(file, code, "is not readable as Rego")
		return
	}
	for _, e := range list {
		if e.Code == ast.ParseErr {
			problems.at(placed(e.Location, file), code, "%s", message(e))
			continue
		}
		problems.at(placed(e.Location, file), "rego."+strings.ReplaceAll(strings.TrimPrefix(e.Code, "rego_"), "_", "-"), "%s", message(e))
	}
}

// placed is a location inside a file: the parser reports some without.
func placed(loc *ast.Location, file string) *ast.Location {
	if loc == nil {
		return &ast.Location{File: file}
	}
	return &ast.Location{File: loc.File, Row: loc.Row, Col: loc.Col}
}

// message is what an error says, on one line.
func message(e *ast.Error) string {
	text := e.Message
	if name, found := strings.CutPrefix(text, "undefined function "); found {
		if _, known := ast.BuiltinMap[name]; known {
			return "the function " + clip(name) + " is not allowed in policies: see Capabilities"
		}
	}
	if d, ok := e.Details.(*ast.RefErrInvalidDetail); ok && len(d.OneOf) > 0 && len(d.OneOf) <= 20 {
		text += ", known: " + joined(d.OneOf)
	}
	return clipTo(strings.Join(strings.Fields(text), " "), 200)
}

func joined(values []ast.Value) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = v.String()
	}
	return strings.Join(words, ", ")
}
