package table

import (
	"bytes"
	"encoding"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// decoder puts a YAML tree into Go values, remembers where everything stands, and collects what is wrong with the form.
type decoder struct {
	path     []byte // where it is
	origin   *origin
	problems Problems
}

func newDecoder(file string) *decoder {
	return &decoder{origin: &origin{file: file, marks: map[string]place{"": {1, 1}}}}
}

// into decodes a text. It reports false when there is no tree.
func (d *decoder) into(text []byte, v any) bool {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if !d.scan(text) {
		return false
	}
	root := d.tree(text)
	if root == nil {
		return false
	}
	d.decode(root, reflect.ValueOf(v).Elem())
	return true
}

func (d *decoder) fail(code string, at place, format string, args ...any) {
	d.problems.add(purpose.Problem{Code: code, Path: string(d.path), Message: fmt.Sprintf(format, args...),
		File: d.origin.file, Line: at.line, Column: at.column})
}

// at does something one step further down the path.
func (d *decoder) at(step string, where place, do func()) {
	length := len(d.path)
	if length > 0 && !strings.HasPrefix(step, "[") {
		d.path = append(d.path, '.')
	}
	d.path = append(d.path, step...)
	d.origin.marks[string(d.path)] = where
	do()
	d.path = d.path[:length]
}

var (
	valueType  = reflect.TypeFor[purpose.Value]()
	codeType   = reflect.TypeFor[policy.Code]()
	timeType   = reflect.TypeFor[time.Time]()
	givenType  = reflect.TypeFor[Given]()
	fieldsType = reflect.TypeFor[[]Field]()
	qualType   = reflect.TypeFor[basis.Quality]()
	textType   = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// single are the lists that one value may stand for.
var single = []reflect.Type{reflect.TypeFor[Codes](), reflect.TypeFor[Bases](), reflect.TypeFor[Texts]()}

// decode puts a node into v.
func (d *decoder) decode(n *yaml.Node, v reflect.Value) {
	switch t := v.Type(); {
	case !d.plain(n):
	case t == valueType:
		d.value(n, v)
	case t == timeType:
		d.time(n, v)
	case t == givenType:
		d.given(n, v)
	case t == fieldsType:
		d.fields(n, v)
	case t == qualType && n.Kind == yaml.ScalarNode:
		d.quality(n, v)
	case t.Kind() == reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		d.decode(n, v.Elem())
	case v.Addr().Type().Implements(textType):
		d.text(n, v)
	case t.Kind() == reflect.Struct:
		d.mapping(n, []reflect.Value{v})
	case t.Kind() == reflect.Map:
		d.dictionary(n, v)
	case t.Kind() == reflect.Slice:
		d.list(n, v)
	default:
		d.scalar(n, v)
	}
}

// plain refuses what YAML can do and a table does not use.
func (d *decoder) plain(n *yaml.Node) bool {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		d.fail("yaml.alias", placeOf(n), "anchors, aliases and merge keys are not part of a table: write it out, or use defaults")
	case n.Style&yaml.TaggedStyle != 0:
		d.fail("yaml.tag", placeOf(n), "tags are not part of a table")
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null":
		d.fail("yaml.null", placeOf(n), "nothing is given: write a value, or leave the key out")
	default:
		return true
	}
	return false
}

var kindNames = map[yaml.Kind]string{yaml.MappingNode: "a mapping", yaml.SequenceNode: "a list", yaml.ScalarNode: "a single value"}

// want reports whether a node is of a kind.
func (d *decoder) want(n *yaml.Node, kind yaml.Kind) bool {
	if n.Kind != kind {
		d.fail("yaml.kind", placeOf(n), "this is %s where %s belongs", kindNames[n.Kind], kindNames[kind])
	}
	return n.Kind == kind
}

// pairs yields the entries of a mapping with plain and single keys.
func (d *decoder) pairs(n *yaml.Node, yield func(key, value *yaml.Node)) {
	if !d.want(n, yaml.MappingNode) {
		return
	}
	seen := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		at := placeOf(key)
		first, again := seen[key.Value]
		switch {
		case key.Kind == yaml.AliasNode || key.Anchor != "" || key.Tag == "!!merge":
			d.fail("yaml.alias", at, "anchors, aliases and merge keys are not part of a table: write it out, or use defaults")
		case key.Kind != yaml.ScalarNode || key.Style&yaml.TaggedStyle != 0 || key.Value == "":
			d.fail("yaml.key", at, "a key is a plain word")
		case again:
			d.fail("yaml.key-duplicate", at, "%q is given already in line %d", clip(key.Value), first)
		default:
			seen[key.Value] = at.line
			yield(key, val)
		}
	}
}

