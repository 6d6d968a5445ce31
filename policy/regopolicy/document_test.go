package regopolicy

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/loader"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestBaseDocumentsAreThoseOfOPA: the same folders make the same document, whichever form the files have.
func TestBaseDocumentsAreThoseOfOPA(t *testing.T) {
	all := fstest.MapFS{
		"data.json":         {Data: []byte(`{"a": {"b": [1, "two", true, {"c": -3.5}]}, "n": {}, "d/e": "\u00e6\/"}`)},
		"teams/data.yaml":   {Data: []byte("loans: [u17, u18]\nnested:\n  deeper: {yes_or_no: \"no\", country: 'NO'}\n")},
		"teams/x/data.yml":  {Data: []byte("- is: a list\n")},
		"teams/y/data.yml":  {Data: []byte("# comment\nlong: >\n  folded\n  text\n")},
		"teams/other.yaml":  {Data: []byte("not: read")},
		"teams/y/.data.yml": {Data: []byte("not: read")},
	}
	delete(all, "teams/x/data.yml")
	var problems Problems
	docs := readAll(all, &problems).documents
	problems = nil // there are no modules
	ours := documents(docs, &problems)
	require.Empty(t, problems)

	delete(all, "teams/other.yaml")
	delete(all, "teams/y/.data.yml")
	b, err := loader.NewFileLoader().WithFS(all).AsBundle(".")
	require.NoError(t, err)
	theirs, err := ast.InterfaceToValue(b.Data)
	require.NoError(t, err)
	assert.Zero(t, ours.Compare(theirs), "%v and %v", ours, theirs)
}

// TestDocumentsThatReadersDisagreeOn are refused, each with its place.
func TestDocumentsThatReadersDisagreeOn(t *testing.T) {
	for text, want := range map[string]string{
		"country: NO":               "data.yaml:1:10: is true or false to some",
		"a: 1\nb: off":              "data.yaml:2:4: is true or false to some",
		"a: True":                   "is true or false to some",
		"a: 0777":                   "is a number or a time to some",
		"a: 1e3":                    "is a number or a time to some",
		"a: 12:30":                  "is a number or a time to some",
		"a: 2026-05-04":             "is a number or a time to some",
		"a: 0x1F":                   "is a number or a time to some",
		"a: 1_000":                  "is a number or a time to some",
		"a: .inf":                   "is a number or a time to some",
		"a: 1234567890123456":       "a number has at most 15 digits",
		"a: ~":                      "null says nothing",
		"a:":                        "null says nothing",
		"a: &x 1\nb: *x":            "anchors and aliases are refused",
		"a: !!str 1":                "tags are refused",
		"1: a":                      "a key is a text",
		"a: 1\na: 2":                "the key is given twice",
		"- a":                       "a base document is an object",
		"a: 1\n---\nb: 2":           "one YAML document",
		"":                          "the file is empty",
		"a: [":                      "is not readable as YAML",
		"purposebound: {permit: 1}": "nothing under purposebound",
	} {
		assert.Contains(t, strings.Join(problemsOf(t, register(t), fstest.MapFS{"p.rego": {Data: []byte(header + one)}, "data.yaml": {Data: []byte(text)}}), "\n"), want, text)
	}
	for text, want := range map[string]string{
		`{"a": null}`:             "data.json:1:11: null says nothing",
		"{\"a\": 1,\n \"a\": 2}":  "data.json:2:5: the key is given twice",
		`{"a": 1e400}`:            "a number has at most 15 digits",
		`{"a": 1} {}`:             "is not readable as JSON",
		`{"a": 1`:                 "is not readable as JSON",
		`[]`:                      "a base document is an object",
		``:                        "is not readable as JSON",
		strings.Repeat("[", 1000): "is nested too deeply",
	} {
		assert.Contains(t, strings.Join(problemsOf(t, register(t), fstest.MapFS{"p.rego": {Data: []byte(header + one)}, "data.json": {Data: []byte(text)}}), "\n"), want, text)
	}
}

// TestDocumentsCollide neither with each other nor with rules.
func TestDocumentsCollide(t *testing.T) {
	reg := register(t)
	for name, c := range map[string]struct {
		all  fstest.MapFS
		want string
	}{
		"each other": {fstest.MapFS{"data.json": {Data: []byte(`{"a": {"b": 1}}`)}, "a/data.json": {Data: []byte(`{"b": 2}`)}}, "another base document has the same path"},
		"by folder":  {fstest.MapFS{"purposebound/data.json": {Data: []byte(`{"x": 1}`)}}, "nothing under purposebound"},
		"a package": {fstest.MapFS{"teams/data.json": {Data: []byte(`{"loans": {"mine": true}}`)}, "teams/loans.rego": {Data: []byte("package teams.loans\n\nimport rego.v2\n\nmine if input.action == \"read\"\n")}},
			"conflict"},
	} {
		c.all["p.rego"] = &fstest.MapFile{Data: []byte(header + one)}
		assert.Contains(t, strings.Join(problemsOf(t, reg, c.all), "\n"), c.want, name)
	}
	fine := fstest.MapFS{"p.rego": {Data: []byte(header + one)}, "a/data.json": {Data: []byte(`{"b": {"c": 1}}`)}, "data.yaml": {Data: []byte("a: {b: {d: 2}}")}}
	assert.Empty(t, problemsOf(t, reg, fine))
}

// TestRulesReadBaseDocuments.
func TestRulesReadBaseDocuments(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	all := files(`permit contains {"rule": "teams", "category": "contact"} if input.principal.id in data.teams[input.purpose]`)
	all["data.yaml"] = &fstest.MapFile{Data: []byte("teams: {invoicing.billing: [u17]}")}
	p, err := Load(reg, "test", all)
	require.NoError(t, err)
	v := decide(t, p, ask(t, pl))
	assert.Equal(t, 2, v.Permit.Len())
	all["data.yaml"] = &fstest.MapFile{Data: []byte("teams: {invoicing.billing: [u18]}")}
	p, err = Load(reg, "test", all)
	require.NoError(t, err)
	v = decide(t, p, ask(t, pl))
	assert.True(t, v.Permit.Empty())
}
