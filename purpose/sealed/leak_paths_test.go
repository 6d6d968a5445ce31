package sealed_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/asn1"
	"encoding/binary"
	"encoding/csv"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"expvar"
	"fmt"
	htmltemplate "html/template"
	"io"
	"log"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"text/template"

	"github.com/davecgh/go-spew/spew"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"go.yaml.in/yaml/v3"
)

// path turns a carrier into whatever text it produces, error texts and panic messages included.
type path struct {
	name string
	run  func(c carrier) string
}

var verbs = []string{
	"%v", "%+v", "%#v", "%s", "%q", "%+q", "%#q", "%x", "% x", "%#x", "%X", "%d", "%+d", "%b", "%o", "%O", "%U", "%#U", "%c",
	"%e", "%f", "%08.3f", "%g", "%G", "%t", "%-20v", "%20.3v", "%p", "%T", "%w", "%!", "%z",
}

func paths() []path {
	var all []path
	for _, verb := range verbs {
		for shape := range (carrier{}).shapes() {
			all = append(all, path{"fmt " + verb + " " + shape, func(c carrier) string { return fmt.Sprintf(verb, c.shapes()[shape]) }})
		}
	}
	for name, run := range printPaths {
		all = append(all, path{name, run})
	}
	for name, run := range codecPaths {
		all = append(all, path{name, run})
	}
	for name, run := range diffPaths {
		all = append(all, path{name, run})
	}
	return all
}

