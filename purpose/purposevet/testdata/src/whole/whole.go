// Package whole prints, logs and encodes records.
package whole

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log"
	"log/slog"
	"testing"
	text "text/template"

	"github.com/davecgh/go-spew/spew"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/purposebound/purposebound/purpose/purposevet/testdata/src/domain"
	"github.com/purposebound/purposebound/purpose/purposevet/testdata/src/whole/dump"
)

func prints(l domain.Lessee, p *domain.Lessee, c domain.Contract, f domain.Fleet, n *domain.Node, list []domain.Lessee, m map[domain.Address]*domain.Lessee) {
	fmt.Println(l)                             // want `whole: domain.Lessee goes into fmt.Println with domain.Lessee.Name \(contact.name\)`
	fmt.Printf("%+v\n", p)                     // want `whole: \*domain.Lessee goes into fmt.Printf`
	_ = fmt.Sprint("contract: ", c)            // want `whole: domain.Contract goes into fmt.Sprint with domain.Lessee.Name`
	_ = fmt.Sprintf("%v", f)                   // want `whole: domain.Fleet goes into fmt.Sprintf`
	_, _ = fmt.Fprintln(io.Discard, list)      // want `whole: \[\]domain.Lessee goes into fmt.Fprintln`
	_ = fmt.Appendf(nil, "%s %v", "a", m)      // want `whole: map\[domain.Address\]\*domain.Lessee goes into fmt.Appendf`
	_ = fmt.Errorf("no contract for %v", l)    // want `whole: domain.Lessee goes into fmt.Errorf`
	_ = errors.Join(fmt.Errorf("for %+v", *p)) // want `whole: domain.Lessee goes into fmt.Errorf`
	log.Print(n)                               // want `whole: \*domain.Node goes into log.Print`
	log.New(io.Discard, "", 0).Printf("%v", l) // want `whole: domain.Lessee goes into log.Logger.Printf`
	fmt.Println(l.Home.City, l.Home)           // want `read: domain.Lessee.Home` `read: domain.Lessee.Home`
	fmt.Println(struct{ L domain.Lessee }{l})  // want `whole: a struct goes into fmt.Println`
	fmt.Println(pair())                        // want `whole: domain.Lessee goes into fmt.Println`
	fmt.Printf("%T %p %v\n", l, p, l)          // want `whole: domain.Lessee goes into fmt.Printf`
	fmt.Printf("%[2]v %[1]T\n", l, p)          // want `whole: \*domain.Lessee goes into fmt.Printf`
	fmt.Printf("%d\n", domain.Redacted{})      // want `whole: domain.Redacted goes into fmt.Printf`
	fmt.Printf("%#v\n", domain.Redacted{})     // want `whole: domain.Redacted goes into fmt.Printf`
	fmt.Printf("\n", l)                        // want `whole: domain.Lessee goes into fmt.Printf`
	defer panic(l)                             // want `whole: domain.Lessee goes into panic`
}

func pair() (domain.Lessee, error) { return domain.Lessee{}, nil }

func hidden(l domain.Lessee) {
	fmt.Println([]any{l})                          // want `whole: domain.Lessee goes into fmt.Println`
	fmt.Println(any(l))                            // want `whole: domain.Lessee goes into fmt.Println`
	data := map[string]any{"title": "x", "who": l} // a template's favourite
	data["again"] = &l
	fmt.Println(data) // want `whole: domain.Lessee goes into fmt.Println`
	var v any
	v = &l
	slog.Info("seen", "who", v) // want `whole: \*domain.Lessee goes into slog.Info`
	all := append([]any{"x"}, l)
	fmt.Println(all...) // want `whole: domain.Lessee goes into fmt.Println`
}

func logs(l *domain.Lessee, logger *slog.Logger) {
	slog.Info("seen", "who", l)                     // want `whole: \*domain.Lessee goes into slog.Info`
	slog.InfoContext(nil, "seen", "who", *l)        // want `whole: domain.Lessee goes into slog.InfoContext`
	logger.With("who", l).Error("x")                // want `whole: \*domain.Lessee goes into slog.Logger.With`
	logger.Info("x", slog.Any("who", l))            // want `whole: \*domain.Lessee goes into slog.Any`
	logger.Info("x", slog.Group("g", "who", l))     // want `whole: \*domain.Lessee goes into slog.Group`
	logger.Warn("x", "who", map[string]any{"l": l}) // want `whole: \*domain.Lessee goes into slog.Logger.Warn`
}

