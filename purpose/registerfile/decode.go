package registerfile

import (
	"bytes"
	"encoding"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/purposebound/purposebound/purpose"
)

// decoder puts a YAML tree into a Spec and collects what is wrong with its form.
type decoder struct {
	name     string
	path     []byte // where it is
	depth    int
	problems purpose.Problems
	more     bool // there are problems beyond purpose.MaxProblems
	partial  bool // the content of the register cannot be told from what was read
	fields   map[reflect.Type]map[string]int
}

func newDecoder(name string) *decoder {
	return &decoder{name: name, fields: make(map[reflect.Type]map[string]int)}
}

// parse reads the form. root is nil when there is no tree.
func (d *decoder) parse(data []byte) (spec purpose.Spec, root *yaml.Node) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if d.scan(data) {
		root = d.tree(data)
	}
	if root == nil {
		d.partial = true
		return spec, nil
	}
	d.decode(root, reflect.ValueOf(&spec).Elem())
	d.partial = d.partial || d.more
	for _, p := range d.problems {
		_, inside := entryOf(p.Path)
		d.partial = d.partial || !inside
	}
	return spec, root
}

const aliasText = "anchors, aliases and merge keys are not part of a register"

// decode puts a node into v.
func (d *decoder) decode(n *yaml.Node, v reflect.Value) {
	d.depth++
	defer func() { d.depth-- }()
	switch {
	case d.depth > MaxDepth:
		d.problem("yaml.depth", placeOf(n), "nested more than %d levels deep", MaxDepth)
	case !d.plain(n):
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.decode(n, v.Elem())
	case v.Type() == valueType:
		d.value(n, v)
	case v.Addr().Type().Implements(textType):
		d.text(n, v)
	case v.Kind() == reflect.Struct:
		d.mapping(n, v)
	case v.Kind() == reflect.Slice:
		d.list(n, v)
	default:
		d.scalar(n, v)
	}
}

var (
	valueType = reflect.TypeFor[purpose.Value]()
	textType  = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// plain refuses what YAML can do and a register does not use.
func (d *decoder) plain(n *yaml.Node) bool {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		d.problem("yaml.alias", placeOf(n), aliasText)
	case n.Style&yaml.TaggedStyle != 0:
		d.problem("yaml.tag", placeOf(n), "tags are not part of a register")
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null":
		d.problem("yaml.null", placeOf(n), "nothing is given: write a value, or leave the key out")
	default:
		return true
	}
	return false
}

var kindNames = map[yaml.Kind]string{yaml.MappingNode: "a mapping", yaml.SequenceNode: "a list", yaml.ScalarNode: "a single value"}

// want reports whether a node is of a kind.
func (d *decoder) want(n *yaml.Node, kind yaml.Kind) bool {
	if n.Kind != kind {
		d.problem("yaml.kind", placeOf(n), "this is %s where %s belongs", kindNames[n.Kind], kindNames[kind])
	}
	return n.Kind == kind
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value) {
	if !d.want(n, yaml.MappingNode) {
		return
	}
	fields := d.fieldsOf(v.Type())
	seen := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		name, at := key.Value, placeOf(key)
		index, known := fields[name]
		first, again := seen[name]
		switch {
		case key.Kind == yaml.AliasNode || key.Anchor != "" || key.Tag == "!!merge":
			d.problem("yaml.alias", at, aliasText)
		case key.Kind != yaml.ScalarNode || key.Style&yaml.TaggedStyle != 0:
			d.problem("yaml.key", at, "a key is a plain word")
		case again:
			d.at(clip(name), func() { d.problem("yaml.key-duplicate", at, "%q is given already in line %d", clip(name), first) })
		case !known:
			d.at(clip(name), func() { d.problem("yaml.key-unknown", at, "%q is no key here%s", clip(name), suggest(name, fields)) })
		default:
			d.at(name, func() { d.decode(val, v.Field(index)) })
		}
		seen[name] = at.line
	}
}

// at does something one step further down the path.
func (d *decoder) at(step string, do func()) {
	length := len(d.path)
	if length > 0 && !strings.HasPrefix(step, "[") {
		d.path = append(d.path, '.')
	}
	d.path = append(d.path, step...)
	do()
	d.path = d.path[:length]
}

