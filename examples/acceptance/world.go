package acceptance

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
)

// Person is the id of the data subject of every case.
const Person = "person"

// World is what a case says, in the words of the library. It is built once and belongs to one goroutine.
type World struct {
	Case    *Case
	Notice  *Notice
	Spec    purpose.Spec // of the case's register: to read; Edit changes it
	Zone    *time.Location
	At      time.Time // of the request
	Request policy.Request
	Source  string // that a request states by another key than "source"
	Of      string // recipient of the register that is controller of what the case is about; empty: the service is
	// Data holds the keys of the datum that a field is of, those that apply to every field included.
	Data map[string]Object
	// Held are further data that are held on the person, where a right is asked for.
	Held []rights.Holding

	facts     map[string]purpose.Value
	events    []given
	documents map[string][]byte
	edited    bool
	replaces  bool // the register takes the place of the notice's own
	unmapped  []string
	unheard   bool     // something that was stated could not be said: no request is granted
	stop      []string // why the case cannot be asked at all
	ids       int
}

// given is an event of the ledger with the place in the case that it stands for.
type given struct {
	basis.Event
	optional bool // the ledger may refuse it: it then did not happen
}

func newWorld(n *Notice, c *Case) *World {
	own := *c // what a meaning changes in the case it changes for this world
	w := &World{Case: &own, Notice: n, Spec: n.spec(), Zone: n.Register.Zone(), Data: map[string]Object{}, facts: map[string]purpose.Value{},
		documents: map[string][]byte{}}
	at, ok := instant(c.Request["at"], w.Zone)
	if !ok {
		w.stop = append(w.stop, "request.at is no time")
	}
	w.At = at
	return w
}

// Unmapped notes a key or value that nothing knows. What it would have changed is not known either: the request carries
// it as a fact that the register does not declare, and the library grants nothing.
func (w *World) Unmapped(format string, args ...any) {
	w.unheard = true
	w.Closed(format, args...)
}

// Closed notes a key or value that nothing knows and that grants something only where it is known.
func (w *World) Closed(format string, args ...any) {
	if s := fmt.Sprintf(format, args...); !slices.Contains(w.unmapped, s) {
		w.unmapped = append(w.unmapped, s)
	}
}

// Edit changes the register of this case.
func (w *World) Edit(edit func(*purpose.Spec)) {
	if !w.edited {
		w.Spec, w.edited = w.Notice.Register.Spec(), true
	}
	edit(&w.Spec)
}

// State states a declared fact.
func (w *World) State(key string, v any) error {
	i := slices.IndexFunc(w.Spec.Facts, func(f purpose.Fact) bool { return f.Key == key })
	if i < 0 {
		return fmt.Errorf("fact %s is not declared", key)
	}
	if v == nil {
		return nil
	}
	value, err := w.value(w.Spec.Facts[i].Type, v)
	if err == nil {
		w.facts[key] = value
	}
	return err
}

// Stated reports whether a fact is stated.
func (w *World) Stated(key string) bool {
	_, ok := w.facts[key]
	return ok
}

// value makes a value of a declared type. An object is true as a bool, and its "ref" as a text.
func (w *World) value(t purpose.Type, v any) (purpose.Value, error) {
	switch t {
	case purpose.Bool:
		switch b := v.(type) {
		case bool:
			return purpose.BoolValue(b), nil
		case string, map[string]any, []any:
			return purpose.True(), nil
		}
	case purpose.Text:
		if s, ok := v.(string); ok {
			return purpose.TextValue(s), nil
		}
		if o := object(v); o.Text("ref") != "" {
			return purpose.TextValue(o.Text("ref")), nil
		}
	case purpose.Int:
		if f, ok := v.(float64); ok {
			return purpose.IntValue(int64(f)), nil
		}
	case purpose.Instant:
		if o := object(v); o != nil {
			v = o["at"]
		}
		if t, ok := instant(v, w.Zone); ok {
			return purpose.InstantValue(t), nil
		}
	case purpose.TextList:
		list := texts(v)
		if all, ok := v.([]any); list != nil || ok && len(all) == 0 {
			return purpose.TextsValue(list...), nil
		}
	}
	return purpose.Value{}, fmt.Errorf("no %s", t)
}

// Happened records an event of the register's vocabulary at a time.
func (w *World) Happened(at time.Time, body basis.Body) string {
	w.ids++
	id := fmt.Sprintf("given-%04d", w.ids)
	who := Person
	switch body.(type) {
	case basis.AssessmentFiled, basis.AgreementSigned, basis.AgreementEnded:
		who = basis.ControllerWide
	}
	w.events = append(w.events, given{Event: basis.Event{ID: id, DataSubject: who, ValidAt: at, Body: body}})
	return id
}

// Before is the instant before everything that the case dates: when a standing circumstance began.
func (w *World) Before() time.Time {
	first := w.At
	consider := func(v any) {
		if t, ok := instant(v, w.Zone); ok && t.Before(first) {
			first = t
		}
	}
	g := &w.Case.Given
	for _, list := range [][]Object{g.Events, g.Consents, g.Objections, g.Restrictions, g.Data} {
		for _, o := range list {
			for _, k := range []string{"at", "given_at", "collected_at", "dated"} {
				consider(o[k])
			}
		}
	}
	for _, v := range g.Facts {
		consider(v)
		for _, part := range object(v) {
			consider(part)
		}
	}
	consider(w.Case.Request.Object("about")["at"])
	return first.Add(-24 * time.Hour)
}

// Just is shortly before the request: when a present circumstance was noted.
func (w *World) Just() time.Time { return w.At.Add(-time.Second) }

// Document replaces a base document of the policies, such as "data.json".
func (w *World) Document(name string, content any) error {
	text, err := json.Marshal(content)
	if err == nil {
		w.documents[name] = text
	}
	return err
}
