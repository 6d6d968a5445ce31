package ropa_test

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/ropa"
)

func TestTheRecordOfASmallRegister(t *testing.T) {
	r := compiled(t, nil)
	for _, format := range ropa.Formats() {
		got, file := digestless(r, write(t, r, format)), "testdata/bureau."+format
		if *update {
			require.NoError(t, os.WriteFile(file, got, 0o666))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got), file)
	}
}

// nasty is markup, a formula, a link and a hidden character in every language of the writers.
const nasty = "=cmd|' /C calc'!A1</td></table><script>alert(1)</script><img src=x onerror=alert(1)>\" onload=\"x&[a](javascript:x)`c`|\n# h\u202e\x00"

// infested is the register with a text in every place that takes any.
func infested(text string) func(*purpose.Spec) {
	return func(s *purpose.Spec) {
		s.Controller.Name, s.Controller.Contact, s.Controller.Officer, s.Controller.Authority, s.Controller.Joint[0] = text, text, text, text, text
		for i := range s.Purposes {
			s.Purposes[i].Title = text
		}
		for i := range s.Categories {
			s.Categories[i].Title = text
		}
		for i := range s.Recipients {
			s.Recipients[i].Title = text
			if s.Recipients[i].Agreement != nil {
				s.Recipients[i].Agreement.Reference = text
			}
			for j := range s.Recipients[i].Safeguards {
				s.Recipients[i].Safeguards[j].Reference = text
			}
		}
		for i := range s.Activities {
			s.Activities[i].Title, s.Activities[i].Note = text, text
			for j := range s.Activities[i].Claims {
				s.Activities[i].Claims[j].Note = text
			}
		}
		s.Capacities[0].Title, s.Sources[0].Title, s.Laws[0].Title, s.Assessments[0].Reference = text, text, text, text
		s.Measures[0].Title, s.Measures[0].Note, s.Datasets[1].OnBehalfOf, s.Datasets[1].Contact = text, text, text, text
		s.Retention[2].Note = text
	}
}

// page reads HTML strictly: what it opens it closes. It returns the names of the elements and all text.
func page(t testing.TB, text []byte) (elements []string, content string, err error) {
	t.Helper()
	dec := xml.NewDecoder(bytes.NewReader(text))
	dec.Strict, dec.AutoClose, dec.Entity = false, []string{"meta"}, xml.HTMLEntity
	var open []string
	for {
		tok, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			if len(open) > 0 {
				return nil, "", errors.New("open: " + strings.Join(open, " "))
			}
			return elements, content, nil
		} else if err != nil {
			return nil, "", err
		}
		switch x := tok.(type) {
		case xml.StartElement:
			elements = append(elements, x.Name.Local)
			if x.Name.Local != "meta" {
				open = append(open, x.Name.Local)
			}
			for _, a := range x.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "src" || a.Name.Local == "href" && !strings.HasPrefix(a.Value, "#") {
					return nil, "", errors.New("attribute " + a.Name.Local)
				}
			}
		case xml.EndElement:
			if x.Name.Local == "meta" {
				continue
			}
			if len(open) == 0 || open[len(open)-1] != x.Name.Local {
				return nil, "", errors.New("closed and not open: " + x.Name.Local)
			}
			open = open[:len(open)-1]
		case xml.CharData:
			content += string(x)
		}
	}
}

func TestThePageIsWholeAndNeedsNothingElse(t *testing.T) {
	check := func(t *testing.T, text []byte) {
		elements, _, err := page(t, text)
		require.NoError(t, err)
		for _, e := range []string{"script", "img", "link", "iframe", "object", "form"} {
			assert.NotContains(t, elements, e)
		}
		for _, want := range []string{"<!DOCTYPE html>", `<html lang="en">`, `<meta charset="utf-8">`, "default-src 'none'", `scope="row"`, `scope="col"`} {
			assert.True(t, bytes.Contains(text, []byte(want)), want)
		}
		assert.Equal(t, 1, count(elements, "h1"))
		assert.Equal(t, count(elements, "table"), count(elements, "thead"))
	}
	each(t, func(t *testing.T, _ string, r *purpose.Register) { check(t, write(t, r, "html")) })
	text := write(t, compiled(t, nil), "html")
	check(t, text)

	// The controls.
	for from, to := range map[string]string{"</table>": "", "<h1>": "<h1><b>", `href="#controller"`: `href="https://x"`} {
		_, _, err := page(t, bytes.Replace(text, []byte(from), []byte(to), 1))
		assert.Error(t, err, from)
	}
}

func count(list []string, x string) (n int) {
	for _, y := range list {
		if x == y {
			n++
		}
	}
	return n
}

func TestTextsOfTheRegisterAreNeitherMarkupNorFormulas(t *testing.T) {
	inert(t, nasty)
}

func FuzzTextsOfTheRegister(f *testing.F) {
	for _, s := range []string{nasty, "plain", "\t=1", " \u200b@x", "\r\n+1", "'", "<!--", "{{.}}", "]]>", "\u2028-1", "%00", "a\"b,c;d\n", "＝1", "\xff\xfe=", "|x|", "O\x12\x1200", "a\ufffeb\uffff", "\x7f\u0085"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.TrimSpace(text) == "" {
			return
		}
		inert(t, text)
	})
}

// inert checks that a text of the register is read as text by whoever reads the record, in every form.
func inert(t *testing.T, text string) {
	clean, spec := bureau(), bureau()
	infested("plain")(&clean)
	infested(text)(&spec)
	plain, err := purpose.Compile(clean)
	require.NoError(t, err)
	r, err := purpose.Compile(spec)
	if err != nil {
		return // the register does not take it
	}

	want, _, err := page(t, write(t, plain, "html"))
	require.NoError(t, err)
	got, content, err := page(t, write(t, r, "html"))
	require.NoError(t, err)
	assert.True(t, slices.Equal(want, got), "the elements are those of the plain register")
	_ = content

	md, mdPlain := string(write(t, r, "md")), string(write(t, plain, "md"))
	assert.Equal(t, shape(mdPlain), shape(md), "lines and cells are those of the plain register")
	for _, line := range strings.Split(md, "\n") {
		rest := strings.ReplaceAll(line, "Register `"+r.Digest()+"`", "")
		rest = escaped.ReplaceAllString(strings.ReplaceAll(rest, "<br>", ""), "e")
		if strings.ContainsAny(rest, "<>`[]*_~$") || strings.Contains(rest, "://") {
			t.Fatalf("markup in a line of Markdown: %q", line)
		}
	}
	assert.False(t, strings.ContainsFunc(md, func(c rune) bool { return c != '\n' && unicode.IsControl(c) || unicode.Is(unicode.Cf, c) }))

	rows, err := csv.NewReader(bytes.NewReader(write(t, r, "csv"))).ReadAll()
	require.NoError(t, err)
	plainRows, err := csv.NewReader(bytes.NewReader(write(t, plain, "csv"))).ReadAll()
	require.NoError(t, err)
	assert.Len(t, rows, len(plainRows))
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Fatalf("a cell is a formula: %q", cell)
			}
		}
	}
	var b bytes.Buffer
	require.NoError(t, ropa.Write(&b, r, time.Time{}, "jsonld"))
	assert.Empty(t, faults(t, b.Bytes()))
}

var escaped = regexp.MustCompile(`\\.`)

// shape is the number of cells of every line.
func shape(md string) (cells []int) {
	for _, line := range strings.Split(md, "\n") {
		cells = append(cells, strings.Count(strings.ReplaceAll(strings.ReplaceAll(line, `\\`, ""), `\|`, ""), "|"))
	}
	return cells
}
