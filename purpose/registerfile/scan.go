package registerfile

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// scan refuses a text that should not reach the parser.
func (d *decoder) scan(data []byte) bool {
	if len(data) > MaxSize {
		d.problem("yaml.size", start, "the file is larger than %d bytes", MaxSize)
		return false
	}
	marks := 0
	for i := 0; i < len(data); {
		c := data[i]
		if c < utf8.RuneSelf {
			switch {
			case c == '\n', c == '\r', c == ',', c == ':', c == '[', c == '{', c == '?', c == '-' && i+1 < len(data) && data[i+1] <= ' ':
				marks++
			case c < ' ' && c != '\t', c == 0x7f:
				d.problem("yaml.control", placeAt(data, i), "a control character")
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			d.problem("yaml.encoding", placeAt(data, i), "the file is not UTF-8")
			return false
		case unseen(r):
			d.problem("yaml.control", placeAt(data, i), "a control character")
			return false
		}
		i += n
	}
	if marks > MaxNodes {
		d.problem("yaml.size", start, "the file has more than %d keys and values", MaxNodes)
		return false
	}
	return true
}

// unseen reports characters that show as nothing, or make a text show in another order than it is read.
func unseen(r rune) bool {
	return r >= 0x80 && r < 0xa0 && r != 0x85 || r == 0xfeff || r >= 0xfffe && r <= 0xffff || reorders(r)
}

// reorders reports the embeddings, overrides and isolates of bidirectional text.
func reorders(r rune) bool { return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 }

// placeAt is the place of a byte.
func placeAt(data []byte, i int) place {
	at := start
	for _, r := range string(bytes.ReplaceAll(data[:i], []byte("\r\n"), []byte("\n"))) {
		at.column++
		if r == '\n' || r == '\r' {
			at = place{at.line + 1, 1}
		}
	}
	return at
}

// tree parses a text that has one document.
func (d *decoder) tree(data []byte) *yaml.Node {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	switch err := decodeNode(dec, &doc); {
	case errors.Is(err, io.EOF):
		d.problem("yaml.empty", start, "the file is empty")
		return nil
	case err != nil:
		d.syntax(data, err)
		return nil
	}
	switch err := decodeNode(dec, &more); {
	case err == nil:
		d.problem("yaml.documents", placeOf(&more), "a register is one document")
		return nil
	case !errors.Is(err, io.EOF):
		d.syntax(data, err)
		return nil
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind == yaml.ScalarNode && doc.Content[0].Tag == "!!null" {
		d.problem("yaml.empty", start, "the file is empty")
		return nil
	}
	return doc.Content[0]
}

var errParser = errors.New("yaml: the parser gave up")

func decodeNode(dec *yaml.Decoder, n *yaml.Node) (err error) {
	defer func() {
		if recover() != nil {
			err = errParser
		}
	}()
	return dec.Decode(n)
}

// syntax reports the parser's error. It names a line at most, and at times quotes an anchor.
func (d *decoder) syntax(data []byte, err error) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(text, "unknown anchor '"); ok {
		name, _, _ := strings.Cut(rest, "' referenced")
		d.problem("yaml.alias", placeAt(data, max(bytes.Index(data, []byte("*"+name)), 0)), aliasText)
		return
	}
	line := 1
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		if number, tail, ok := strings.Cut(rest, ": "); ok {
			if n, err := strconv.Atoi(number); err == nil {
				line, text = n, tail
			}
		}
	}
	lines := bytes.Split(data, []byte("\n"))
	line = min(max(line, 1), len(lines))
	for _, l := range []int{line, line + 1, line - 1} {
		if l >= 1 && l <= len(lines) {
			if i := indent(lines[l-1]); bytes.IndexByte(lines[l-1][:i], '\t') >= 0 {
				d.problem("yaml.tab", place{l, bytes.IndexByte(lines[l-1], '\t') + 1}, "a line is indented by spaces, not tabs")
				return
			}
		}
	}
	d.problem("yaml.syntax", place{line, indent(lines[line-1]) + 1}, "%s", clip(text))
}

// indent counts the blanks at the beginning of a line.
func indent(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " \t")) }
