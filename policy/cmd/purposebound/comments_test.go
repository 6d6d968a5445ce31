package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.yaml.in/yaml/v3"

	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/registerfile"
)

func TestComments(t *testing.T) {
	for text, want := range map[string]bool{
		"a: b":                               false,
		"a: b#c":                             false,
		"a: [b#c, d]#e":                      true,
		"a: b]#c":                            false,
		"a: ''#b":                            true,
		"a: b\n  c#d\n  e":                   false,
		"a: b\n  c #d\n":                     true,
		"# a":                                true,
		"a: b # c":                           true,
		"a: b\t# c":                          true,
		"a: b\n# c\n":                        true,
		"a: b\n  # c\n":                      true,
		"a: 'b # c'":                         false,
		"a: 'b # c' # d":                     true,
		"a: 'it''s # c'":                     false,
		"a: 'it''s' # c":                     true,
		`a: "b # c"`:                         false,
		`a: "b \" # c"`:                      false,
		`a: "b \\" # c`:                      true,
		"a: \"b\n  # c\"":                    false,
		"a: \"b\n\n  # c\"\nd: e":            false,
		"'a # b': c":                         false,
		"a: |\n  b\n  # c\n":                 false,
		"a: |\n  b\n # c\n":                  true,
		"a: |\n  b\n\n  # c\nd: e # f":       true,
		"a: >-\n  b\n  # c\nd: e":            false,
		"a: | # c\n  b\n":                    true,
		"a: |- # c\n  b\n":                   true,
		"a: |2\n   b # c\n":                  true, // in doubt
		"a:\n  b: |\n  # c\n":                true,
		"a:\n  b: |\n\n  # c\n  d: e":        true,
		"a:\n  - |\n    # b\n  - c":          false,
		"a: [b, # c\n  d]":                   true,
		"a: [b, '# c',\n  d]":                false,
		"a: b\r\n# c\r\n":                    true,
		"a: 'b\r\n  # c'\r\n":                false,
		"a: b\rc: d # e":                     true, // in doubt
		"a: ['#b', \"#c\", 'd' , \" # e\" ]": false,
		"\xef\xbb\xbf# a\nb: c":              true,
		"a: [":                               false,
		"a: [ #":                             true,
	} {
		assert.Equal(t, want, commented([]byte(text)), "%q", text)
	}
}

// FuzzComments: whatever the parser takes for a comment is one here.
func FuzzComments(f *testing.F) {
	for _, seed := range []string{"a: b # c", "  ''#", "a: 'b # c'", "a: |\n  # b\n# c", "- 'a''# b' # c\n- >+\n  d\n\n# e", "a: {b: c, # d\n e: \"f \\\" # g\"}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var doc yaml.Node
		if yaml.Unmarshal([]byte(text), &doc) == nil && hasComment(&doc) && !commented([]byte(text)) {
			t.Fatalf("%q has a comment", text)
		}
	})
}

func hasComment(n *yaml.Node) bool {
	if n.HeadComment+n.LineComment+n.FootComment != "" {
		return true
	}
	for _, c := range n.Content {
		if hasComment(c) {
			return true
		}
	}
	return false
}

// FuzzCanonicalFormsHaveNoComments: what the canonical form writes is never taken for a comment, whatever a text holds.
func FuzzCanonicalFormsHaveNoComments(f *testing.F) {
	for _, seed := range []string{"a # b", "# a", "a\n# b", "a:\n  # b", "'# ' \" # ", "a \\\" # b", strings.Repeat("# a ", 100)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var b bytes.Buffer
		spec := purpose.Spec{Controller: purpose.Controller{Name: text, Contact: "c"}, Notices: []purpose.Notice{{Version: "v1", Note: text}, {Version: text}}}
		if registerfile.Write(&b, spec) != nil || bytes.ContainsAny(b.Bytes(), "\r\u0085\u2028\u2029") {
			return
		}
		if commented(b.Bytes()) {
			t.Fatalf("%q", b.String())
		}
	})
}
