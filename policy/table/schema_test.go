package table_test

import (
	"bytes"
	"encoding"
	"encoding/json"
	"flag"
	"go/ast"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/table"
	"github.com/purposebound/purposebound/purpose"
)

var update = flag.Bool("update", false, "write the schemas anew")

// schema is the part of JSON Schema that is used here.
type schema struct {
	Dialect     string             `json:"$schema,omitempty"`
	ID          string             `json:"$id,omitempty"`
	Ref         string             `json:"$ref,omitempty"`
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description,omitempty"`
	Type        kinds              `json:"type,omitempty"`
	Const       string             `json:"const,omitempty"`
	Enum        []string           `json:"enum,omitempty"`
	Format      string             `json:"format,omitempty"`
	Least       int                `json:"minItems,omitempty"`
	Members     int                `json:"minProperties,omitempty"`
	Items       *schema            `json:"items,omitempty"`
	AnyOf       []*schema          `json:"anyOf,omitempty"`
	Required    []string           `json:"required,omitempty"`
	Properties  map[string]*schema `json:"properties,omitempty"`
	Others      *others            `json:"additionalProperties,omitempty"`
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

// others are properties with any name; without a schema there may be none.
type others struct{ *schema }

func (o others) MarshalJSON() ([]byte, error) {
	if o.schema == nil {
		return []byte("false"), nil
	}
	return json.Marshal(o.schema)
}

func (o *others) UnmarshalJSON(b []byte) error {
	if string(b) == "false" {
		return nil
	}
	o.schema = &schema{}
	return json.Unmarshal(b, o.schema)
}

// generator makes the schema of Go types.
type generator struct {
	docs map[string]string // "table.Case" or "table.Case.Name" to its comment
	defs map[string]*schema
}

var text = kinds{"string", "number"} // which needs no quotes where it looks like a number

// of makes the schema of a type, a reference where it has a name of its own.
func (g *generator) of(t reflect.Type) *schema {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	_, written := reflect.New(t).Interface().(encoding.TextMarshaler)
	switch {
	case t == reflect.TypeFor[time.Time]():
		return &schema{Type: kinds{"string"}, AnyOf: []*schema{{Format: "date-time"}, {Format: "date"}}}
	case t == reflect.TypeFor[policy.Code]():
		return g.define(t, func(s *schema) {
			s.Type = kinds{"string"}
			for _, c := range policy.Codes() {
				s.Enum = append(s.Enum, string(c))
			}
		})
	case t == reflect.TypeFor[[]table.Field]():
		return &schema{Type: kinds{"object"}, Members: 1, Others: &others{&schema{AnyOf: []*schema{{Type: kinds{"string"}}, g.of(t.Elem())}}}}
	case t.Kind() == reflect.Slice:
		list := &schema{Type: kinds{"array"}, Items: g.of(t.Elem())}
		switch t.Name() {
		case "Codes", "Bases", "Texts":
			return &schema{AnyOf: []*schema{g.of(t.Elem()), list}}
		}
		return list
	case t.Kind() == reflect.Map:
		return &schema{Type: kinds{"object"}, Others: &others{g.of(t.Elem())}}
	case t.Kind() == reflect.Bool:
		return &schema{Type: kinds{"boolean"}}
	case t.Kind() == reflect.String:
		return &schema{Type: text}
	case t == reflect.TypeFor[purpose.Value]():
		return g.define(t, func(s *schema) {
			instant := &schema{Type: kinds{"object"}, Required: []string{"instant"}, Others: &others{}, Properties: map[string]*schema{
				"instant": {Description: "RFC 3339, with its zone.", Type: kinds{"string"}, Format: "date-time"}}}
			s.AnyOf = []*schema{{Type: kinds{"boolean", "integer", "string"}}, {Type: kinds{"array"}, Items: &schema{Type: text}}, instant}
		})
	case t == reflect.TypeFor[table.Given]():
		return g.define(t, g.events)
	case t == reflect.TypeFor[basis.Quality]():
		object := g.define(t, func(s *schema) { g.object(s, t) })
		return &schema{AnyOf: []*schema{{Type: kinds{"string"}, Enum: []string{"good", "explicit"}}, object}}
	case written:
		return g.define(t, func(s *schema) { s.Type, s.Enum = kinds{"string"}, enumNames(t) })
	}
	return g.define(t, func(s *schema) { g.object(s, t) })
}

func (g *generator) define(t reflect.Type, fill func(*schema)) *schema {
	name := t.String()
	if _, known := g.defs[name]; !known {
		s := &schema{Description: g.docs[name]}
		g.defs[name] = s
		fill(s)
	}
	return &schema{Ref: "#/$defs/" + name}
}

// object adds the fields of struct types.
func (g *generator) object(s *schema, types ...reflect.Type) {
	s.Type, s.Others = kinds{"object"}, &others{}
	if s.Properties == nil {
		s.Properties = map[string]*schema{}
	}
	for _, t := range types {
		for i := range t.NumField() {
			f := t.Field(i)
			name, option := table.KeyOf(f)
			if name == "" {
				continue
			}
			p := g.of(f.Type)
			p.Description = g.docs[t.String()+"."+f.Name]
			if name == "cases" {
				p.Least = 1
			}
			if name == "expect" {
				p.Members = 1
			}
			if option == "" {
				s.Required = append(s.Required, name)
			}
			s.Properties[name] = p
		}
	}
}

// events are one form for each kind of event.
func (g *generator) events(s *schema) {
	for _, kind := range slices.Sorted(maps.Keys(table.Kinds)) {
		t := table.Kinds[kind]
		s.AnyOf = append(s.AnyOf, g.define(t, func(s *schema) {
			s.Properties = map[string]*schema{"kind": {Const: kind}}
			s.Required = []string{"kind"}
			g.object(s, reflect.TypeFor[table.Given](), t)
		}))
	}
}

func enumNames(t reflect.Type) (names []string) {
	for i := range 256 {
		v := reflect.New(t).Elem()
		v.SetUint(uint64(i))
		if b, err := v.Interface().(encoding.TextMarshaler).MarshalText(); err == nil && len(b) > 0 && !slices.Contains(names, string(b)) {
			names = append(names, string(b))
		}
	}
	return names
}

func generate(t *testing.T, of reflect.Type, title, file string) *schema {
	g := &generator{docs: map[string]string{}, defs: map[string]*schema{}}
	for pkg, dir := range map[string]string{"table": ".", "policy": "..", "basis": "../../basis", "purpose": "../../purpose"} {
		g.read(t, pkg, dir)
	}
	g.of(of)
	s := g.defs[of.String()]
	delete(g.defs, of.String())
	s.Dialect, s.Title, s.Defs = "https://json-schema.org/draft/2020-12/schema", title, g.defs
	s.ID = "https://github.com/purposebound/purposebound/policy/table/" + file
	return s
}

// read takes the comments on the types of a package, and on their fields.
func (g *generator) read(t *testing.T, pkg, dir string) {
	paths, err := filepath.Glob(dir + "/*.go")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
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

func TestSchemasAreThoseOfTheTypes(t *testing.T) {
	for file, s := range map[string]*schema{
		"table.schema.json":   generate(t, reflect.TypeFor[table.Table](), "Decision table", "table.schema.json"),
		"request.schema.json": generate(t, table.QuestionType, "Request to be explained", "request.schema.json"),
	} {
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		require.NoError(t, enc.Encode(s))
		if *update {
			require.NoError(t, os.WriteFile(file, want.Bytes(), 0o644))
		}
		got, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, want.String(), string(got), "run: go test ./policy/table -run Schema -update")
	}
	changed := table.Schema()
	changed[0] = 'x'
	require.NotEqual(t, changed[0], table.Schema()[0], "a copy")
	require.Contains(t, string(table.RequestSchema()), "Request to be explained")
}

// valid says what a document has wrong; it knows the keywords that are used here.
func (s *schema) valid(root *schema, n *yaml.Node, where string) (wrong []string) {
	if name, ok := strings.CutPrefix(s.Ref, "#/$defs/"); ok {
		wrong = root.Defs[name].valid(root, n, where)
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
	isText := n.Kind == yaml.ScalarNode && types[0] == "string"
	date := regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
	instant := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$`)
	switch {
	case len(s.Enum) > 0 && !slices.Contains(s.Enum, n.Value), s.Const != "" && s.Const != n.Value,
		isText && s.Format == "date" && !date.MatchString(n.Value), isText && s.Format == "date-time" && !instant.MatchString(n.Value):
		wrong = append(wrong, where+": "+n.Value)
	case len(n.Content) < s.Least, len(n.Content) < 2*s.Members:
		wrong = append(wrong, where+": empty")
	}
	if n.Kind == yaml.SequenceNode && s.Items != nil {
		for _, x := range n.Content {
			wrong = append(wrong, s.Items.valid(root, x, where+"[]")...)
		}
	}
	if n.Kind != yaml.MappingNode || s.Properties == nil && s.Others == nil {
		return wrong
	}
	given := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		name := n.Content[i].Value
		given[name] = true
		switch p, ok := s.Properties[name]; {
		case ok:
			wrong = append(wrong, p.valid(root, n.Content[i+1], where+"."+name)...)
		case s.Others != nil && s.Others.schema == nil:
			wrong = append(wrong, where+"."+name+": unknown")
		case s.Others != nil:
			wrong = append(wrong, s.Others.valid(root, n.Content[i+1], where+"."+name)...)
		}
	}
	for _, name := range s.Required {
		if !given[name] {
			wrong = append(wrong, where+"."+name+": missing")
		}
	}
	return wrong
}

func published(t *testing.T, data []byte) *schema {
	t.Helper()
	s := &schema{}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	require.NoError(t, dec.Decode(s))
	return s
}

func TestSchemasAcceptTablesAndRefuseFlaws(t *testing.T) {
	check := func(data []byte, text string) []string {
		root := published(t, data)
		var n yaml.Node
		require.NoError(t, yaml.Unmarshal([]byte(text), &n))
		quoteTimes(&n)
		return root.valid(root, n.Content[0], "")
	}
	assert.Empty(t, check(table.Schema(), one))
	assert.Empty(t, check(table.Schema(), refusals))
	assert.Empty(t, check(table.RequestSchema(), asked))
	paths, err := filepath.Glob("../../examples/leasing/tables/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Empty(t, check(table.Schema(), string(data)), path)
	}
	for _, c := range []struct{ old, new, want string }{
		{"title: Leases", "titel: Leases", ".titel: unknown"},
		{"category: finance.iban, ", "", ".fields.IBAN: none of the forms"},
		{"kind: relationship.occurred", "kind: relationship.ocurred", ".defaults.given[]: none of the forms"},
		{"event: signed, ", "", ".defaults.given[]: none of the forms"},
		{"event: signed", "event: signed, scope: mails", ".defaults.given[]: none of the forms"},
		{"action: read", "action: peek", ".defaults.request.action: peek"},
		{"now: 2026-05-04T09:00:00+02:00", "now: tomorrow", ".defaults.now: none of the forms"},
		{"roles: [billing]", "roles: billing", ".defaults.request.principal.roles: type"},
		{"facts: {instructed: true}", "facts: {instructed: {at: 3}}", ".defaults.request.facts.instructed: none of the forms"},
		{"outcome: permitted", "outcome: allowed", ".cases[].expect.outcome: allowed"},
		{"outcome: permitted", "reason: policy.deneid", ".cases[].expect.reason: policy.deneid"},
		{"redacted: {IBAN: last-four}", "redacted: {IBAN: first}", ".cases[].expect.redacted.IBAN: first"},
		{"basis: contract", "basis: kontrakt", ".cases[].expect.basis: none of the forms"},
		{"person_decides: false", "person_decides: 0", ".cases[].expect.person_decides: type"},
		{"  - name: billing reads\n", "  - note: x\n", ".cases[].name: missing"},
		{"  - name: billing reads\n", "  - {name: x, expect: {}}\n  - name: billing reads\n", ".cases[].expect: empty"},
	} {
		assert.Contains(t, check(table.Schema(), with(t, one, c.old, c.new)), c.want, c.new)
	}
	assert.Contains(t, check(table.RequestSchema(), with(t, asked, "now: 2026-05-04\n", "")), ".now: missing")
}

// quoteTimes makes texts of what YAML takes for timestamps, as editors do.
func quoteTimes(n *yaml.Node) {
	if n.ShortTag() == "!!timestamp" {
		n.Tag = "!!str"
	}
	for _, c := range n.Content {
		quoteTimes(c)
	}
}