func (d *decoder) list(n *yaml.Node, v reflect.Value) {
	if v.Type().Elem() == valueType && n.Kind == yaml.ScalarNode {
		v.Set(reflect.MakeSlice(v.Type(), 1, 1)) // "is: true" for a list of one
		d.value(n, v.Index(0))
		return
	}
	if !d.want(n, yaml.SequenceNode) {
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, item := range n.Content {
		wrong := len(d.problems)
		d.at("["+strconv.Itoa(i)+"]", func() { d.decode(item, v.Index(i)) })
		if len(d.problems) > wrong && d.nameless(v.Index(i)) {
			d.partial = true
		}
	}
}

// nameless reports whether an entry that others refer to is without the key to do so.
func (d *decoder) nameless(v reflect.Value) bool {
	if v.Kind() != reflect.Struct {
		return false
	}
	for _, name := range []string{"key", "version"} {
		if i, ok := d.fieldsOf(v.Type())[name]; ok {
			return v.Field(i).IsZero()
		}
	}
	return false
}

// text reads a type that has a written form of its own.
func (d *decoder) text(n *yaml.Node, v reflect.Value) {
	if !d.want(n, yaml.ScalarNode) {
		return
	}
	u, _ := v.Addr().Interface().(encoding.TextUnmarshaler)
	if n.Value != "" && u.UnmarshalText([]byte(n.Value)) == nil {
		return
	}
	v.SetZero()
	if names := namesOf(v.Type()); len(names) > 0 {
		d.problem("yaml.value", placeOf(n), "%q is not one of %s", clip(n.Value), strings.Join(names, ", "))
	} else {
		d.problem("yaml.value", placeOf(n), "%q is no period; write P5Y, P18M or P30D", clip(n.Value))
	}
}

// scalar reads texts as they stand, whatever YAML would make of them: the country NO, the version 2.4, a day.
func (d *decoder) scalar(n *yaml.Node, v reflect.Value) {
	switch {
	case !d.want(n, yaml.ScalarNode):
	case v.Kind() == reflect.String:
		v.SetString(n.Value)
	case v.Kind() == reflect.Int:
		i, err := strconv.ParseInt(n.Value, 10, 32)
		if err != nil || n.Style != 0 || strconv.FormatInt(i, 10) != n.Value {
			d.problem("yaml.value", placeOf(n), "%q is no whole number", clip(n.Value))
			return
		}
		v.SetInt(i)
	case n.Style != 0 || n.Value != "true" && n.Value != "false":
		d.problem("yaml.value", placeOf(n), "%q is neither true nor false", clip(n.Value))
	default:
		v.SetBool(n.Value == "true")
	}
}

// fieldsOf maps the keys of a struct type, its json names, to field indexes.
func (d *decoder) fieldsOf(t reflect.Type) map[string]int {
	m, ok := d.fields[t]
	if !ok {
		m = make(map[string]int, t.NumField())
		for i := range t.NumField() {
			m[keyOf(t.Field(i))] = i
		}
		d.fields[t] = m
	}
	return m
}

// keyOf is the key of a field in the file.
func keyOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// namesOf lists the values of an enumeration, a number with a written form.
func namesOf(t reflect.Type) (names []string) {
	if t.Kind() != reflect.Uint8 {
		return nil
	}
	for i := range 256 {
		v := reflect.New(t).Elem()
		v.SetUint(uint64(i))
		m, ok := v.Interface().(encoding.TextMarshaler)
		if !ok {
			return nil
		}
		if text, err := m.MarshalText(); err == nil && len(text) > 0 {
			names = append(names, string(text))
		}
	}
	return names
}

func suggest(name string, fields map[string]int) string {
	if like := purpose.Nearest(name, maps.Keys(fields)); like != "" {
		return "; did you mean " + strconv.Quote(like) + "?"
	}
	return "; known: " + strings.Join(slices.Sorted(maps.Keys(fields)), ", ")
}

func clip(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "..."
	}
	return s
}