var printPaths = map[string]func(c carrier) string{
	"fmt.Sprint":   func(c carrier) string { return fmt.Sprint(c.value, c.hidden) },
	"fmt.Appendln": func(c carrier) string { return string(fmt.Appendln(nil, c.value, c.exported)) },
	"fmt of a pointer": func(c carrier) string {
		return fmt.Sprintf("%v %+v %#v %s", c.pointer, c.pointer, c.pointer, c.pointer)
	},
	"fmt of a **": func(c carrier) string {
		return fmt.Sprintf("%v %+v %#v %s", c.pointerPointer, c.pointerPointer, c.pointerPointer, c.pointerPointer)
	},
	"fmt of reflect.Value": func(c carrier) string {
		return fmt.Sprintf("%v %#v", reflect.ValueOf(c.value), reflect.ValueOf(c.exported))
	},
	"fmt of a hidden field": func(c carrier) string {
		return fmt.Sprintf("%v %x", reflect.ValueOf(c.hidden).Field(0), reflect.ValueOf(c.hidden).Field(0))
	},
	"fmt width argument": func(c carrier) string { return fmt.Sprintf("%*d", c.value, c.value) },
	"fmt extra argument": func(c carrier) string { return fmt.Sprintf(strings.Repeat("none", 1), c.value) },
	"fmt.Errorf":         func(c carrier) string { return fmt.Errorf("of %v: %w", c.value, io.EOF).Error() },
	"errors.Join":        func(c carrier) string { return errors.Join(io.EOF, fmt.Errorf("%+v", c.hidden)).Error() },
	"recovered panic":    func(c carrier) string { panic(c.value) },
	"sql.Named": func(c carrier) string {
		return fmt.Sprintf("%v %+v", sql.Named("x", c.value), []any{sql.Named("x", c.hidden)})
	},
	"sql.Null": func(c carrier) string {
		return fmt.Sprintf("%v %+v", sql.Null[any]{V: c.value}, sql.Out{Dest: c.value})
	},
	"context": func(c carrier) string {
		return fmt.Sprint(context.WithValue(context.Background(), hidden[string]{"key"}, c.value))
	},
	"sync.Map": func(c carrier) string {
		var m sync.Map
		m.Store("name", c.value)
		var b strings.Builder
		m.Range(func(k, v any) bool { fmt.Fprint(&b, k, v); return true })
		return b.String()
	},
	"atomic.Value": func(c carrier) string {
		var v atomic.Value
		v.Store(c.value)
		return fmt.Sprint(v.Load()) + fmt.Sprintf("%s", v.Load())
	},
	"log.Printf":  func(c carrier) string { return logged(func(l *log.Logger) { l.Printf("%v %+v", c.value, c.hidden) }) },
	"log.Println": func(c carrier) string { return logged(func(l *log.Logger) { l.Println(c.value, c.exported) }) },
	"log.Panicf":  func(c carrier) string { return logged(func(l *log.Logger) { l.Panicf("%q", c.value) }) },

	"slog text":          func(c carrier) string { return slogged(slogText, "name", c.value) },
	"slog text exported": func(c carrier) string { return slogged(slogText, "name", c.exported) },
	"slog text hidden":   func(c carrier) string { return slogged(slogText, "name", c.hidden) },
	"slog text pointer":  func(c carrier) string { return slogged(slogText, "name", c.pointer) },
	"slog text group":    func(c carrier) string { return slogged(slogText, slog.Group("g", "name", c.value, "h", c.hidden)) },
	"slog JSON":          func(c carrier) string { return slogged(slogJSON, "name", c.value) },
	"slog JSON exported": func(c carrier) string { return slogged(slogJSON, "name", c.exported) },
	"slog JSON hidden":   func(c carrier) string { return slogged(slogJSON, "name", c.hidden) },
	"slog bad key":       func(c carrier) string { return slogged(slogText, c.value) },
	"slog.Value": func(c carrier) string {
		return slog.AnyValue(c.value).String() + fmt.Sprint(slog.AnyValue(c.value).Resolve().Any()) + slog.Any("name", c.hidden).String()
	},

	"text/template dot":   func(c carrier) string { return rendered("{{.}}", c.value) },
	"text/template field": func(c carrier) string { return rendered("{{.Name}} {{.Name | html}} {{.Name | js}}", c.exported) },
	"text/template printf": func(c carrier) string {
		return rendered(`{{printf "%s %q %d" .Name .Name .Name}}{{print .}}`, c.exported)
	},
	"text/template urlquery":  func(c carrier) string { return rendered("{{.Name | urlquery}}", c.exported) },
	"text/template hidden":    func(c carrier) string { return rendered("{{.}}", c.hidden) },
	"text/template no field":  func(c carrier) string { return rendered("{{.Name.Plain}}", c.exported) },
	"text/template closed":    func(c carrier) string { return rendered("{{.Name.open}}", c.exported) },
	"text/template embedded":  func(c carrier) string { return rendered("{{.Name.cell}}", c.exported) },
	"text/template len":       func(c carrier) string { return rendered("{{len .Name}}", c.exported) },
	"text/template index":     func(c carrier) string { return rendered("{{index .Name 0}}", c.exported) },
	"text/template range":     func(c carrier) string { return rendered("{{range .Name}}{{.}}{{end}}", c.exported) },
	"text/template eq":        func(c carrier) string { return rendered(`{{eq .Name "x"}}`, c.exported) },
	"text/template eq itself": func(c carrier) string { return rendered(`{{eq .Name .Name}}`, c.exported) },
	"text/template lt":        func(c carrier) string { return rendered(`{{lt .Name 3}}`, c.exported) },
	"text/template call":      func(c carrier) string { return rendered(`{{call .Name}}`, c.exported) },
	"html/template body":      func(c carrier) string { return renderedHTML("<p>{{.Name}}</p>", c.exported) },
	"html/template attribute": func(c carrier) string { return renderedHTML(`<p title="{{.Name}}" {{.Name}}>`, c.exported) },
	"html/template script":    func(c carrier) string { return renderedHTML("<script>x = {{.Name}}; y = {{.}}</script>", c.exported) },
	"html/template URL":       func(c carrier) string { return renderedHTML(`<a href="/?q={{.Name}}">`, c.exported) },
	"html/template style":     func(c carrier) string { return renderedHTML(`<p style="color: {{.Name}}">`, c.exported) },
	"html/template hidden":    func(c carrier) string { return renderedHTML("<p>{{.}}</p>", c.hidden) },
}

