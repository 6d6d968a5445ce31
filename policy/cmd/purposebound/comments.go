package main

import (
	"bytes"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// commented reports whether a sound YAML text has comments. The parser drops some on its way, so that they are looked
// for in the text: every '#' that stands in no key and no value begins one. In doubt it says yes.
func commented(text []byte) bool {
	if !bytes.ContainsRune(text, '#') {
		return false
	}
	if bytes.ContainsAny(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), "\r\u0085\u2028\u2029") {
		return true // lines may end elsewhere
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return true
	}
	t := newText(text)
	if t.mark(&doc); t.doubt {
		return true
	}
	for i, line := range t.lines {
		for j := range line {
			if line[j] == '#' && !t.inside[i][j] {
				return true
			}
		}
	}
	return false
}

// yamlText is a text with what of it stands inside of keys and values.
type yamlText struct {
	lines  [][]rune
	inside [][]bool
	doubt  bool
}

func newText(text []byte) *yamlText {
	t := &yamlText{}
	for _, line := range strings.Split(string(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))), "\n") {
		t.lines = append(t.lines, []rune(line))
		t.inside = append(t.inside, make([]bool, len([]rune(line))))
	}
	return t
}

// mark marks the keys and values at and below a node.
func (t *yamlText) mark(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode {
		i, j := n.Line-1, n.Column-1
		switch {
		case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
			t.quoted(i, j)
		case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 && strings.TrimSpace(n.Value) != "": // what follows an empty one is no part of it
			t.block(i, j)
		case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 && n.Value != "":
			t.bare(i, j, n.Value)
		}
	}
	for _, c := range n.Content {
		t.mark(c)
	}
}

// bare marks a text without quotes: its characters, whatever blanks lie between them.
func (t *yamlText) bare(i, j int, value string) {
	t.doubt = t.doubt || i < 0 || j < 0
	if t.doubt {
		return
	}
	for _, c := range value {
		if unicode.IsSpace(c) {
			continue
		}
		for i < len(t.lines) && (j >= len(t.lines[i]) || unicode.IsSpace(t.lines[i][j])) {
			if j++; j >= len(t.lines[i]) {
				i, j = i+1, 0
			}
		}
		if i >= len(t.lines) || t.lines[i][j] != c {
			t.doubt = true
			return
		}
		t.set(i, j)
		j++
	}
}

// quoted marks a text from its opening quote to its closing one.
func (t *yamlText) quoted(i, j int) {
	if i < 0 || i >= len(t.lines) || j < 0 || j >= len(t.lines[i]) || t.lines[i][j] != '"' && t.lines[i][j] != '\'' {
		t.doubt = true
		return
	}
	quote := t.lines[i][j]
	for j++; i < len(t.lines); i, j = i+1, 0 {
		for ; j < len(t.lines[i]); j++ {
			switch c := t.lines[i][j]; {
			case c == '\\' && quote == '"':
				t.set(i, j)
				j++
				t.set(i, j)
			case c == quote && quote == '\'' && j+1 < len(t.lines[i]) && t.lines[i][j+1] == quote:
				j++ // two quotes are one
			case c == quote:
				return
			default:
				t.set(i, j)
			}
		}
	}
	t.doubt = true
}

func (t *yamlText) set(i, j int) {
	if j < len(t.inside[i]) {
		t.inside[i][j] = true
	}
}

// block marks the lines of a block that begins below line i: those that are empty or indented as far as its first.
func (t *yamlText) block(i, j int) {
	if i < 0 || i >= len(t.lines) || j < 0 || j >= len(t.lines[i]) || t.lines[i][j] != '|' && t.lines[i][j] != '>' {
		t.doubt = true
		return
	}
	for _, c := range t.lines[i][j+1:] {
		if c >= '1' && c <= '9' { // says how far it is indented, which need not be as far as its first line
			t.doubt = true
			return
		}
		if c != '-' && c != '+' {
			break
		}
	}
	indent := -1
	for i++; i < len(t.lines); i++ {
		blanks := 0
		for blanks < len(t.lines[i]) && t.lines[i][blanks] == ' ' {
			blanks++
		}
		if strings.TrimSpace(string(t.lines[i])) == "" {
			continue
		}
		if indent < 0 {
			indent = blanks
		}
		if blanks < indent {
			return
		}
		for j := range t.lines[i] {
			t.set(i, j)
		}
	}
}
