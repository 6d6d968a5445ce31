package acceptance

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// house is the library set up for one case: register, ledger, trail and guard.
type house struct {
	register *purpose.Register
	ledger   *basis.Memory
	trail    *audittest.Recorder
	guard    *policy.Guard
	aliases  aliases
	clock    *atomic.Pointer[time.Time]
}

func (h *house) now() time.Time { return *h.clock.Load() }

// open compiles the register, tells the ledger what happened, and makes the guard.
func (w *World) open() (*house, error) {
	h := &house{register: w.Notice.Register, clock: &atomic.Pointer[time.Time]{}}
	if w.edited {
		var err error
		if h.register, err = purpose.Compile(w.Spec); err != nil {
			return nil, err
		}
	}
	if err := w.tell(h); err != nil {
		return nil, err
	}
	h.clock.Store(&w.At)
	h.trail = audittest.NewRecorder(h.now)
	key, err := audit.NewKeyedHMAC([]byte(strings.Repeat("k", 32)), "cases")
	if err != nil {
		return nil, err
	}
	h.aliases = aliases{key}
	rules, err := w.Notice.policy(h.register, w.documents)
	if err != nil {
		return nil, err
	}
	h.guard, err = policy.NewGuard(h.register, h.ledger, h.trail, rules, policy.WithClock(h.now), policy.WithPseudonyms(h.aliases), policy.WithPolicyTimeout(10*time.Second))
	return h, err
}

// tell records the events in the order in which they happened, each when it happened. What is dated after the request
// has not happened yet.
func (w *World) tell(h *house) error {
	h.ledger = basis.NewMemory(h.register.Vocabulary(), basis.WithClock(h.now))
	list := slices.Clone(w.events)
	slices.SortStableFunc(list, func(a, b given) int { return a.ValidAt.Compare(b.ValidAt) })
	for i := range list {
		g := &list[i]
		if g.ValidAt.After(w.At) {
			continue
		}
		h.clock.Store(&g.ValidAt)
		if err := h.ledger.Record(context.Background(), g.Event); err != nil && !g.optional {
			return err
		}
	}
	return nil
}

// part is a group of fields that came from the same place: a request states one.
type part struct {
	dataset    string
	provenance policy.Provenance
	fields     []string
}

// answer is what the guard says about the fields of a case.
type answer struct {
	decisions []policy.Decision
	released  []string // fields of the case, wholly
	withheld  []string
	partly    bool // some category of a field that is withheld was released
	fields    []string
	err       error
}

// ask asks the guard, one request for each group of fields.
func (w *World) ask(h *house, req policy.Request, fields []string) (a answer) {
	a.fields = fields
	schema := purpose.Schema{Name: "person"}
	columns := map[string][]string{} // of a field
	for _, f := range fields {
		categories, err := w.categories(f)
		if err != nil {
			w.Closed("fields.%s: %v", f, err)
			continue
		}
		for _, c := range categories {
			name := strings.ReplaceAll(f, "-", "_")
			if len(categories) > 1 {
				name += "." + strings.ReplaceAll(c, "-", "_")
			}
			columns[f] = append(columns[f], name)
			schema.Fields = append(schema.Fields, purpose.SchemaField{Name: name, Tags: purpose.Tags{Personal: c, Bases: w.bases()}})
		}
	}
	if len(schema.Fields) == 0 { // of fields that the register does not know the guard is asked all the same
		for _, f := range fields {
			columns[f] = []string{f}
		}
		schema.Fields = []purpose.SchemaField{{Name: "known", Tags: purpose.Tags{Personal: w.leaves([]string{w.Spec.Categories[0].Key})[0]}}}
	}
	plan, err := h.guard.Schema(schema)
	if err != nil {
		a.err = err
		return a
	}
	open := map[string]bool{}
	for _, p := range w.parts(h, req, fields) {
		var asked []string
		for _, f := range p.fields {
			asked = append(asked, columns[f]...)
		}
		if len(asked) == 0 {
			continue
		}
		r := req
		r.Dataset, r.Provenance = p.dataset, p.provenance
		d, err := h.guard.DecidePlan(context.Background(), r, plan, asked...)
		if err != nil && !errors.Is(err, policy.ErrDenied) {
			a.err = errors.Join(a.err, err)
		}
		a.decisions = append(a.decisions, d)
		for _, name := range d.Permitted() {
			if m, masked := d.MaskOf(name); !masked || m != policy.Remove {
				open[name] = true
			}
		}
	}
	for _, f := range fields {
		if len(columns[f]) > 0 && !slices.ContainsFunc(columns[f], func(c string) bool { return !open[c] }) {
			a.released = append(a.released, f)
		} else {
			a.withheld = append(a.withheld, f)
			a.partly = a.partly || slices.ContainsFunc(columns[f], func(c string) bool { return open[c] })
		}
	}
	return a
}

// bases narrows the fields to the basis that the request relies on.
func (w *World) bases() []basis.Basis {
	if b := basisOf(w.Case.Request.Text("basis")); b != 0 {
		return []basis.Basis{b}
	}
	return nil
}