var codecPaths = map[string]func(c carrier) string{
	"json":          func(c carrier) string { return encoded(json.Marshal(c.value)) },
	"json exported": func(c carrier) string { return encoded(json.Marshal(c.exported)) },
	"json hidden":   func(c carrier) string { return encoded(json.Marshal(c.hidden)) },
	"json pointer":  func(c carrier) string { return encoded(json.Marshal(c.pointerPointer)) },
	"json slice":    func(c carrier) string { return encoded(json.MarshalIndent(c.slice, "", " ")) },
	"json map":      func(c carrier) string { return encoded(json.Marshal(c.dict)) },
	"json deep":     func(c carrier) string { return encoded(json.Marshal(c.deep)) },
	"json encoder": func(c carrier) string {
		return streamed(func(w io.Writer) error { return json.NewEncoder(w).Encode(c.anys) })
	},
	"xml":           func(c carrier) string { return encoded(xml.Marshal(c.value)) },
	"xml exported":  func(c carrier) string { return encoded(xml.Marshal(c.exported)) },
	"xml hidden":    func(c carrier) string { return encoded(xml.Marshal(c.hidden)) },
	"xml attribute": func(c carrier) string { return encoded(xml.Marshal(c.attribute)) },
	"xml chardata":  func(c carrier) string { return encoded(xml.Marshal(c.chardata)) },
	"xml innerxml":  func(c carrier) string { return encoded(xml.Marshal(c.innerxml)) },
	"xml comment":   func(c carrier) string { return encoded(xml.Marshal(c.comment)) },
	"yaml":          func(c carrier) string { return encoded(yaml.Marshal(c.value)) },
	"yaml exported": func(c carrier) string { return encoded(yaml.Marshal(c.exported)) },
	"yaml hidden":   func(c carrier) string { return encoded(yaml.Marshal(c.hidden)) },
	"yaml map":      func(c carrier) string { return encoded(yaml.Marshal(c.dict)) },
	"gob": func(c carrier) string {
		return streamed(func(w io.Writer) error { return gob.NewEncoder(w).Encode(c.value) })
	},
	"gob exported": func(c carrier) string {
		return streamed(func(w io.Writer) error { return gob.NewEncoder(w).Encode(c.exported) })
	},
	"gob hidden": func(c carrier) string {
		return streamed(func(w io.Writer) error { return gob.NewEncoder(w).Encode(c.hidden) })
	},
	"encoding/binary": func(c carrier) string {
		return streamed(func(w io.Writer) error { return binary.Write(w, binary.LittleEndian, c.exported) })
	},
	"asn1": func(c carrier) string { return encoded(asn1.Marshal(c.exported)) },
	"csv": func(c carrier) string {
		return streamed(func(w io.Writer) error {
			cw := csv.NewWriter(w)
			defer cw.Flush()
			return cw.Write([]string{fmt.Sprint(c.value)})
		})
	},
	"expvar": func(c carrier) string { return expvar.Func(func() any { return c.exported }).String() },
	"reflect.String": func(c carrier) string {
		return reflect.ValueOf(c.value).String() + reflect.ValueOf(c.hidden).Field(0).String()
	},
	"reflect walk": func(c carrier) string {
		var b strings.Builder
		walk(&b, reflect.ValueOf(c.exported), 0)
		return b.String()
	},
	"reflect walk hidden": func(c carrier) string {
		var b strings.Builder
		walk(&b, reflect.ValueOf(c.hidden), 0)
		return b.String()
	},
	"reflect walk pointer": func(c carrier) string {
		var b strings.Builder
		walk(&b, reflect.ValueOf(c.pointer), 0)
		return b.String()
	},
	"reflect.Seq": func(c carrier) string {
		var b strings.Builder
		for v := range reflect.ValueOf(c.value).Seq() {
			fmt.Fprint(&b, v)
		}
		return b.String()
	},
}

var diffPaths = map[string]func(c carrier) string{
	"testify Equal": func(c carrier) string { return asserted(func(t assert.TestingT) { assert.Equal(t, c.value, c.other) }) },
	"testify Equal exported": func(c carrier) string {
		return asserted(func(t assert.TestingT) { assert.Equal(t, c.exported, c.otherExported) })
	},
	"testify Equal hidden": func(c carrier) string {
		return asserted(func(t assert.TestingT) { assert.Equal(t, c.hidden, c.otherHidden) })
	},
	"testify EqualValues": func(c carrier) string {
		return asserted(func(t assert.TestingT) { assert.EqualValues(t, c.slice, c.otherSlice) })
	},
	"testify Exactly": func(c carrier) string { return asserted(func(t assert.TestingT) { assert.Exactly(t, c.value, "x") }) },
	"testify NotEqual": func(c carrier) string {
		return asserted(func(t assert.TestingT) { assert.NotEqual(t, c.pointer, c.pointer) })
	},
	"testify Nil":      func(c carrier) string { return asserted(func(t assert.TestingT) { assert.Nil(t, c.value) }) },
	"testify Empty":    func(c carrier) string { return asserted(func(t assert.TestingT) { assert.Empty(t, c.exported) }) },
	"testify Zero":     func(c carrier) string { return asserted(func(t assert.TestingT) { assert.Zero(t, c.hidden) }) },
	"testify Len":      func(c carrier) string { return asserted(func(t assert.TestingT) { assert.Len(t, c.slice, 9) }) },
	"testify Contains": func(c carrier) string { return asserted(func(t assert.TestingT) { assert.Contains(t, c.slice, "x") }) },
	"testify ElementsMatch": func(c carrier) string {
		return asserted(func(t assert.TestingT) { assert.ElementsMatch(t, c.slice, c.otherSlice) })
	},
	"testify Subset": func(c carrier) string {
		return asserted(func(t assert.TestingT) { assert.Subset(t, c.otherSlice, c.slice) })
	},
	"testify IsType": func(c carrier) string { return asserted(func(t assert.TestingT) { assert.IsType(t, "x", c.value) }) },
	"testify message": func(c carrier) string {
		return asserted(func(t assert.TestingT) { assert.Fail(t, "no", "%v %+v", c.value, c.hidden) })
	},
	"cmp.Diff":            func(c carrier) string { return cmp.Diff(c.value, c.other) },
	"cmp.Diff exported":   func(c carrier) string { return cmp.Diff(c.exported, c.otherExported) },
	"cmp.Diff slice":      func(c carrier) string { return cmp.Diff(c.slice, c.otherSlice) },
	"cmp.Diff Exporter":   func(c carrier) string { return cmp.Diff(c.hidden, c.otherHidden, exportAll) },
	"cmp.Diff other type": func(c carrier) string { return cmp.Diff(c.exported, any("x"), exportAll) },
	"cmp.Diff missing": func(c carrier) string {
		return cmp.Diff(c.dict, map[string]string{}, exportAll) + cmp.Diff(c.anys, []any{}, exportAll)
	},
	"spew":         func(c carrier) string { return spew.Sdump(c.value, c.exported) },
	"spew hidden":  func(c carrier) string { return spew.Sdump(c.hidden) },
	"spew pointer": func(c carrier) string { return spew.Sdump(c.pointer) + spew.Sprintf("%#+v", c.pointer) },
	"spew deep":    func(c carrier) string { return spew.Sdump(c.deep) },
	"spew no methods": func(c carrier) string {
		config := spew.ConfigState{Indent: " ", DisableMethods: true, SpewKeys: true}
		return config.Sdump(c.value, c.exported, c.hidden) + config.Sprintf("%#+v %v", c.value, c.dict)
	},
	"spew no pointer methods": func(c carrier) string {
		return (&spew.ConfigState{DisablePointerMethods: true, ContinueOnMethod: true}).Sdump(c.value, c.exported)
	},
}

