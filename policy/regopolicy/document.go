package regopolicy

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path"
	"regexp"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// documents merges base documents, each rooted by its folder, into the one that policies find under data.
func documents(list []source, problems *Problems) ast.Object {
	root := ast.NewObject()
	values := 0
	for _, s := range list {
		d := &document{file: s.name, problems: problems, values: values}
		before := len(*problems)
		var top *ast.Term
		if path.Ext(s.name) == ".json" {
			top = d.readJSON(s.text)
		} else {
			top = d.readYAML(s.text)
		}
		values = d.values
		if len(*problems) > before || top == nil {
			continue
		}
		if _, isObject := top.Value.(ast.Object); !isObject {
			d.fail(1, 1, "data.shape", "a base document is an object")
			continue
		}
		if dir := path.Dir(s.name); dir != "." {
			words := strings.Split(dir, "/")
			for i := len(words) - 1; i >= 0; i-- {
				top = ast.ObjectTerm(ast.Item(ast.StringTerm(words[i]), top))
			}
		}
		d.merge(root, top.Value.(ast.Object))
	}
	if root.Get(ast.StringTerm("purposebound")) != nil {
		problems.file("", "data.collides", "base documents have nothing under purposebound: that is where the rules are")
		return ast.NewObject() // so that it is said once
	}
	return root
}

// document is one file while it is read.
type document struct {
	file     string
	problems *Problems
	values   int // in all documents so far
}

func (d *document) fail(line, column int, code, message string) {
	d.problems.at(&ast.Location{File: d.file, Row: line, Col: column}, code, "%s", message)
}

// merge adds what from holds; what both hold is merged where both are objects.
func (d *document) merge(to, from ast.Object) {
	from.Foreach(func(k, v *ast.Term) {
		have := to.Get(k)
		if have == nil {
			to.Insert(k, v)
			return
		}
		a, ok1 := have.Value.(ast.Object)
		b, ok2 := v.Value.(ast.Object)
		if !ok1 || !ok2 {
			d.fail(1, 1, "data.collides", "another base document has the same path")
			return
		}
		own := a.Copy()
		d.merge(own, b)
		to.Insert(k, ast.NewTerm(own))
	})
}

const (
	refuseNull   = "null says nothing: leave the key out"
	refuseNumber = "a number has at most 15 digits and no exponent"
	refuseText   = "a text has at most 4096 bytes"
	refuseSize   = "base documents have at most 200000 values together"
)

// plainNumber are the numbers that every reader takes for the same.
var plainNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)

// number is a number that is small enough to reckon with.
func number(text string) (*ast.Term, bool) {
	if !plainNumber.MatchString(text) || len(text) > maxNumber {
		return nil, false
	}
	return ast.NumberTerm(json.Number(text)), true
}

// readJSON reads one JSON value; a key that is given twice is a problem.
func (d *document) readJSON(text []byte) *ast.Term {
	r := &jsonReader{document: d, text: text, dec: json.NewDecoder(bytes.NewReader(text))}
	r.dec.UseNumber()
	top, err := r.value(0)
	if err == nil {
		if _, err = r.dec.Token(); errors.Is(err, io.EOF) {
			return top
		}
	}
	if !r.told {
		r.here("data.syntax", "is not readable as JSON")
	}
	return nil
}

type jsonReader struct {
	*document
	text []byte
	dec  *json.Decoder
	told bool
}

// here fails at what was read last.
func (r *jsonReader) here(code, message string) {
	read := r.text[:min(int(r.dec.InputOffset()), len(r.text))]
	r.fail(1+bytes.Count(read, []byte("\n")), len(read)-bytes.LastIndexByte(read, '\n'), code, message)
	r.told = true
}

var errDocument = errors.New("wrong document")

func (r *jsonReader) wrong(code, message string) (*ast.Term, error) {
	r.here(code, message)
	return nil, errDocument
}

func (r *jsonReader) value(depth int) (*ast.Term, error) {
	if depth > MaxDepth {
		return r.wrong("data.depth", "is nested too deeply")
	}
	if r.values++; r.values > maxValues {
		return r.wrong("data.size", refuseSize)
	}
	token, err := r.dec.Token()
	if err != nil {
		return nil, err
	}
	switch v := token.(type) {
	case string:
		if len(v) > maxLiteral {
			return r.wrong("data.text", refuseText)
		}
		return ast.StringTerm(v), nil
	case bool:
		return ast.BooleanTerm(v), nil
	case json.Number:
		n, ok := number(string(v))
		if !ok {
			return r.wrong("data.number", refuseNumber)
		}
		return n, nil
	case json.Delim:
		if v == '[' {
			return r.list(depth)
		}
		return r.object(depth)
	}
	return r.wrong("data.null", refuseNull)
}

func (r *jsonReader) list(depth int) (*ast.Term, error) {
	var items []*ast.Term
	for r.dec.More() {
		item, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	_, err := r.dec.Token()
	return ast.ArrayTerm(items...), err
}

func (r *jsonReader) object(depth int) (*ast.Term, error) {
	o := ast.NewObject()
	for r.dec.More() {
		token, err := r.dec.Token()
		if err != nil {
			return nil, err
		}
		name, isText := token.(string)
		if !isText {
			return nil, errDocument
		}
		if len(name) > maxLiteral {
			return r.wrong("data.text", refuseText)
		}
		key := ast.StringTerm(name)
		if o.Get(key) != nil {
			return r.wrong("data.duplicate", "the key is given twice")
		}
		value, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		o.Insert(key, value)
	}
	_, err := r.dec.Token()
	return ast.NewTerm(o), err
}
