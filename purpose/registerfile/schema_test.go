package registerfile_test

import (
	"bytes"
	"encoding"
	"encoding/json"
	"flag"
	"go/ast"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/registerfile"
	"github.com/purposebound/purposebound/retention"
)

var update = flag.Bool("update", false, "write register.schema.json anew")

// schema is the part of JSON Schema that is used here.
type schema struct {
	Dialect     string             `json:"$schema,omitempty"`
	ID          string             `json:"$id,omitempty"`
	Ref         string             `json:"$ref,omitempty"`
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description,omitempty"`
	Type        kinds              `json:"type,omitempty"`
	Enum        []string           `json:"enum,omitempty"`
	Pattern     string             `json:"pattern,omitempty"`
	Format      string             `json:"format,omitempty"`
	MaxLength   int                `json:"maxLength,omitempty"`
	Items       *schema            `json:"items,omitempty"`
	AnyOf       []*schema          `json:"anyOf,omitempty"`
	Required    []string           `json:"required,omitempty"`
	Properties  map[string]*schema `json:"properties,omitempty"`
	Closed      *bool              `json:"additionalProperties,omitempty"`
	Defs        map[string]*schema `json:"$defs,omitempty"`
}

// kinds are written without brackets when there is one.
type kinds []string

func (k kinds) MarshalJSON() ([]byte, error) {
	if len(k) == 1 {
		return json.Marshal(k[0])
	}
	return json.Marshal([]string(k))
}

func (k *kinds) UnmarshalJSON(b []byte) error {
	if b[0] == '[' {
		return json.Unmarshal(b, (*[]string)(k))
	}
	*k = make(kinds, 1)
	return json.Unmarshal(b, &(*k)[0])
}

// generator makes the schema of Go types.
type generator struct {
	docs map[string]string // "purpose.Spec" or "purpose.Spec.Controller" to its comment
	defs map[string]*schema
}

var one = kinds{"string", "number"} // a text, which needs no quotes where it looks like a number

// ref makes the schema of a type, a reference where it has a name of its own.
func (g *generator) ref(t reflect.Type) *schema {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	_, written := reflect.New(t).Interface().(encoding.TextMarshaler)
	value := t == reflect.TypeFor[purpose.Value]()
	switch {
	case !written && !value && t.Kind() == reflect.Slice:
		list := &schema{Type: kinds{"array"}, Items: g.ref(t.Elem())}
		if t.Elem() == reflect.TypeFor[purpose.Value]() { // one stands for a list of one
			return &schema{AnyOf: []*schema{g.ref(t.Elem()), list}}
		}
		return list
	case t.Kind() == reflect.Bool:
		return &schema{Type: kinds{"boolean"}}
	case t.Kind() == reflect.Int:
		return &schema{Type: kinds{"integer"}}
	case t.Kind() == reflect.String:
		return &schema{Type: one}
	}
	name := t.String()
	if _, known := g.defs[name]; !known {
		d := &schema{Description: g.docs[name]}
		g.defs[name] = d
		switch {
		case value:
			instant := &schema{Type: kinds{"object"}, Required: []string{"instant"}, Closed: new(bool), Properties: map[string]*schema{
				"instant": {Description: "RFC 3339, with its zone.", Type: kinds{"string"}, Format: "date-time"}}}
			d.AnyOf = []*schema{{Type: kinds{"boolean", "integer", "string"}}, {Type: kinds{"array"}, Items: &schema{Type: one}}, instant}
		case t == reflect.TypeFor[retention.Period]():
			d.Type, d.Pattern = kinds{"string"}, `^P([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?$`
		case written:
			d.Type, d.Enum = kinds{"string"}, enumNames(t)
		default:
			g.object(d, t)
		}
	}
	return &schema{Ref: "#/$defs/" + name}
}

func (g *generator) object(d *schema, t reflect.Type) {
	d.Type, d.Closed, d.Properties = kinds{"object"}, new(bool), map[string]*schema{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
		p := g.ref(f.Type)
		p.Description = g.docs[t.String()+"."+f.Name]
		if f.Type.Kind() == reflect.String {
			refine(p, name)
		}
		if option == "" {
			d.Required = append(d.Required, name)
		}
		d.Properties[name] = p
	}
}

// refine adds what a name says about the form of a text.
func refine(p *schema, name string) {
	switch name {
	case "key":
		p.Pattern, p.MaxLength = `^[a-z][a-z0-9]*([._-][a-z0-9]+)*$`, purpose.MaxKey
	case "country":
		p.Type, p.Pattern = kinds{"string"}, `^[A-Z]{2}$`
	case "from", "through", "announced":
		p.Type, p.Format = kinds{"string"}, "date"
	}
}

func enumNames(t reflect.Type) (names []string) {
	for i := range 256 {
		v := reflect.New(t).Elem()
		v.SetUint(uint64(i))
		if text, err := v.Interface().(encoding.TextMarshaler).MarshalText(); err == nil && len(text) > 0 {
			names = append(names, string(text))
		}
	}
	return names
}