// mapping decodes into structs that share one mapping. Keys are json names; those without omitempty or omitzero must be there.
func (d *decoder) mapping(n *yaml.Node, structs []reflect.Value) {
	known, required := make(map[string]reflect.Value), []string(nil)
	for _, v := range structs {
		for i := range v.NumField() {
			name, option := keyOf(v.Type().Field(i))
			if name == "" {
				continue
			}
			known[name] = v.Field(i)
			if option == "" {
				required = append(required, name)
			}
		}
	}
	given := make(map[string]bool)
	d.pairs(n, func(key, val *yaml.Node) {
		field, ok := known[key.Value]
		if !ok {
			d.fail("yaml.key-unknown", placeOf(key), "%q is no key here%s", clip(key.Value), suggest(key.Value, known))
			return
		}
		given[key.Value] = true
		d.at(key.Value, placeOf(val), func() { d.decode(val, field) })
	})
	for _, name := range required {
		if !given[name] && n.Kind == yaml.MappingNode {
			d.fail("yaml.key-missing", placeOf(n), "%q is missing", name)
		}
	}
}

// keyOf is the key of a field in a file; empty where it has none.
func keyOf(f reflect.StructField) (name, option string) {
	name, option, _ = strings.Cut(f.Tag.Get("json"), ",")
	if name == "-" || !f.IsExported() {
		return "", ""
	}
	return name, option
}

// dictionary decodes a mapping whose keys are those of the register, or paths.
func (d *decoder) dictionary(n *yaml.Node, v reflect.Value) {
	v.Set(reflect.MakeMap(v.Type()))
	d.pairs(n, func(key, val *yaml.Node) {
		item := reflect.New(v.Type().Elem()).Elem()
		d.at(key.Value, placeOf(key), func() { d.decode(val, item) })
		v.SetMapIndex(reflect.ValueOf(key.Value), item)
	})
}

func (d *decoder) list(n *yaml.Node, v reflect.Value) {
	if n.Kind == yaml.ScalarNode && slices.Contains(single, v.Type()) {
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		d.decode(n, v.Index(0))
		return
	}
	if !d.want(n, yaml.SequenceNode) {
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, item := range n.Content {
		d.at("["+strconv.Itoa(i)+"]", placeOf(item), func() { d.decode(item, v.Index(i)) })
	}
}

// text reads a type that has a written form of its own.
func (d *decoder) text(n *yaml.Node, v reflect.Value) {
	if !d.want(n, yaml.ScalarNode) {
		return
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); !ok || n.Value == "" || u.UnmarshalText([]byte(n.Value)) != nil {
		v.SetZero()
		d.fail("yaml.value", placeOf(n), "%q is not one of %s", clip(n.Value), strings.Join(namesOf(v.Type()), ", "))
	}
}

// namesOf lists the values of an enumeration, a number with a written form.
func namesOf(t reflect.Type) (names []string) {
	for i := range 256 {
		v := reflect.New(t).Elem()
		v.SetUint(uint64(i))
		m, ok := v.Interface().(encoding.TextMarshaler)
		if !ok {
			return nil
		}
		if text, err := m.MarshalText(); err == nil && len(text) > 0 && !slices.Contains(names, string(text)) {
			names = append(names, string(text))
		}
	}
	return names
}

// scalar reads texts as they stand, whatever YAML would make of them: the country NO, the clause 2.10.
func (d *decoder) scalar(n *yaml.Node, v reflect.Value) {
	switch {
	case !d.want(n, yaml.ScalarNode):
	case v.Type() == codeType:
		if !slices.Contains(policy.Codes(), policy.Code(n.Value)) {
			d.fail("yaml.value", placeOf(n), "%q is no reason%s", clip(n.Value), nearCode(n.Value))
			return
		}
		v.SetString(n.Value)
	case v.Kind() == reflect.String && strings.TrimSpace(n.Value) == "":
		d.fail("yaml.null", placeOf(n), "nothing is given: write a text, or leave the key out")
	case v.Kind() == reflect.String:
		v.SetString(n.Value)
	case n.Style != 0 || n.Value != "true" && n.Value != "false":
		d.fail("yaml.value", placeOf(n), "%q is neither true nor false", clip(n.Value))
	default:
		v.SetBool(n.Value == "true")
	}
}

func nearCode(s string) string {
	if like := purpose.Nearest(s, func(yield func(string) bool) {
		for _, c := range policy.Codes() {
			if !yield(string(c)) {
				return
			}
		}
	}); like != "" {
		return "; did you mean " + strconv.Quote(like) + "?"
	}
	return "; reasons.md of package policy lists them"
}

func suggest[V any](name string, known map[string]V) string {
	if like := purpose.Nearest(name, maps.Keys(known)); like != "" {
		return "; did you mean " + strconv.Quote(like) + "?"
	}
	return "; known: " + strings.Join(slices.Sorted(maps.Keys(known)), ", ")
}