func encodes(l *domain.Lessee, w io.Writer) {
	_, _ = json.Marshal(l)                                                                // want `whole: \*domain.Lessee goes into json.Marshal`
	_, _ = json.MarshalIndent([]*domain.Lessee{l}, "", "")                                // want `whole: \[\]\*domain.Lessee goes into json.MarshalIndent`
	_ = json.NewEncoder(w).Encode(*l)                                                     // want `whole: domain.Lessee goes into json.Encoder.Encode`
	_ = xml.NewEncoder(w).Encode(l)                                                       // want `whole: \*domain.Lessee goes into xml.Encoder.Encode`
	_, _ = xml.Marshal(l)                                                                 // want `whole: \*domain.Lessee goes into xml.Marshal`
	_ = gob.NewEncoder(w).Encode(l)                                                       // want `whole: \*domain.Lessee goes into gob.Encoder.Encode`
	_, _ = yaml.Marshal(l)                                                                // want `whole: \*domain.Lessee goes into yaml.Marshal`
	_ = template.Must(template.New("").Parse("")).Execute(w, l)                           // want `whole: \*domain.Lessee goes into template.Template.Execute`
	_ = text.Must(text.New("").Parse("")).ExecuteTemplate(w, "x", map[string]any{"l": l}) // want `whole: \*domain.Lessee goes into template.Template.ExecuteTemplate`
	_ = text.Must(text.New("").Parse("")).Execute(w, domain.Sealed{})                     // want `whole: domain.Sealed goes into template.Template.Execute with domain.Sealed.CPR \(national-id.cpr\)`
}

func tests(t *testing.T, l domain.Lessee) {
	t.Log(l)                     // want `whole: domain.Lessee goes into testing.common.Log`
	t.Errorf("got %v", l)        // want `whole: domain.Lessee goes into testing.common.Errorf`
	assert.Equal(t, l, l)        // want `whole: domain.Lessee goes into assert.Equal` `whole: domain.Lessee goes into assert.Equal`
	require.New(t).Empty(&l)     // want `whole: \*domain.Lessee goes into require.Assertions.Empty`
	spew.Dump(domain.Redacted{}) // want `whole: domain.Redacted goes into spew.Dump`
	assert.IsType(t, l, l)
}

// show is a helper of this package, indirect one that passes on, and log one more with a format.
func show(v any)                        { fmt.Println("it is", v) }
func indirect(w io.Writer, list ...any) { show(list); _ = w }
func logf(format string, args ...any)   { log.Printf(format, args...) }
func generic[T any](v T)                { b, _ := json.Marshal(v); _ = b }
func typed(v any)                       { fmt.Printf("%T", v) }

func helpers(l domain.Lessee) {
	show(l)                // want `whole: domain.Lessee goes into fmt.Println`
	indirect(nil, "a", l)  // want `whole: domain.Lessee goes into fmt.Println`
	logf("%v", l)          // want `whole: domain.Lessee goes into log.Printf`
	generic(&l)            // want `whole: \*domain.Lessee goes into json.Marshal`
	dump.Value(l)          // want `whole: domain.Lessee goes into fmt.Sprintf`
	dump.To{}.Put("a", &l) // want `whole: \*domain.Lessee goes into slog.Logger.Info`
	typed(l)
	show(l.ID)
}

func quiet(l domain.Lessee, q domain.Quiet, r domain.Redacted, s domain.Sealed, list []domain.Lessee) {
	fmt.Println(l.ID, l.Number, l.Since, l.CPR, len(list), list[0].ID, s, []domain.Sealed{s})
	fmt.Println(r, &r, []domain.Redacted{r})
	fmt.Printf("%T %p", l, &l)
	fmt.Printf("%*d%%", 3, 4)
	_, _ = json.Marshal(q)
	_, _ = xml.Marshal(q)
	_ = json.Unmarshal(nil, &l)
	_ = json.NewDecoder(&bytes.Buffer{}).Decode(&l)
	slog.Info("x", "who", s, "n", len(list))
	var t any = 1
	fmt.Println(t)
}
