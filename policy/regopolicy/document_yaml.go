package regopolicy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"go.yaml.in/yaml/v3"
)

// maxMarks bounds the characters that can begin a YAML node, and with them the memory of its tree.
const maxMarks = 200_000

// readYAML reads one YAML document. Texts without quotes that some readers of YAML take for something else are
// refused, so that OPA's tools see the same document: NO is Norway here and false there.
func (d *document) readYAML(text []byte) *ast.Term {
	root, line, err := parseYAML(text)
	if err != nil {
		d.fail(line, 1, "data.syntax", err.Error())
		return nil
	}
	return d.node(root, 0)
}

func parseYAML(text []byte) (root *yaml.Node, line int, err error) {
	defer func() {
		if r := recover(); r != nil {
			root, line, err = nil, 1, errUnreadable
		}
	}()
	marks := 0
	for i, c := range text {
		switch c {
		case '\n', ',', ':', '[', '{', '?':
			marks++
		case '-':
			if i+1 < len(text) && (text[i+1] == ' ' || text[i+1] == '\n') {
				marks++
			}
		}
	}
	if marks > maxMarks {
		return nil, 1, fmt.Errorf("more than %d entries", maxMarks)
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, 1, errors.New("the file is empty")
		}
		line := 1
		if _, e := fmt.Sscanf(err.Error(), "yaml: line %d:", &line); e != nil {
			line = 1
		}
		return nil, line, errUnreadable
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, 1, errors.New("a base document is one YAML document")
	}
	if len(doc.Content) != 1 {
		return nil, 1, errors.New("the file is empty")
	}
	return doc.Content[0], 1, nil
}

var errUnreadable = errors.New("is not readable as YAML")

// node turns a node into a term; nil after a problem.
func (d *document) node(n *yaml.Node, depth int) *ast.Term {
	wrong := func(code, message string) *ast.Term {
		d.fail(n.Line, n.Column, code, message)
		return nil
	}
	d.values++
	switch {
	case d.values > maxValues:
		return wrong("data.size", refuseSize)
	case depth > MaxDepth:
		return wrong("data.depth", "is nested too deeply")
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return wrong("data.alias", "anchors and aliases are refused: write it out")
	case len(n.Value) > maxLiteral:
		return wrong("data.text", refuseText)
	case n.Style&yaml.TaggedStyle != 0:
		return wrong("data.tag", "tags are refused")
	}
	switch n.Kind {
	case yaml.SequenceNode:
		items := make([]*ast.Term, 0, len(n.Content))
		for _, c := range n.Content {
			if item := d.node(c, depth+1); item != nil {
				items = append(items, item)
			}
		}
		return ast.ArrayTerm(items...)
	case yaml.MappingNode:
		o := ast.NewObject()
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, v := d.node(n.Content[i], depth+1), d.node(n.Content[i+1], depth+1)
			if k == nil || v == nil {
				continue
			}
			if _, isText := k.Value.(ast.String); !isText {
				d.fail(n.Content[i].Line, n.Content[i].Column, "data.key", "a key is a text: put it in quotes")
				continue
			}
			if o.Get(k) != nil {
				d.fail(n.Content[i].Line, n.Content[i].Column, "data.duplicate", "the key is given twice")
				continue
			}
			o.Insert(k, v)
		}
		return ast.NewTerm(o)
	case yaml.ScalarNode:
		if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
			return ast.StringTerm(n.Value)
		}
		return d.plain(n, wrong)
	}
	return wrong("data.syntax", errUnreadable.Error())
}

// doubtful are texts that look like numbers, times or dates to some reader of YAML.
var doubtful = regexp.MustCompile(`^[-+.]?[0-9][-+.:_xXoObBeETtZz0-9a-fA-F ]*$|^[-+]?\.(inf|Inf|INF|nan|NaN|NAN)$`)

// plain is a scalar without quotes.
func (d *document) plain(n *yaml.Node, wrong func(code, message string) *ast.Term) *ast.Term {
	switch low := strings.ToLower(n.Value); {
	case n.Value == "true" || n.Value == "false":
		return ast.BooleanTerm(n.Value == "true")
	case low == "" || low == "~" || low == "null":
		return wrong("data.null", refuseNull)
	case slices.Contains([]string{"y", "n", "yes", "no", "on", "off", "true", "false", "=", "<<"}, low):
		return wrong("data.doubtful", "is true or false to some: put a text in quotes, write true or false otherwise")
	case plainNumber.MatchString(n.Value):
		if t, ok := number(n.Value); ok {
			return t
		}
		return wrong("data.number", refuseNumber)
	case doubtful.MatchString(n.Value):
		return wrong("data.doubtful", "is a number or a time to some: put it in quotes")
	}
	return ast.StringTerm(n.Value)
}
