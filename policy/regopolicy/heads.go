package regopolicy

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// keys of answers.
const (
	keyRule       = "rule"
	keyField      = "field"
	keyCategory   = "category"
	keyMask       = "mask"
	keyObligation = "obligation"
	everything    = "*" // as a category: all requested fields
)

// definition is one definition of a set that decides. Its texts are empty where the head computes them.
type definition struct {
	effect                         policy.Effect
	id, category, mask, obligation string
	file                           string
	line                           int
	rule                           *ast.Rule
}

// definitions checks every head of the sets that decide, and lists them by effect and id.
func (c *compiled) definitions(register *purpose.Register, problems *Problems) (all []definition) {
	for _, w := range c.rules {
		r := w.text
		path := r.Ref()
		for i, name := range entrypoints {
			if !path.HasPrefix(rootPackage.Append(ast.StringTerm(name))) {
				continue
			}
			d := definition{effect: policy.Effect(i + 1), file: r.Location.File, line: r.Location.Row, rule: w.rule}
			if d.read(r, path, register, problems) {
				all = append(all, d)
			}
		}
		stray(r, path, problems)
	}
	if !slices.ContainsFunc(all, func(d definition) bool { return d.effect == policy.EffectPermit }) && len(*problems) == 0 {
		problems.file("", "rule.none", "no rule of the form: permit contains {...} if {...}; a policy without one permits nothing")
	}
	slices.SortStableFunc(all, func(a, b definition) int {
		return cmp.Or(int(a.effect)-int(b.effect), strings.Compare(a.id, b.id), strings.Compare(a.file, b.file), a.line-b.line)
	})
	return all
}

// headKeys are what answers of each effect have, beside the rule.
var headKeys = [...][]string{
	policy.EffectPermit: {keyField, keyCategory},
	policy.EffectDeny:   {keyField, keyCategory},
	policy.EffectRedact: {keyField, keyCategory, keyMask},
	policy.EffectOblige: {keyObligation},
}

// read checks one head.
func (d *definition) read(r *ast.Rule, path ast.Ref, register *purpose.Register, problems *Problems) bool {
	name, loc := entrypoints[d.effect-1], r.Location
	fail := func(t *ast.Term, code, format string, args ...any) bool {
		at := loc
		if t != nil && t.Location != nil && t.Location.Row > 0 {
			at = t.Location
		}
		problems.at(at, code, format, args...)
		return false
	}
	if len(path) != len(rootPackage)+1 || r.Head.RuleKind() != ast.MultiValue || r.Default || len(r.Head.Args) > 0 || r.Else != nil {
		return fail(nil, "rule.shape", "%s is a set: write %s contains {...} if {...}", name, name)
	}
	head, isObject := r.Head.Key.Value.(ast.Object)
	if !isObject {
		return fail(r.Head.Key, "rule.shape", "%s contains an object written out in the head: {\"rule\": \"...\", ...}", name)
	}
	given := make(map[string]*ast.Term, head.Len())
	ok := true
	head.Foreach(func(k, v *ast.Term) {
		key, isText := k.Value.(ast.String)
		if !isText || key != keyRule && !slices.Contains(headKeys[d.effect], string(key)) {
			ok = fail(k, "rule.key", "an answer of %s has no key %s; known: %s, %s", name, clip(k.String()), keyRule, strings.Join(headKeys[d.effect], ", "))
			return
		}
		given[string(key)] = v
	})
	for _, k := range headKeys[d.effect] {
		if k != keyField && k != keyCategory && given[k] == nil {
			ok = fail(r.Head.Key, "rule.key", "an answer of %s has the key %s", name, k)
		}
	}
	if d.effect != policy.EffectOblige && (given[keyField] == nil) == (given[keyCategory] == nil) {
		ok = fail(r.Head.Key, "rule.key", "an answer of %s has one of the keys %s and %s", name, keyField, keyCategory)
	}
	if !ok {
		return false
	}
	return d.constants(given, register, fail)
}

// constants checks what a head writes out.
func (d *definition) constants(given map[string]*ast.Term, register *purpose.Register, fail func(*ast.Term, string, string, ...any) bool) bool {
	id, isText := ast.String(""), false
	if given[keyRule] != nil {
		id, isText = given[keyRule].Value.(ast.String)
	}
	if !isText || !purpose.ValidKey(string(id)) {
		return fail(given[keyRule], "rule.id", "an answer names its rule by a text written out: lower-case words joined by dots, at most %d bytes", purpose.MaxKey)
	}
	d.id = string(id)
	ok := true
	for k, v := range given {
		text, isText := v.Value.(ast.String)
		s := string(text)
		switch {
		case !isText && v.IsGround() && !calculated(v):
			ok = fail(v, "rule.value", "%s is a text", k)
		case !isText:
		case k == keyField:
			ok = fail(v, "rule.field", "a field is one of input.fields: some name, f in input.fields; or name its category")
		case k == keyCategory:
			if _, known := register.Categories().ID(s); !known && s != everything {
				ok = fail(v, "ref.unknown", "%q is not among the categories of the register%s", clip(s), near(s, nodeKeys(register.Categories())))
			}
			d.category = s
		case k == keyMask:
			if new(policy.Mask).UnmarshalText([]byte(s)) != nil {
				ok = fail(v, "rule.mask", "%q is no mask; known: remove, last-four, year, initials", clip(s))
			}
			d.mask = s
		case k == keyObligation:
			if !purpose.ValidKey(s) {
				ok = fail(v, "value.invalid", "%q is no key", clip(s))
			}
			d.obligation = s
		}
	}
	return ok
}

// calculated reports whether a term has no variables but is no value either.
func calculated(t *ast.Term) bool {
	switch t.Value.(type) {
	case ast.Ref, ast.Call:
		return true
	}
	return ast.IsComprehension(t.Value)
}

// stray finds answers in a set whose name is misspelt: nothing would ever read them.
func stray(r *ast.Rule, path ast.Ref, problems *Problems) {
	if !path.HasPrefix(rootPackage) || len(path) != len(rootPackage)+1 || r.Head.RuleKind() != ast.MultiValue || r.Head.Key == nil {
		return
	}
	name, isText := path[len(rootPackage)].Value.(ast.String)
	if !isText || slices.Contains(entrypoints[:], string(name)) {
		return
	}
	head, isObject := r.Head.Key.Value.(ast.Object)
	if isObject && head.Get(ast.StringTerm(keyRule)) != nil {
		problems.at(r.Location, "rule.entrypoint", "%s is none of the sets that decide: %s", clip(string(name)), strings.Join(entrypoints[:], ", "))
	}
}

// near is a suggestion at the end of a message.
func near(s string, known []string) string {
	const manyKeys = 5_000
	if len(known) > manyKeys {
		return ""
	}
	if best := purpose.Nearest(s, slices.Values(known)); best != "" {
		return "; did you mean \"" + best + "\"?"
	}
	return ""
}

func nodeKeys(t *purpose.Tree) []string {
	all, _ := nodes(t)
	return all
}

// names lists modules in order.
func names(modules map[string]*ast.Module) []string { return slices.Sorted(maps.Keys(modules)) }