func generate(t *testing.T) *schema {
	g := &generator{docs: map[string]string{}, defs: map[string]*schema{}}
	for _, pkg := range []string{"purpose", "basis", "retention"} {
		g.read(t, pkg)
	}
	root := g.ref(reflect.TypeFor[purpose.Spec]())
	s := g.defs["purpose.Spec"]
	delete(g.defs, "purpose.Spec")
	require.Equal(t, "#/$defs/purpose.Spec", root.Ref)
	s.Dialect, s.Title, s.Defs = "https://json-schema.org/draft/2020-12/schema", "Register of processing", g.defs
	s.ID = "https://github.com/purposebound/purposebound/purpose/registerfile/register.schema.json"
	return s
}

// read takes the comments on the types of a package, and on their fields.
func (g *generator) read(t *testing.T, pkg string) {
	paths, err := filepath.Glob("../../" + pkg + "/*.go")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, d := range file.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok || decl.Tok != token.TYPE {
				continue
			}
			for _, s := range decl.Specs {
				spec := s.(*ast.TypeSpec)
				name := pkg + "." + spec.Name.Name
				g.docs[name] = prose(decl.Doc)
				if st, ok := spec.Type.(*ast.StructType); ok {
					for _, f := range st.Fields.List {
						for _, n := range f.Names {
							g.docs[name+"."+n.Name] = strings.TrimSpace(prose(f.Doc) + " " + prose(f.Comment))
						}
					}
				}
			}
		}
	}
}

// prose is a comment as one line of text.
func prose(c *ast.CommentGroup) string {
	if c == nil {
		return ""
	}
	var p comment.Printer
	p.TextWidth = -1
	var links comment.Parser
	links.LookupSym = func(string, string) bool { return true }
	return strings.Join(strings.Fields(string(p.Text(links.Parse(c.Text())))), " ")
}

func TestSchemaIsThatOfTheTypes(t *testing.T) {
	var want bytes.Buffer
	enc := json.NewEncoder(&want)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	require.NoError(t, enc.Encode(generate(t)))
	if *update {
		require.NoError(t, os.WriteFile("register.schema.json", want.Bytes(), 0o644))
	}
	got, err := os.ReadFile("register.schema.json")
	require.NoError(t, err)
	lines, now := strings.Split(want.String(), "\n"), strings.Split(string(got), "\n")
	for i := range lines {
		require.True(t, i < len(now) && lines[i] == now[i], "line %d is not %s; run: go test ./purpose/registerfile -run Schema -update", i+1, lines[i])
	}
	require.Len(t, now, len(lines))
}

func published(t *testing.T) *schema {
	t.Helper()
	s := &schema{}
	dec := json.NewDecoder(bytes.NewReader(registerfile.Schema()))
	dec.DisallowUnknownFields()
	require.NoError(t, dec.Decode(s))
	return s
}

// Every field of every type is a property, and every property is one.
func TestSchemaHasEveryField(t *testing.T) {
	root := published(t)
	used := map[string]bool{}
	var walk func(s *schema, typ reflect.Type, where string)
	walk = func(s *schema, typ reflect.Type, where string) {
		for typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		if name, ok := strings.CutPrefix(s.Ref, "#/$defs/"); ok {
			require.Equal(t, typ.String(), name, where)
			if used[name] {
				return
			}
			used[name] = true
			s = root.Defs[name]
			require.NotNil(t, s, where)
			assert.NotEmpty(t, s.Description, name)
		}
		switch {
		case typ == reflect.TypeFor[purpose.Value](), typ == reflect.TypeFor[[]purpose.Value]():
			require.NotEmpty(t, s.AnyOf, where)
			for _, x := range s.AnyOf {
				if x.Ref != "" {
					walk(x, reflect.TypeFor[purpose.Value](), where)
				}
			}
		case typ.Kind() == reflect.Slice:
			require.Equal(t, kinds{"array"}, s.Type, where)
			walk(s.Items, typ.Elem(), where+"[]")
		case typ.Kind() == reflect.Uint8:
			require.Equal(t, enumNames(typ), s.Enum, where)
			assert.NotEmpty(t, s.Enum)
		case typ.Kind() == reflect.Struct && typ != reflect.TypeFor[retention.Period]():
			require.NotNil(t, s.Closed, where)
			require.False(t, *s.Closed, "%s is closed", where)
			var names []string
			for i := range typ.NumField() {
				name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
				require.NotEmpty(t, name, where)
				names = append(names, name)
				require.Contains(t, s.Properties, name, where)
				walk(s.Properties[name], typ.Field(i).Type, where+"."+name)
			}
			for name := range s.Properties {
				assert.Contains(t, names, name, where)
			}
			assert.Subset(t, names, s.Required)
		default:
			assert.NotEmpty(t, s.Type, where)
		}
	}
	walk(root, reflect.TypeFor[purpose.Spec](), "")
	for name := range root.Defs {
		assert.True(t, used[name], "%s is used", name)
	}
	assert.Equal(t, "https://json-schema.org/draft/2020-12/schema", root.Dialect)
	changed := registerfile.Schema()
	changed[0] = 'x'
	assert.NotEqual(t, changed[0], registerfile.Schema()[0], "a copy")
}

