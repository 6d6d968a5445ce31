package registerfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/purposebound/purposebound/purpose"
)

// Limits of a register file. What goes beyond the first two is refused before it is parsed.
const (
	MaxSize  = 16 << 20  // bytes
	MaxNodes = 1_000_000 // keys and values, bounded from above by the punctuation
	MaxDepth = 64        // levels of nesting
)

// Read reads a register. name stands in the position of every problem. The error is of type
// purpose.Problems, all that is wrong with form and content in the order of the text, unless r fails.
// The content of an entry is checked once its form is right, and that of the whole register once the keys of
// its sections and entries are.
func Read(name string, r io.Reader) (*purpose.Register, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", purpose.ErrInvalid, name, err)
	}
	d := newDecoder(name)
	spec, root := d.parse(data)
	if d.partial {
		return nil, d.all()
	}
	reg, err := purpose.Compile(spec)
	var content purpose.Problems
	switch {
	case errors.As(err, &content):
		d.addContent(root, content)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(d.problems) > 0 {
		return nil, d.all()
	}
	return reg, nil
}

// Load is Read for a file of a file system, such as an embed.FS.
func Load(fsys fs.FS, name string) (*purpose.Register, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", purpose.ErrInvalid, name, err)
	}
	defer f.Close()
	return Read(name, f)
}

// Parse reads the form of a register and leaves its content to purpose.Compile, whose problems then have a
// path and no line.
func Parse(name string, data []byte) (purpose.Spec, error) {
	d := newDecoder(name)
	spec, _ := d.parse(data)
	if len(d.problems) > 0 {
		return purpose.Spec{}, d.all()
	}
	return spec, nil
}

// place in a file, 1-based. Columns count characters.
type place struct{ line, column int }

var start = place{1, 1}

// problem reports what is wrong at the current path.
func (d *decoder) problem(code string, at place, format string, args ...any) {
	d.add(purpose.Problem{Code: code, Path: string(d.path), Message: fmt.Sprintf(format, args...), Line: at.line, Column: at.column})
}

func (d *decoder) add(p purpose.Problem) {
	if len(d.problems) >= purpose.MaxProblems {
		d.more = true
		return
	}
	p.File = d.name
	d.problems = append(d.problems, p)
}

// addContent takes in what Compile found, but for entries whose form is wrong: they are not what was meant.
func (d *decoder) addContent(root *yaml.Node, content purpose.Problems) {
	wrong := make(map[string]bool)
	for _, p := range d.problems {
		entry, _ := entryOf(p.Path)
		wrong[entry] = true
	}
	for _, p := range content {
		entry, _ := entryOf(p.Path)
		switch {
		case p.Code == "problems.more":
			d.more = true
		case !wrong[entry]:
			at := locate(root, p.Path)
			p.Line, p.Column = at.line, at.column
			d.add(p)
		}
	}
}

// all is every problem in the order of the text.
func (d *decoder) all() purpose.Problems {
	slices.SortStableFunc(d.problems, func(a, b purpose.Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	if d.more {
		d.problems = append(d.problems, purpose.Problem{Code: "problems.more", Message: "there are more problems", File: d.name})
	}
	return d.problems
}
