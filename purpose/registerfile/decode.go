package registerfile

import (
	"encoding"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/purposebound/purposebound/purpose"
)

var (
	valueType = reflect.TypeFor[purpose.Value]()
	textType  = reflect.TypeFor[encoding.TextUnmarshaler]()
)

func placeOf(n *yaml.Node) place { return place{max(n.Line, 1), max(n.Column, 1)} }

func (f *file) decodeRoot(doc *yaml.Node, spec *purpose.Spec) {
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		f.problem("yaml.empty", "", place{1, 1}, "the file is empty")
		return
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		f.problem("yaml.empty", "", placeOf(root), "the file is empty")
		return
	}
	f.decode(root, reflect.ValueOf(spec).Elem(), "", 0)
}

// decode puts a node into v.
func (f *file) decode(n *yaml.Node, v reflect.Value, path string, depth int) {
	f.places[path] = placeOf(n)
	switch {
	case depth > MaxDepth:
		f.problem("yaml.depth", path, placeOf(n), "nested more than %d levels deep", MaxDepth)
		return
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		f.problem("yaml.alias", path, placeOf(n), "anchors and aliases are not part of a register")
		return
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null":
		f.problem("yaml.null", path, placeOf(n), "a value is missing")
		return
	case n.Style&yaml.TaggedStyle != 0:
		f.problem("yaml.tag", path, placeOf(n), "tags are not part of a register")
		return
	}
	switch {
	case v.Type() == valueType:
		f.value(n, v, path)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.decode(n, v.Elem(), path, depth)
	case v.Addr().Type().Implements(textType):
		f.text(n, v, path)
	case v.Kind() == reflect.Struct:
		f.mapping(n, v, path, depth)
	case v.Kind() == reflect.Slice:
		f.sequence(n, v, path, depth)
	default:
		f.scalar(n, v, path)
	}
}

var kindNames = map[yaml.Kind]string{yaml.MappingNode: "a mapping", yaml.SequenceNode: "a list", yaml.ScalarNode: "a single value"}

// want reports whether a node is of a kind.
func (f *file) want(n *yaml.Node, kind yaml.Kind, path string) bool {
	if n.Kind != kind {
		f.problem("yaml.kind", path, placeOf(n), "this is %s where %s belongs", kindNames[n.Kind], kindNames[kind])
		return false
	}
	return true
}

func (f *file) mapping(n *yaml.Node, v reflect.Value, path string, depth int) {
	if !f.want(n, yaml.MappingNode, path) {
		return
	}
	fields := fieldsOf(v.Type())
	seen := map[string]place{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.Anchor != "" || key.Tag == "!!merge" {
			f.problem("yaml.key", path, placeOf(key), "a key is a plain word")
			continue
		}
		if first, dup := seen[key.Value]; dup {
			f.problem("yaml.key-duplicate", path, placeOf(key), "%q is given already in line %d", clip(key.Value), first.line)
			continue
		}
		seen[key.Value] = placeOf(key)
		index, ok := fields[key.Value]
		if !ok {
			f.problem("yaml.key-unknown", path, placeOf(key), "%q is no key here; known: %s", clip(key.Value), strings.Join(keysOf(fields), ", "))
			continue
		}
		f.decode(val, v.Field(index), join(path, key.Value), depth+1)
	}
}

func (f *file) sequence(n *yaml.Node, v reflect.Value, path string, depth int) {
	if v.Type().Elem() == valueType && n.Kind == yaml.ScalarNode {
		v.Set(reflect.MakeSlice(v.Type(), 1, 1)) // "is: true" for a list of one
		f.value(n, v.Index(0), path)
		return
	}
	if !f.want(n, yaml.SequenceNode, path) {
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, item := range n.Content {
		f.decode(item, v.Index(i), path+"["+strconv.Itoa(i)+"]", depth+1)
	}
}

func (f *file) text(n *yaml.Node, v reflect.Value, path string) {
	if !f.want(n, yaml.ScalarNode, path) {
		return
	}
	u, ok := v.Addr().Interface().(encoding.TextUnmarshaler)
	if !ok {
		return
	}
	if err := u.UnmarshalText([]byte(n.Value)); err != nil {
		f.problem("yaml.value", path, placeOf(n), "%s", clip(err.Error()))
	}
}

// scalar reads texts as they stand, whatever YAML would make of them: a country "NO", a version 2.4, a day.
func (f *file) scalar(n *yaml.Node, v reflect.Value, path string) {
	if !f.want(n, yaml.ScalarNode, path) {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.Value)
	case reflect.Bool:
		if n.Style != 0 || n.Value != "true" && n.Value != "false" {
			f.problem("yaml.value", path, placeOf(n), "want true or false")
			return
		}
		v.SetBool(n.Value == "true")
	case reflect.Int, reflect.Int64:
		i, err := strconv.ParseInt(n.Value, 10, 64)
		if err != nil || n.Style != 0 || v.OverflowInt(i) {
			f.problem("yaml.value", path, placeOf(n), "want a whole number")
			return
		}
		v.SetInt(i)
	default:
		f.problem("yaml.value", path, placeOf(n), "a register has no values of type %s", v.Type())
	}
}

// value reads a fact's value: true, a text, a whole number, a list of texts, or {instant: 2006-01-02T15:04:05Z}.
func (f *file) value(n *yaml.Node, v reflect.Value, path string) {
	var out purpose.Value
	switch {
	case n.Kind == yaml.SequenceNode:
		var texts []string
		for _, item := range n.Content {
			if item.Kind != yaml.ScalarNode || item.Anchor != "" || item.Tag == "!!null" {
				f.problem("yaml.value", path, placeOf(item), "a list value holds texts")
				return
			}
			texts = append(texts, item.Value)
		}
		out = purpose.TextsValue(texts...)
	case n.Kind == yaml.MappingNode && len(n.Content) == 2 && n.Content[0].Value == "instant" && n.Content[1].Kind == yaml.ScalarNode:
		t, err := time.Parse(time.RFC3339, n.Content[1].Value)
		if err != nil {
			f.problem("yaml.value", path, placeOf(n.Content[1]), "an instant is written 2006-01-02T15:04:05Z")
			return
		}
		out = purpose.InstantValue(t)
	case n.Kind != yaml.ScalarNode:
		f.problem("yaml.value", path, placeOf(n), "a value is true, false, a text, a whole number, a list of texts or an instant")
		return
	case n.Tag == "!!null" || n.Anchor != "":
		f.problem("yaml.null", path, placeOf(n), "a value is missing")
		return
	case n.Style == 0 && (n.Value == "true" || n.Value == "false"):
		out = purpose.BoolValue(n.Value == "true")
	case n.Style == 0 && n.Tag == "!!int":
		i, err := strconv.ParseInt(n.Value, 10, 64)
		if err != nil {
			f.problem("yaml.value", path, placeOf(n), "a whole number is written in decimal digits")
			return
		}
		out = purpose.IntValue(i)
	default:
		out = purpose.TextValue(n.Value)
	}
	v.Set(reflect.ValueOf(out))
}

// fieldsOf maps the keys of a struct type, its json names, to field indexes.
func fieldsOf(t reflect.Type) map[string]int {
	m := make(map[string]int, t.NumField())
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); name != "" && name != "-" {
			m[name] = i
		}
	}
	return m
}

func keysOf(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func clip(s string) string {
	if len(s) > 120 {
		return s[:120] + "..."
	}
	return s
}
