package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Limits of a table. What goes beyond the first two is refused before it is parsed.
const (
	MaxSize  = 4 << 20 // bytes of one file
	MaxNodes = 200_000 // keys and values of one file, bounded from above by the punctuation
	MaxFiles = 1_000   // files in one call of Read
	MaxCases = 10_000  // cases of one table
)

// scan refuses a text that should not reach the parser.
func (d *decoder) scan(data []byte) bool {
	if len(data) > MaxSize {
		d.fail("yaml.size", place{1, 1}, "the file is larger than %d bytes", MaxSize)
		return false
	}
	at, marks := place{1, 1}, 0
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			d.fail("yaml.encoding", at, "the file is not UTF-8")
			return false
		case unseen(r):
			d.fail("yaml.control", at, "a control character")
			return false
		case strings.ContainsRune("\n\r,:[{?", r), r == '-' && i+1 < len(data) && data[i+1] <= ' ':
			marks++
		}
		at.column++
		if r == '\n' {
			at = place{at.line + 1, 1}
		}
		i += n
	}
	if marks > MaxNodes {
		d.fail("yaml.size", place{1, 1}, "the file has more than %d keys and values", MaxNodes)
		return false
	}
	return true
}

// unseen reports characters that show as nothing, or make a text show in another order than it is read.
func unseen(r rune) bool {
	switch {
	case r == '\n', r == '\r', r == '\t', r == 0x85:
		return false
	case r < ' ', r >= 0x7f && r < 0xa0, r == 0xfeff, r >= 0xfffe && r <= 0xffff:
		return true
	}
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// tree parses a text that has one document.
func (d *decoder) tree(data []byte) *yaml.Node {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	err := decodeNode(dec, &doc)
	switch {
	case errors.Is(err, io.EOF), err == nil && (len(doc.Content) != 1 || doc.Content[0].ShortTag() == "!!null"):
		d.fail("yaml.empty", place{1, 1}, "the file is empty")
		return nil
	case err == nil:
		if err = decodeNode(dec, &more); errors.Is(err, io.EOF) {
			return doc.Content[0]
		}
	}
	if err == nil {
		d.fail("yaml.documents", placeOf(&more), "a table is one document")
		return nil
	}
	d.syntax(data, err)
	return nil
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

// syntax says where the parser stopped. Its own words are not repeated: they may quote the text.
func (d *decoder) syntax(data []byte, err error) {
	line := 1
	if _, e := fmt.Sscanf(err.Error(), "yaml: line %d:", &line); e != nil {
		line = 1
	}
	lines := bytes.Split(data, []byte("\n"))
	line = min(max(line, 1), len(lines))
	for _, l := range []int{line, line + 1, line - 1} {
		if l >= 1 && l <= len(lines) {
			if i := bytes.IndexByte(lines[l-1][:indent(lines[l-1])], '\t'); i >= 0 {
				d.fail("yaml.tab", place{l, i + 1}, "a line is indented by spaces, not tabs")
				return
			}
		}
	}
	d.fail("yaml.syntax", place{line, indent(lines[line-1]) + 1}, "this is not readable as YAML")
}

// indent counts the blanks at the beginning of a line.
func indent(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " \t")) }