// What the register takes for a key, the schema does too.
func TestSchemaKnowsKeys(t *testing.T) {
	key := published(t).Defs["purpose.Purpose"].Properties["key"]
	pattern := regexp.MustCompile(key.Pattern)
	assert.Equal(t, purpose.MaxKey, key.MaxLength)
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[a-zA-Z0-9._ -]{0,9}`).Draw(t, "key")
		if purpose.ValidKey(s) {
			require.True(t, pattern.MatchString(s), s)
		} else if len(s) <= 5 { // no room for a long run of digits, which the pattern does not know
			require.False(t, pattern.MatchString(s), s)
		}
	})
}

// valid says what a document has wrong; it knows the keywords that are used here.
func (s *schema) valid(root *schema, n *yaml.Node, where string) (wrong []string) {
	if name, ok := strings.CutPrefix(s.Ref, "#/$defs/"); ok {
		return root.Defs[name].valid(root, n, where)
	}
	if len(s.AnyOf) > 0 && !slices.ContainsFunc(s.AnyOf, func(x *schema) bool { return len(x.valid(root, n, where)) == 0 }) {
		wrong = append(wrong, where+": none of the forms")
	}
	types := map[string][]string{"!!map": {"object"}, "!!seq": {"array"}, "!!bool": {"boolean"}, "!!int": {"integer", "number"}, "!!float": {"number"}, "!!null": {"null"}}[n.ShortTag()]
	if types == nil {
		types = []string{"string"}
	}
	if len(s.Type) > 0 && !slices.ContainsFunc(types, func(x string) bool { return slices.Contains(s.Type, x) }) {
		return append(wrong, where+": type")
	}
	text := n.Kind == yaml.ScalarNode && types[0] == "string"
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, n.Value) || text && s.Pattern != "" && !regexp.MustCompile(s.Pattern).MatchString(n.Value) || s.MaxLength > 0 && len(n.Value) > s.MaxLength {
		wrong = append(wrong, where+": "+n.Value)
	}
	if n.Kind == yaml.SequenceNode && s.Items != nil {
		for _, x := range n.Content {
			wrong = append(wrong, s.Items.valid(root, x, where+"[]")...)
		}
	}
	if n.Kind == yaml.MappingNode && s.Properties != nil {
		given := map[string]bool{}
		for i := 0; i < len(n.Content); i += 2 {
			name := n.Content[i].Value
			given[name] = true
			if p, ok := s.Properties[name]; ok {
				wrong = append(wrong, p.valid(root, n.Content[i+1], where+"."+name)...)
			} else if s.Closed != nil && !*s.Closed {
				wrong = append(wrong, where+"."+name+": unknown")
			}
		}
		for _, name := range s.Required {
			if !given[name] {
				wrong = append(wrong, where+"."+name+": missing")
			}
		}
	}
	return wrong
}

func TestSchemaAcceptsRegistersAndRefusesFlaws(t *testing.T) {
	root := published(t)
	check := func(text string) []string {
		var n yaml.Node
		require.NoError(t, yaml.Unmarshal([]byte(text), &n))
		return root.valid(root, n.Content[0], "")
	}
	sample, err := os.ReadFile("testdata/sample.yaml")
	require.NoError(t, err)
	assert.Empty(t, check(string(sample)))
	assert.Empty(t, check(small))
	for _, c := range []struct{ old, new, want string }{
		{"    clause: 2.10", "    clauze: 2.10", ".activities[].clauze: unknown"},
		{"    clause: 2.10", "", ".activities[].clause: missing"},
		{"class: confidential", "class: secret", ".categories[].class: secret"},
		{"basis: contract", "basis: kontrakt", ".activities[].claims[].basis: kontrakt"},
		{"ceiling: P3M", "ceiling: 3 months", ".retention[].ceiling: 3 months"},
		{"zone: Europe/Oslo}", "zone: [x]}", ".controller.zone: type"},
		{"consent_only: true", "consent_only: 1", ".purposes[].consent_only: type"},
		{"- key: service", "- key: Service", ".purposes[].key: Service"},
		{"country: NO", "country: no", ".controller.country: no"},
		{"{fact: agreed, is: true}", "{fact: agreed, is: {at: 1}}", ".activities[].conditions[].is: none of the forms"},
		{"capacities: [{key: customer}]", "capacities: {key: customer}", ".capacities: type"},
	} {
		require.Equal(t, 1, strings.Count(small, c.old), c.old)
		assert.Contains(t, check(strings.Replace(small, c.old, c.new, 1)), c.want)
	}
}
