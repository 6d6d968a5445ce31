package access_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy/rights/access"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// elements reads HTML strictly: what it opens it closes, headings do not skip a level, header cells say of what.
func elements(text string) (list []string, err error) {
	dec := xml.NewDecoder(strings.NewReader(text))
	dec.Strict, dec.Entity = false, xml.HTMLEntity
	var open []string
	level := 0
	for {
		tok, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			if len(open) > 0 {
				return nil, errors.New("open: " + strings.Join(open, " "))
			}
			return list, nil
		} else if err != nil {
			return nil, err
		}
		switch x := tok.(type) {
		case xml.StartElement:
			name, scope := x.Name.Local, ""
			list = append(list, name)
			if name != "meta" {
				open = append(open, name)
			}
			for _, a := range x.Attr {
				switch {
				case a.Name.Local == "scope":
					scope = a.Value
				case strings.HasPrefix(a.Name.Local, "on"), a.Name.Local == "src", a.Name.Local == "href" && !strings.HasPrefix(a.Value, "#"):
					return nil, errors.New("attribute " + a.Name.Local)
				}
			}
			if name == "th" && scope != "row" && scope != "col" {
				return nil, errors.New("a header cell without a scope")
			}
			if len(name) == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6' {
				if n := int(name[1] - '0'); n > level+1 {
					return nil, errors.New("a heading skips a level")
				} else {
					level = n
				}
			}
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != x.Name.Local {
				return nil, errors.New("closed and not open: " + x.Name.Local)
			}
			open = open[:len(open)-1]
		}
	}
}

// fixed replaces what differs from run to run.
func fixed(text string) string {
	text = regexp.MustCompile(`[0-9A-HJKMNP-TV-Z]{26}`).ReplaceAllString(text, "ULID")
	return regexp.MustCompile(`sha256:[0-9a-f]{64}`).ReplaceAllString(text, "DIGEST")
}

func TestThePageIsForPeople(t *testing.T) {
	w := newWorld(t)
	w.work()
	r := w.make(w.ask(), w.release())
	page := asHTML(t)(r)
	list, err := elements(page)
	require.NoError(t, err)
	for _, e := range []string{"script", "img", "link", "iframe", "form", "b"} {
		assert.NotContains(t, list, e)
	}
	assert.Contains(t, page, `<html lang="en">`)
	assert.Contains(t, page, "default-src 'none'")
	assert.Contains(t, page, "Canary &lt;b&gt;Jensen&lt;/b&gt;", "the value is there, as text")
	assert.Equal(t, 1, strings.Count(page, "<h1>"))

	for file, got := range map[string]string{"testdata/report.html": fixed(page), "testdata/report.json": fixed(asJSON(t)(r))} {
		if *update {
			require.NoError(t, os.MkdirAll("testdata", 0o777))
			require.NoError(t, os.WriteFile(file, []byte(got), 0o666))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, string(want), got, file)
	}

	// The controls.
	for from, to := range map[string]string{"</table>": "", `<th scope="col">`: "<th>", "<h3>": "<h5>", `href="#data"`: `href="https://x"`, "<p>": `<p onclick="x">`} {
		_, err := elements(strings.Replace(page, from, to, 1))
		assert.Error(t, err, from)
	}
}

func TestTheJSONReadsBack(t *testing.T) {
	w := newWorld(t)
	w.work()
	r := w.make(w.ask(), w.release())
	var back access.Report
	require.NoError(t, json.Unmarshal([]byte(asJSON(t)(r)), &back))
	assert.Equal(t, asJSON(t)(r), asJSON(t)(&back))
}

// Whatever a value holds, the page has the elements of a page with a plain value.
func FuzzValues(f *testing.F) {
	for _, s := range []string{"plain", "<script>alert(1)</script>", "</td></tr>", "\" onload=\"x", "{{.}}", "<!--", "]]>", "\x00\xff", "\u202e", "&lt;", "javascript:x", "</style><style>"} {
		f.Add(s)
	}
	page := func(t *testing.T, value string) []string {
		r := access.Report{Copy: true, Data: []access.Datum{{Category: access.Entry{Title: value}, Field: value, Value: &value, Why: value}, {Why: value}},
			Controller: access.Controller{Name: value, Contact: value, Joint: []string{value}}, Authority: value,
			Recipients: []access.Recipient{{Entry: access.Entry{Title: value}, Country: value, Kind: value, Occasions: []access.Occasion{{Basis: value}}}},
			LeftOut:    []access.LeftOut{{Why: value, ReferTo: value}}, Rights: []access.Right{{Clause: value, Channels: []string{value}}}}
		var b bytes.Buffer
		require.NoError(t, r.WriteHTML(&b))
		list, err := elements(b.String())
		require.NoError(t, err)
		return list
	}
	f.Fuzz(func(t *testing.T, value string) {
		if value == "" {
			return
		}
		if !slices.Equal(page(t, "plain"), page(t, value)) {
			t.Fatalf("%q changes the page", value)
		}
	})
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestAWriterThatFailsIsReported(t *testing.T) {
	r := &access.Report{}
	assert.Error(t, r.WriteHTML(full{}))
	assert.Error(t, r.WriteJSON(full{}))
}