var exportAll = cmp.Exporter(func(reflect.Type) bool { return true })

func encoded(b []byte, err error) string { return fmt.Sprintf("%s|%x|%v", b, b, err) }

func streamed(write func(w io.Writer) error) string {
	var b bytes.Buffer
	err := write(&b)
	return encoded(b.Bytes(), err)
}

func logged(f func(l *log.Logger)) string {
	var b strings.Builder
	func() {
		defer func() {
			if r := recover(); r != nil {
				fmt.Fprint(&b, r)
			}
		}()
		f(log.New(&b, "", 0))
	}()
	return b.String()
}

var (
	noTime   = &slog.HandlerOptions{ReplaceAttr: dropTime}
	slogText = func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, noTime) }
	slogJSON = func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, noTime) }
)

func dropTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

func slogged(handler func(w io.Writer) slog.Handler, args ...any) string {
	var b strings.Builder
	slog.New(handler(&b)).With(args...).Info("seen", args...)
	return b.String()
}

func rendered(text string, data any) string {
	var b strings.Builder
	err := template.Must(template.New("t").Parse(text)).Execute(&b, data)
	return fmt.Sprint(b.String(), err)
}

func renderedHTML(text string, data any) string {
	var b strings.Builder
	err := htmltemplate.Must(htmltemplate.New("t").Parse(text)).Execute(&b, data)
	return fmt.Sprint(b.String(), err)
}

// notes collects what a failing assertion would print.
type notes struct{ strings.Builder }

func (n *notes) Errorf(format string, args ...any) { fmt.Fprintf(n, format, args...) }

func asserted(f func(t assert.TestingT)) string {
	var n notes
	f(&n)
	return n.String()
}

// walk dumps whatever reflect can reach: it follows pointers, reads private fields and tries to call functions.
func walk(w io.Writer, v reflect.Value, depth int) {
	if !v.IsValid() || depth > 12 {
		return
	}
	fmt.Fprintf(w, "%s %s\n", v.Type(), v.Kind())
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			walk(w, v.Field(i), depth+1)
		}
	case reflect.Pointer, reflect.Interface:
		walk(w, v.Elem(), depth+1)
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			walk(w, v.Index(i), depth+1)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			walk(w, k, depth+1)
			walk(w, v.MapIndex(k), depth+1)
		}
	case reflect.Func:
		fmt.Fprintln(w, v.Pointer(), guarded(func() string { return fmt.Sprint(v.Call(nil)) }), guarded(func() string { return fmt.Sprint(v.Interface()) }))
	default:
		fmt.Fprintf(w, "%v %#v\n", v, v)
	}
}

// guarded returns what f returns, or the message it panics with.
func guarded(f func() string) (out string) {
	defer func() {
		if r := recover(); r != nil {
			out = fmt.Sprintf("panic: %v", r)
		}
	}()
	return f()
}
