package access

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/index"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/ropa"
)

// Disclosures is what the trail knows of a person; *[index.Index] is one. Update reads the trail up to its head. Asking is
// recorded by who answers.
type Disclosures interface {
	Update(ctx context.Context) (added int, err error)
	ByDecision(ctx context.Context, who index.Asker, id string) (index.Listing, error)
	ForPerson(ctx context.Context, who index.Asker, refs []string) (index.PersonReport, error)
}

// Pseudonyms are those of the desk and the guard, with every alias that a person ever had; a table of package aliastable has
// them.
type Pseudonyms interface {
	audit.Pseudonymizer
	Aliases(ctx context.Context, class audit.Class, id string) ([]string, error)
}

// Maker makes reports. It is safe for concurrent use.
type Maker struct {
	reg         *purpose.Register
	spec        purpose.Spec
	desk        *rights.Desk
	disclosures Disclosures
	names       Pseudonyms
	activities  map[string]*ropa.Activity
	record      *ropa.Record
	opt         options

	purposes, categories, sources, laws map[string]Entry
	recipients                          map[string]*purpose.Recipient
}

type options struct {
	now     func() time.Time
	timeout time.Duration
	system  string
}

// Option changes a [Maker].
type Option func(*options)

// WithClock replaces time.Now.
func WithClock(now func() time.Time) Option { return func(o *options) { o.now = now } }

// WithTimeout replaces the time, 30 s, that one source of the report may take: the trail, or one value of the copy.
func WithTimeout(d time.Duration) Option { return func(o *options) { o.timeout = d } }

// WithSystem replaces the name, "access-report", under which the trail is read for a request that nobody handles.
func WithSystem(id string) Option { return func(o *options) { o.system = id } }

// New ties a maker to the register, the desk that answers requests, the trail and the aliases of the person in it. The register
// must make a record of processing (package ropa), for the report says the same of one person; where it does not the error is a
// [*ropa.IncompleteError]. A register without a supervisory authority is refused (Art. 15(1)(f)).
func New(register *purpose.Register, desk *rights.Desk, disclosures Disclosures, names Pseudonyms, opts ...Option) (*Maker, error) {
	o := options{now: time.Now, timeout: 30 * time.Second, system: "access-report"}
	for _, f := range opts {
		if f == nil {
			return nil, errors.New("access: nil option")
		}
		f(&o)
	}
	if register == nil || desk == nil || isNil(disclosures) || isNil(names) || o.now == nil || o.timeout <= 0 || o.system == "" {
		return nil, errors.New("access: a register, a desk, a trail, pseudonyms, a clock, a time-out and a name are needed: one of them is missing")
	}
	record, err := ropa.Of(register, time.Time{})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRegister, err)
	}
	m := &Maker{reg: register, spec: register.Spec(), desk: desk, disclosures: disclosures, names: names, opt: o, record: record,
		activities: map[string]*ropa.Activity{}, recipients: map[string]*purpose.Recipient{}}
	if m.spec.Controller.Authority == "" {
		return nil, fmt.Errorf("%w: controller.authority: Art. 15(1)(f) asks for the supervisory authority", ErrRegister)
	}
	m.tables()
	return m, nil
}

// tables finds the words for keys.
func (m *Maker) tables() {
	s := &m.spec
	m.purposes, m.categories, m.sources, m.laws = map[string]Entry{}, map[string]Entry{}, map[string]Entry{}, map[string]Entry{}
	for _, x := range s.Purposes {
		m.purposes[x.Key] = entry(x.Key, x.Title, x.Clause)
	}
	for _, x := range s.Categories {
		m.categories[x.Key] = entry(x.Key, x.Title, x.Clause)
	}
	for _, x := range s.Sources {
		m.sources[x.Key] = entry(x.Key, x.Title, x.Clause)
	}
	for _, x := range s.Laws {
		m.laws[x.Key] = entry(x.Key, x.Title, "")
	}
	for i := range s.Recipients {
		m.recipients[s.Recipients[i].Key] = &s.Recipients[i]
	}
	for i := range m.record.Activities {
		m.activities[m.record.Activities[i].Key] = &m.record.Activities[i]
	}
	for i := range m.record.Mandates {
		for j := range m.record.Mandates[i].Processing {
			a := &m.record.Mandates[i].Processing[j]
			if m.activities[a.Key] == nil {
				m.activities[a.Key] = a
			}
		}
	}
}

func entry(key, title, clause string) Entry {
	if title == "" {
		title = key
	}
	return Entry{Key: key, Title: title, Clause: clause}
}

// words of a key; what the register has no more, or an older one had, stands for itself.
func words(table map[string]Entry, key string) Entry {
	if e, ok := table[key]; ok {
		return e
	}
	return Entry{Key: key, Title: key}
}

// below lists the leaves at or below nodes.
func below(t *purpose.Tree, nodes []string) (list []string) {
	if len(nodes) == 0 {
		return nil
	}
	for id := range t.Below(nodes...).All {
		if t.Leaf(id) {
			list = append(list, t.Key(id))
		}
	}
	return list
}

// isNil sees through an interface that holds a nil pointer.
func isNil(part any) bool {
	v := reflect.ValueOf(part)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}

func appendNew[T comparable](list []T, x T) []T {
	if slices.Contains(list, x) {
		return list
	}
	return append(list, x)
}
