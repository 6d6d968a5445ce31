package ropa

import (
	"bytes"
	_ "embed"
	"html/template"
	"io"
	"unicode"
)

//go:embed record.html
var page string

// WriteHTML writes the record as one page that needs nothing else: no script, no font, no picture. No text of the register is
// read as markup.
func (r *Record) WriteHTML(w io.Writer) error {
	t, err := template.New("record").Parse(page)
	if err != nil {
		return err
	}
	v := view{Name: r.Controller.Name, Scope: r.scope(), Digest: r.Digest, Controller: r.Controller.lines(),
		Measures: words(r.Measures, (*Measure).words), Remarks: r.Remarks}
	for i := range r.Activities {
		a := &r.Activities[i]
		v.Activities = append(v.Activities, section{ID: "activity-" + a.Key, Title: a.Title, Key: a.Key, Lines: a.lines()})
	}
	for i := range r.Mandates {
		m := &r.Mandates[i]
		v.Mandates = append(v.Mandates, section{ID: "mandate-" + m.Key, Title: m.heading(), Key: m.Key, Lines: m.lines()})
	}
	var b bytes.Buffer
	if err := t.Execute(&b, v); err != nil {
		return err
	}
	_, err = w.Write(bytes.Map(seen, b.Bytes()))
	return err
}

// seen leaves out what has no place in a page and that nobody would see: it can only come from a text of the register.
func seen(r rune) rune {
	if unicode.IsControl(r) && r != '\n' && r != '\t' || r == 0xfffe || r == 0xffff {
		return -1
	}
	return r
}

// view is what the page shows.
type view struct {
	Name, Scope, Digest  string
	Controller           []line
	Activities, Mandates []section
	Measures             []string
	Remarks              []Remark
}

type section struct {
	ID, Title, Key string
	Lines          []line
}
