package table

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/purposebound/purposebound/purpose"
)

// place in a file, from 1; the column counts characters.
type place struct{ line, column int }

func placeOf(n *yaml.Node) place { return place{max(n.Line, 1), max(n.Column, 1)} }

// origin is where the parts of a table stand; nil for one written in Go.
type origin struct {
	file   string
	marks  map[string]place // by path, "cases[3].request.purpose"
	single string           // what the paths of a file with a single request lack
}

// at is the place of a path, or of the nearest above it.
func (o *origin) at(path string) place {
	if o == nil {
		return place{}
	}
	path = strings.TrimPrefix(path, o.single)
	for {
		if p, ok := o.marks[path]; ok || path == "" {
			return p
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
}

func (o *origin) has(path string) bool {
	if o == nil {
		return false
	}
	_, ok := o.marks[strings.TrimPrefix(path, o.single)]
	return ok
}

// problem is one at a path.
func (o *origin) problem(code, path, format string, args ...any) purpose.Problem {
	p := purpose.Problem{Code: code, Path: path, Message: fmt.Sprintf(format, args...)}
	if o != nil {
		at := o.at(path)
		p.Path = strings.TrimPrefix(path, o.single)
		p.File, p.Line, p.Column = o.file, at.line, at.column
	}
	return p
}
