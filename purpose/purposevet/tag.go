package purposevet

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"iter"
	"maps"
	"reflect"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/purposebound/purposebound/purpose"
)

// parsed is a struct tag as package purpose reads it.
type parsed struct {
	tags   purpose.Tags
	tagged bool
	err    error
}

func (p *pass) parse(tag string) parsed {
	if tag == "" {
		return parsed{}
	}
	x, ok := p.fields[tag]
	if !ok {
		x.tags, x.tagged, x.err = purpose.ParseTags(tag)
		p.fields[tag] = x
	}
	return x
}

// personal reports whether a tag names a data category.
func (x *parsed) personal() bool {
	return x.tagged && x.tags.Personal != "" && x.tags.Personal != purpose.NotPersonal
}

// isSealed reports whether a type is a sealed.Value, or holds nothing else: pointers to it, lists and maps of it.
func isSealed(t types.Type) bool {
	if pkg, name := named(t); pkg == pathSealed && name == "Value" {
		return true
	}
	switch u := types.Unalias(t).(type) {
	case *types.Pointer:
		return isSealed(u.Elem())
	case *types.Slice:
		return isSealed(u.Elem())
	case *types.Array:
		return isSealed(u.Elem())
	case *types.Map:
		return isSealed(u.Elem())
	}
	return false
}

// structOf is the struct that a type is, or points to.
func structOf(t types.Type) *types.Struct {
	if ptr, ok := t.Underlying().(*types.Pointer); ok {
		t = ptr.Elem()
	}
	s, _ := t.Underlying().(*types.Struct)
	return s
}

// checkTags holds the tags of the package's structs to what package purpose takes and what the register knows.
func (p *pass) checkTags() {
	names := map[*ast.StructType]string{}
	nodes(p, func(spec *ast.TypeSpec) {
		if s, ok := spec.Type.(*ast.StructType); ok {
			names[s] = p.Pkg.Name() + "." + spec.Name.Name
		}
	})
	nodes(p, func(s *ast.StructType) {
		owner := names[s]
		if owner == "" {
			owner = "struct"
		}
		record := false
		for _, f := range s.Fields.List {
			record = p.checkTag(owner, f) || record
		}
		for _, f := range s.Fields.List {
			if t := p.TypesInfo.TypeOf(f.Type); record && f.Tag == nil && t != nil && isSealed(t) && len(f.Names) > 0 {
				p.report(f, ruleTag, "%s.%s: a sealed value without the tag \"personal\" could never be opened", owner, f.Names[0].Name)
			}
		}
	})
}

// checkTag reports what is wrong with one field's tag, and whether it is one of ours.
func (p *pass) checkTag(owner string, f *ast.Field) bool {
	if f.Tag == nil {
		return false
	}
	text, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		return false
	}
	name := "(embedded)"
	if len(f.Names) > 0 {
		name = f.Names[0].Name
	} else if t := p.TypesInfo.TypeOf(f.Type); t != nil {
		_, name = named(deref(t))
	}
	x := p.parse(text)
	if x.err != nil {
		p.Report(analysis.Diagnostic{Pos: f.Tag.Pos(), End: f.Tag.End(), Category: ruleTag,
			Message: fmt.Sprintf("%s: %s.%s: %v", ruleTag, owner, name, x.err), SuggestedFixes: fixKey(f.Tag, text, x.err)})
		return true
	}
	if x.personal() && !ast.IsExported(name) && name != "_" {
		p.report(f, ruleTag, "%s.%s: a tagged field must be exported", owner, name)
	}
	if p.reg != nil && x.tagged {
		p.checkKeys(f.Tag, owner+"."+name, &x.tags)
	}
	return x.tagged
}

// fixKey puts the right key where a misspelt one is: the only mistake in a tag that has one remedy.
func fixKey(lit *ast.BasicLit, text string, err error) []analysis.SuggestedFix {
	wrong, right, ok := misspelling(err)
	at := strings.Index(text, wrong+`:"`)
	if !ok || at < 0 || !strings.HasPrefix(lit.Value, "`") {
		return nil
	}
	if _, dup := reflect.StructTag(text).Lookup(right); dup {
		return nil
	}
	pos := lit.Pos() + 1 + token.Pos(at)
	return []analysis.SuggestedFix{{Message: fmt.Sprintf("Write %q", right),
		TextEdits: []analysis.TextEdit{{Pos: pos, End: pos + token.Pos(len(wrong)), NewText: []byte(right)}}}}
}

// misspelling takes both keys out of the error that package purpose gives.
func misspelling(err error) (wrong, right string, ok bool) {
	if err == nil || errors.Is(err, purpose.ErrInvalid) {
		return "", "", false
	}
	before, after, ok := strings.Cut(err.Error(), "; did you mean ")
	if !ok {
		return "", "", false
	}
	wrong, err1 := strconv.Unquote(strings.TrimPrefix(before, "unknown key "))
	right, err2 := strconv.Unquote(strings.TrimSuffix(after, "?"))
	return wrong, right, err1 == nil && err2 == nil
}

// checkKeys reports what a tag names and the register does not have.
func (p *pass) checkKeys(at ast.Node, field string, t *purpose.Tags) {
	categories := p.reg.Categories()
	if t.Personal != "" && t.Personal != purpose.NotPersonal {
		if id, ok := categories.ID(t.Personal); !ok {
			p.report(at, ruleRegister, "%s: %q is not among the data categories%s", field, t.Personal, near(t.Personal, keys(categories)))
		} else if !categories.Leaf(id) {
			p.report(at, ruleRegister, "%s: %q has categories below it; tag the field with one of them", field, t.Personal)
		}
	}
	for _, k := range t.Purposes {
		if _, ok := p.reg.Purposes().ID(k); !ok {
			p.report(at, ruleRegister, "%s: %q is not among the purposes%s", field, k, near(k, keys(p.reg.Purposes())))
		}
	}
	for _, k := range t.Retention {
		if !p.reg.rules[k] {
			p.report(at, ruleRegister, "%s: %q is not among the retention rules%s", field, k, near(k, maps.Keys(p.reg.rules)))
		}
	}
}

func keys(t *purpose.Tree) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range t.Len() {
			if !yield(t.Key(purpose.ID(i))) {
				return
			}
		}
	}
}

func near(key string, known iter.Seq[string]) string {
	if like := purpose.Nearest(key, known); like != "" {
		return fmt.Sprintf("; did you mean %q?", like)
	}
	return ""
}

func deref(t types.Type) types.Type {
	if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
		return ptr.Elem()
	}
	return t
}