// slugBasis writes "gdpr.6.1.b" as the library does.
func slugBasis(s string) string { return strings.ReplaceAll(s, "gdpr.6.1.", "gdpr:6-1-") }

// parts groups fields by where they came from.
func (w *World) parts(h *house, req policy.Request, fields []string) (list []part) {
	for _, f := range fields {
		p := part{dataset: req.Dataset, provenance: w.provenance(h, req, f)}
		if own := w.Notice.Vocabulary.FieldDatasets[f]; own != "" {
			p.dataset = own
		}
		if d := w.Data[f].Text("dataset"); d != "" && w.Request.Dataset == w.Notice.Vocabulary.Dataset {
			key, ok := w.dataset(d)
			if !ok {
				w.Unmapped("data.%s", d)
			}
			p.dataset = key
		}
		same := func(q part) bool {
			return q.dataset == p.dataset && q.provenance.Source == p.provenance.Source && q.provenance.CollectedAt.Equal(p.provenance.CollectedAt) &&
				slices.Equal(q.provenance.ObtainedFor, p.provenance.ObtainedFor)
		}
		i := slices.IndexFunc(list, same)
		if i < 0 {
			list, i = append(list, p), len(list)
		}
		list[i].fields = append(list[i].fields, f)
	}
	return list
}

// provenance is where a field came from, as a program would have kept it.
func (w *World) provenance(h *house, req policy.Request, field string) policy.Provenance {
	d := w.Data[field]
	p := policy.Provenance{Source: w.source(or(w.Source, w.Case.Request.Text("source"))), Record: w.Case.Request.Text("record"), ObtainedFor: d.Texts("obtained_for")}
	p.CollectedAt, _ = instant(d["collected_at"], w.Zone)
	if p.Source == "" {
		p.Source = w.source(d.Text("origin"))
	}
	if p.Source == "" && req.Action == purpose.Collect {
		p.Source = w.Notice.Vocabulary.FieldSources[field]
	}
	if p.Source == "" && req.Action == purpose.Collect {
		p.Source = w.Notice.Vocabulary.person()
	}
	if req.Action != purpose.Collect && !d.Has("obtained_for") && p.Source != "" && !p.CollectedAt.IsZero() {
		p.ObtainedFor = w.collectedFor(h, field, p)
	}
	if p.CollectedAt.IsZero() {
		p.CollectedAt = w.Just() // a program knows when: nothing says that it was long ago
	}
	return p
}

func (v *Vocabulary) person() string { return or(v.Person, "data_subject") }

// source is the register's key of a source.
func (w *World) source(s string) string {
	if s == "" {
		return ""
	}
	declared := func(key string) bool {
		return slices.ContainsFunc(w.Spec.Sources, func(x purpose.Source) bool { return x.Key == key })
	}
	key := w.Notice.Vocabulary.Sources[s]
	switch {
	case key != "":
	case declared(s):
		key = s
	case s == "subject":
		key = w.Notice.Vocabulary.person()
	case w.Case.Request.Text("source") == s:
		return s // the register is asked, and does not know it
	default:
		return "" // derived, observed: no source of the register
	}
	return key
}

// collectedFor are the purposes that a field could be collected for, from its source and at its time: what a program
// that asked the guard then has on record.
func (w *World) collectedFor(h *house, field string, p policy.Provenance) (list []string) {
	categories, err := w.categories(field)
	if err != nil || p.CollectedAt.After(w.At) {
		return nil
	}
	schema := purpose.Schema{Name: "collected"}
	for _, c := range categories {
		schema.Fields = append(schema.Fields, purpose.SchemaField{Name: strings.ReplaceAll(c, "-", "_"), Tags: purpose.Tags{Personal: c}})
	}
	open, err := policy.NewGuard(h.register, h.ledger, h.trail, everybody{}, policy.WithClock(h.now))
	if err != nil {
		return nil
	}
	plan, err := open.Schema(schema)
	if err != nil {
		return nil
	}
	for _, x := range w.Spec.Purposes {
		//purposevet:purposes every purpose of the register is tried
		req := policy.Request{Principal: w.Request.Principal, Action: purpose.Collect, Purpose: x.Key, DataSubject: w.Request.DataSubject, Facts: w.Request.Facts,
			Dataset: w.Request.Dataset, Provenance: policy.Provenance{Source: p.Source}, At: p.CollectedAt}
		if d, err := open.DecidePlan(context.Background(), req, plan); err == nil && d.Outcome == policy.OutcomePermitted {
			list = append(list, x.Key)
		}
	}
	return list
}

// everybody needs to know everything: with it a guard answers for the register alone.
type everybody struct{}

func (everybody) Name() string   { return "everybody" }
func (everybody) Digest() string { return "sha256:" + strings.Repeat("0", 64) }
func (everybody) Decide(_ context.Context, in *policy.Input) (policy.Verdict, error) {
	return policy.Verdict{Permit: in.Fields}, nil
}
