// Package celpeer is the decision in CEL: one program for a record over a map of variables, the same with an activation
// of our own whose values were converted before, and one program for each field with the register written into it.
package celpeer

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/purposebound/purposebound/examples/benchmarks/world"
)

// Contenders are the ways to ask CEL.
func Contenders() []world.Contender {
	way := func(key, name string, f form) world.Contender {
		return world.Contender{Key: "cel." + key, Family: "CEL", Name: name, Load: func(w *world.World) (world.Loaded, error) { return load(w, f) }}
	}
	fields := way("fields", "one specialised program for each field", special)
	fields.Most, fields.Why = 2000, "each field takes a millisecond or more to load"
	return []world.Contender{way("record", "per record, variables in a map", mapped), way("activation", "per record, own activation", activated), fields}
}

type form int

const (
	mapped form = iota
	activated
	special
)

// record is a code for each field. The tables are keyed so that each is asked once.
const record = `fields.map(f,
	!(purpose in purposes) ? 1 :
	restricted ? 2 :
	!(f.category in covers[purpose]) ? 3 :
	!(action in covers[purpose][f.category]) ? 4 :
	!active ? 5 :
	f.category in banned && !("supervisor" in roles) ? 6 :
	roles.exists(r, (r in general && action in general[r]) ||
		(purpose in needs && f.group in needs[purpose] && r in needs[purpose][f.group] && action in needs[purpose][f.group][r])) ? 0 : 7)`

func newEnv() (*cel.Env, error) {
	texts := cel.ListType(cel.StringType)
	byText := func(t *cel.Type) *cel.Type { return cel.MapType(cel.StringType, t) }
	flag := byText(cel.BoolType)
	return cel.NewEnv(cel.Variable("action", cel.StringType), cel.Variable("purpose", cel.StringType), cel.Variable("roles", texts),
		cel.Variable("active", cel.BoolType), cel.Variable("restricted", cel.BoolType), cel.Variable("fields", cel.ListType(byText(cel.StringType))),
		cel.Variable("purposes", flag), cel.Variable("banned", flag), cel.Variable("general", byText(flag)),
		cel.Variable("covers", byText(byText(flag))), cel.Variable("needs", byText(byText(byText(flag)))))
}

func program(env *cel.Env, text string) (cel.Program, error) {
	ast, issues := env.Compile(text)
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	return env.Program(ast, cel.EvalOptions(cel.OptOptimize))
}

type held struct {
	w        *world.World
	form     form
	tables   map[string]any
	values   map[string]ref.Val
	programs []cel.Program // of the record, or of its fields: record*Width + field
}

func load(w *world.World, f form) (world.Loaded, error) {
	h := &held{w: w, form: f, tables: w.Tables(), values: map[string]ref.Val{}}
	if f == special {
		h.tables = map[string]any{"purposes": h.tables["purposes"]}
	}
	for k, v := range h.tables {
		h.values[k] = convert(v)
	}
	env, err := newEnv()
	if err != nil {
		return nil, err
	}
	if f != special {
		p, err := program(env, record)
		h.programs = []cel.Program{p}
		return h, err
	}
	s := specialise(w)
	for _, r := range w.Records {
		for _, c := range r.Categories {
			p, err := program(env, s.text(c))
			if err != nil {
				return nil, err
			}
			h.programs = append(h.programs, p)
		}
	}
	return h, nil
}

// convert makes values of CEL beforehand.
func convert(v any) ref.Val {
	switch v := v.(type) {
	case map[string]any:
		m := make(map[ref.Val]ref.Val, len(v))
		for k, x := range v {
			m[types.String(k)] = convert(x)
		}
		return types.NewRefValMap(types.DefaultTypeAdapter, m)
	case []any:
		list := make([]ref.Val, len(v))
		for i, x := range v {
			list[i] = convert(x)
		}
		return types.NewRefValList(types.DefaultTypeAdapter, list)
	}
	return types.DefaultTypeAdapter.NativeToValue(v)
}

// specialised writes the register into the text of one category's program.
type specialised struct {
	activities map[string]*world.Activity
	needs      map[string][]*world.Need // by group; the general ones under ""
	banned     map[string]bool
	lifting    string
}

func specialise(w *world.World) *specialised {
	s := &specialised{activities: map[string]*world.Activity{}, needs: map[string][]*world.Need{}, banned: map[string]bool{}, lifting: w.Lifting}
	for i := range w.Activities {
		s.activities[w.Activities[i].Group] = &w.Activities[i]
	}
	for i := range w.Needs {
		n := &w.Needs[i]
		if n.Groups == nil {
			s.needs[""] = append(s.needs[""], n)
		}
		for _, g := range n.Groups {
			s.needs[g] = append(s.needs[g], n)
		}
	}
	for _, c := range w.Banned {
		s.banned[c] = true
	}
	return s
}

// among is the condition that a variable is one of the keys.
func among(variable string, keys []string) string {
	if len(keys) == 1 {
		return fmt.Sprintf("%s == %q", variable, keys[0])
	}
	quoted := make([]string, len(keys))
	for i, k := range keys {
		quoted[i] = fmt.Sprintf("%q", k)
	}
	return variable + " in [" + strings.Join(quoted, ", ") + "]"
}

func (s *specialised) text(category string) string {
	group := world.Group(category)
	a := s.activities[group]
	var b strings.Builder
	fmt.Fprintf(&b, "!(purpose in purposes) ? 1 : restricted ? 2 : !(%s) ? 3 : !(%s) ? 4 : !active ? 5 : ", among("purpose", a.Purposes), among("action", a.Actions))
	if s.banned[category] {
		fmt.Fprintf(&b, "!(%q in roles) ? 6 : ", s.lifting)
	}
	var needs []string
	for _, n := range append(s.needs[group][:len(s.needs[group]):len(s.needs[group])], s.needs[""]...) {
		roles := make([]string, len(n.Roles))
		for i, r := range n.Roles {
			roles[i] = fmt.Sprintf("%q in roles", r)
		}
		text := fmt.Sprintf("%s && (%s)", among("action", n.Actions), strings.Join(roles, " || "))
		if n.Purposes != nil {
			text = among("purpose", n.Purposes) + " && " + text
		}
		needs = append(needs, text)
	}
	b.WriteString(strings.Join(needs, " || "))
	b.WriteString(" ? 0 : 7")
	return b.String()
}
