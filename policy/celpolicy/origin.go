package celpolicy

import (
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// position in a file, both parts from 1; the column counts characters.
type position struct{ line, column int }

// origin is where a rule stands in its file.
type origin struct {
	text  []byte              // of the file
	marks map[string]position // by path inside the rule: "", "when", "purposes[1]"
	when  *yaml.Node

	reported map[string]bool // paths that the reader found fault with
}

// at is the position of a path inside the rule, or of the rule.
func (o *origin) at(path string) position {
	if p, ok := o.marks[path]; ok {
		return p
	}
	return o.marks[""]
}

// inWhen turns a place in the condition (line from 1, column from 0) into one in the file. YAML folds
// nothing but white space, so that characters are found again by counting the others.
func (o *origin) inWhen(line, column int) position {
	n := o.when
	before, after := solid(n.Value, line, column)
	quote := byte(0)
	src, pos := o.text, position{1, 1}
	skip := func() (r rune) {
		r, size := utf8.DecodeRune(src)
		src = src[size:]
		if r == '\n' {
			pos = position{pos.line + 1, 1}
		} else {
			pos.column++
		}
		return r
	}
	for len(src) > 0 && (pos.line < n.Line || pos.line == n.Line && pos.column < n.Column) {
		skip()
	}
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		for len(src) > 0 && pos.line == n.Line {
			skip() // the header
		}
	case n.Style&yaml.SingleQuotedStyle != 0:
		quote = '\''
		skip()
	case n.Style&yaml.DoubleQuotedStyle != 0:
		quote = '"'
		skip()
	}
	for len(src) > 0 {
		r, _ := utf8.DecodeRune(src)
		if unicode.IsSpace(r) {
			skip()
			continue
		}
		if before == 0 {
			return pos
		}
		before--
		skip()
		if (quote == '\'' && r == '\'' || quote == '"' && r == '\\') && len(src) > 0 {
			skip()
		}
		if before == 0 && after == 0 {
			return pos // the end of the text, not what follows it in the file
		}
	}
	return pos
}

// solid counts the characters of text, white space left out, before a line and column and after it.
func solid(text string, line, column int) (before, after int) {
	l, c := 1, 0
	for _, r := range text {
		count := &before
		if l == line && c >= column || l > line {
			count = &after
		}
		if !unicode.IsSpace(r) {
			*count++
		}
		if c++; r == '\n' {
			l, c = l+1, 0
		}
	}
	return before, after
}
