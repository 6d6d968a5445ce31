package registerfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/purposebound/purposebound/purpose"
)

// Limits of a register file. What goes beyond is refused before it is parsed.
const (
	MaxSize  = 16 << 20  // bytes
	MaxNodes = 1_000_000 // entries, counted by their punctuation
	MaxDepth = 32        // levels of nesting
)

// Read reads a register. name stands in the position of every problem. The error is of type
// purpose.Problems: all that is wrong with form and content, with file, line and column.
func Read(name string, r io.Reader) (*purpose.Register, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %s cannot be read: %w", purpose.ErrInvalid, name, err)
	}
	spec, f := parse(name, data)
	if len(f.problems) > 0 {
		return nil, f.problems
	}
	reg, err := purpose.Compile(spec)
	var problems purpose.Problems
	if errors.As(err, &problems) {
		for i := range problems {
			f.locate(&problems[i])
		}
		return nil, problems
	}
	return reg, err
}

// Load is Read for a file of a file system, such as an embed.FS.
func Load(fsys fs.FS, name string) (*purpose.Register, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", purpose.ErrInvalid, err)
	}
	defer f.Close()
	return Read(name, f)
}

// Parse reads the form of a register and leaves its content to purpose.Compile.
func Parse(name string, data []byte) (purpose.Spec, error) {
	spec, f := parse(name, data)
	if len(f.problems) > 0 {
		return purpose.Spec{}, f.problems
	}
	return spec, nil
}

// file is what is known about a file while it is read.
type file struct {
	name     string
	problems purpose.Problems
	places   map[string]place // by path
}

type place struct{ line, column int }

func (f *file) problem(code, path string, at place, format string, args ...any) {
	f.problems = append(f.problems, purpose.Problem{Code: code, Path: path, Message: fmt.Sprintf(format, args...),
		File: f.name, Line: at.line, Column: at.column})
}

// locate gives a problem the place of its path, or of what is nearest above it.
func (f *file) locate(p *purpose.Problem) {
	p.File = f.name
	for path := p.Path; ; {
		if at, ok := f.places[path]; ok {
			p.Line, p.Column = at.line, at.column
			return
		}
		i := strings.LastIndexAny(path, ".[")
		if i < 0 {
			p.Line, p.Column = 1, 1
			return
		}
		path = path[:i]
	}
}

func parse(name string, data []byte) (spec purpose.Spec, f *file) {
	f = &file{name: name, places: map[string]place{}}
	start := place{1, 1}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	switch {
	case len(data) > MaxSize:
		f.problem("yaml.size", "", start, "the file is larger than %d bytes", MaxSize)
		return spec, f
	case nodes(data) > MaxNodes:
		f.problem("yaml.size", "", start, "the file has more than %d entries", MaxNodes)
		return spec, f
	case !utf8.Valid(data):
		f.problem("yaml.encoding", "", f.badByte(data), "the file is not UTF-8")
		return spec, f
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		f.problem("yaml.empty", "", start, "the file is empty")
		return spec, f
	case err != nil:
		at, text := syntax(err)
		f.problem("yaml.syntax", "", at, "%s", text)
		return spec, f
	}
	switch err := dec.Decode(&more); {
	case err == nil:
		f.problem("yaml.documents", "", place{more.Line, more.Column}, "a register is one document")
	case !errors.Is(err, io.EOF):
		at, text := syntax(err)
		f.problem("yaml.syntax", "", at, "%s", text)
	}
	f.decodeRoot(&doc, &spec)
	return spec, f
}

// nodes bounds from above how many nodes a text can have.
func nodes(data []byte) (n int) {
	for _, c := range data {
		switch c {
		case '\n', '\r', ',', '[', '{', ':', '-', '?':
			n++
		}
	}
	return n
}

func (f *file) badByte(data []byte) place {
	at := place{1, 1}
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		if r == utf8.RuneError && n == 1 {
			break
		}
		at.column++
		if r == '\n' {
			at = place{at.line + 1, 1}
		}
		data = data[n:]
	}
	return at
}

// syntax takes the line out of the parser's error.
func syntax(err error) (place, string) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	at := place{1, 1}
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		if number, tail, ok := strings.Cut(rest, ": "); ok {
			if n, err := strconv.Atoi(number); err == nil && n > 0 {
				at.line, text = n, tail
			}
		}
	}
	return at, text
}
