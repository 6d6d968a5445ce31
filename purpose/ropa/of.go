package ropa

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/retentionschedule"
	"github.com/purposebound/purposebound/retention"
)

// Of makes the record of a register as of an instant, or of all that it says for the zero time. The error is an
// [*IncompleteError].
func Of(r *purpose.Register, at time.Time) (*Record, error) {
	if r == nil {
		return nil, &IncompleteError{purpose.Problems{{Code: CodeActivities, Message: "there is no register"}}}
	}
	b := newBuilder(r, at)
	b.parties()
	b.notices()
	b.measures()
	for i := range b.spec.Activities {
		if b.declared(&b.spec.Activities[i]) && b.own(&b.spec.Activities[i]) {
			b.rec.Activities = append(b.rec.Activities, b.activity(i))
		}
	}
	for i := range b.spec.Datasets {
		if b.spec.Datasets[i].Role == purpose.AsProcessor {
			b.rec.Mandates = append(b.rec.Mandates, b.mandate(i))
		}
	}
	if len(b.rec.Activities) == 0 && len(b.rec.Mandates) == 0 {
		b.missing(CodeActivities, "activities", "the register declares no activity that the record could hold")
	}
	if len(b.problems) > 0 {
		return nil, &IncompleteError{b.problems}
	}
	return b.rec, nil
}

// builder makes one record.
type builder struct {
	reg      *purpose.Register
	spec     purpose.Spec
	at       time.Time
	version  string // of the notice in force at the time; empty: all
	rec      *Record
	problems purpose.Problems
	told     map[string]bool // remarks, by path

	purposes, categories, capacities, recipients, sources, laws, assessments, rules map[string]int
	rows                                                                            map[string][]retentionschedule.Row // by activity
}

func newBuilder(r *purpose.Register, at time.Time) *builder {
	spec := r.Spec()
	b := &builder{reg: r, spec: spec, at: at, rec: &Record{Digest: r.Digest()}, told: map[string]bool{}, rows: map[string][]retentionschedule.Row{}}
	if !at.IsZero() {
		b.rec.At = at.In(r.Zone())
	}
	b.purposes = index(spec.Purposes, func(x *purpose.Purpose) string { return x.Key })
	b.categories = index(spec.Categories, func(x *purpose.Category) string { return x.Key })
	b.capacities = index(spec.Capacities, func(x *purpose.Capacity) string { return x.Key })
	b.recipients = index(spec.Recipients, func(x *purpose.Recipient) string { return x.Key })
	b.sources = index(spec.Sources, func(x *purpose.Source) string { return x.Key })
	b.laws = index(spec.Laws, func(x *purpose.Law) string { return x.Key })
	b.assessments = index(spec.Assessments, func(x *purpose.Assessment) string { return x.Key })
	b.rules = index(spec.Retention, func(x *retention.Rule) string { return x.Key })
	for _, row := range retentionschedule.Of(r).Rows {
		b.rows[row.Activity] = append(b.rows[row.Activity], row)
	}
	return b
}

func index[T any](list []T, key func(*T) string) map[string]int {
	m := make(map[string]int, len(list))
	for i := range list {
		m[key(&list[i])] = i
	}
	return m
}

// missing notes what the record lacks, once for each place.
func (b *builder) missing(code, path, format string, args ...any) {
	p := purpose.Problem{Code: code, Path: path, Message: fmt.Sprintf(format, args...)}
	if !slices.Contains(b.problems, p) {
		b.problems = append(b.problems, p)
	}
}

// remark lists an assumption, or a note, once.
func (b *builder) remark(path, what string, assumed bool, note string) {
	if !assumed && note == "" || b.told[path] {
		return
	}
	b.told[path] = true
	b.rec.Remarks = append(b.rec.Remarks, Remark{Path: path, What: what, Assumed: assumed, Note: note})
}

// parties is Art. 30(1)(a).
func (b *builder) parties() {
	c := b.spec.Controller
	if blank(c.Name) {
		b.missing(CodeName, "controller.name", "Art. 30(1)(a) asks for the name of the controller")
	}
	if blank(c.Contact) {
		b.missing(CodeContact, "controller.contact", "Art. 30(1)(a) asks for the contact details of the controller")
	}
	if !purpose.EEA.Contains(c.Country) && blank(c.Representative) {
		b.missing(CodeRepresentative, "controller.representative", "a controller in %s names its representative in the Union (Art. 27)", c.Country)
	}
	shared := slices.ContainsFunc(b.spec.Datasets, func(d purpose.Dataset) bool { return d.Role == purpose.AsJointController }) ||
		slices.ContainsFunc(b.spec.Recipients, func(x purpose.Recipient) bool { return x.Kind == purpose.JointController })
	if shared && !slices.ContainsFunc(c.Joint, func(s string) bool { return !blank(s) }) {
		b.missing(CodeJoint, "controller.joint", "the register has joint controllers: Art. 30(1)(a) asks for their names and contact details")
	}
	b.rec.Controller = Controller{Name: c.Name, Contact: c.Contact, Country: c.Country, Representative: c.Representative, Officer: c.Officer,
		Joint: c.Joint, Authority: c.Authority}
}

// notices finds the versions that the record covers.
func (b *builder) notices() {
	for i, n := range b.spec.Notices {
		through := n.Through
		if through == "" && i+1 < len(b.spec.Notices) {
			if next, err := retention.ParseDate(b.spec.Notices[i+1].From); err == nil {
				through = next.AddDays(-1).String()
			}
		}
		var annexes []string
		for j, d := range n.Annexes {
			annexes = append(annexes, strings.TrimSpace(d.Title+" ("+d.Key+")")+", "+d.Reference)
			b.remark(fmt.Sprintf("notices[%d].annexes[%d]", i, j), d.Key, d.Assumed, d.Note)
		}
		x := Notice{Version: n.Version, From: n.From, Through: through, Annexes: annexes}
		if n.Regime != "" {
			x.Regime = b.law(n.Regime).Title
		}
		b.rec.Notices = append(b.rec.Notices, x)
	}
	if b.at.IsZero() {
		return
	}
	_, version, ok := b.reg.NoticeAt(b.at)
	if !ok {
		b.missing(CodeNotice, "notices", "no version of the notice is in force at the time")
		return
	}
	b.version = version
	b.rec.Notices = slices.DeleteFunc(b.rec.Notices, func(n Notice) bool { return n.Version != version })
}

// measures is Art. 30(1)(g).
func (b *builder) measures() {
	if len(b.spec.Measures) == 0 {
		b.missing(CodeMeasures, "measures", "Art. 30(1)(g) asks for a general description of the technical and organisational measures")
	}
	for i, m := range b.spec.Measures {
		path := fmt.Sprintf("measures[%d]", i)
		if blank(m.Title) {
			b.missing(CodeMeasures, path+".title", "say what protects the data")
		}
		b.rec.Measures = append(b.rec.Measures, Measure{Title: m.Title, Clause: m.Clause, Assumed: m.Assumed, Note: m.Note})
		b.remark(path, "the measure", m.Assumed, m.Note)
	}
	b.remark("controller.financial_years", "the financial years", b.spec.Controller.FinancialYears.Assumed, b.spec.Controller.FinancialYears.Note)
}

// declared reports whether the notices that the record covers declare an activity.
func (b *builder) declared(a *purpose.Activity) bool {
	return b.version == "" || len(a.Notices) == 0 || slices.Contains(a.Notices, b.version)
}

// own reports whether an activity is the controller's own: some dataset that it controls, or no dataset at all, holds data for
// one of its purposes. The others are on behalf of somebody (Art. 30(2)).
func (b *builder) own(a *purpose.Activity) bool {
	if len(b.spec.Datasets) == 0 {
		return true
	}
	return slices.ContainsFunc(b.spec.Datasets, func(d purpose.Dataset) bool {
		return d.Role != purpose.AsProcessor && (len(d.Purposes) == 0 || b.meet(d.Purposes, a.Purposes))
	})
}

// meet reports whether two lists of purpose nodes reach a leaf in common.
func (b *builder) meet(x, y []string) bool {
	t := b.reg.Purposes()
	other := t.Below(y...)
	for id := range t.Below(x...).All {
		if t.Leaf(id) && other.Has(id) {
			return true
		}
	}
	return false
}

// mandate is Art. 30(2).
func (b *builder) mandate(i int) Mandate {
	d, path := &b.spec.Datasets[i], fmt.Sprintf("datasets[%d]", i)
	m := Mandate{Named: Named{Key: d.Key, Clause: d.Clause}, Controller: d.OnBehalfOf, Contact: d.Contact, Purposes: b.purposeLeaves(d.Purposes)}
	if blank(d.OnBehalfOf) {
		b.missing(CodeContact, path+".on_behalf_of", "Art. 30(2)(a) asks for the controller on whose behalf data is processed")
	}
	if blank(d.Contact) {
		b.missing(CodeContact, path+".contact", "Art. 30(2)(a) asks for the contact details of the controller on whose behalf data is processed")
	}
	for j := range b.spec.Activities {
		a := &b.spec.Activities[j]
		if b.declared(a) && b.meet(d.Purposes, a.Purposes) {
			done := b.activity(j)
			m.Processing = append(m.Processing, done)
			for _, t := range done.Transfers {
				if !slices.ContainsFunc(m.Transfers, func(x Transfer) bool { return x.same(&t) }) {
					m.Transfers = append(m.Transfers, t)
				}
			}
		}
	}
	if len(m.Processing) == 0 {
		b.missing(CodeProcessing, path+".purposes", "no activity says what is done for the other controller (Art. 30(2)(b))")
	}
	return m
}

func (t *Transfer) same(u *Transfer) bool {
	return t.Recipient.Key == u.Recipient.Key && t.Mechanism == u.Mechanism && t.Reference == u.Reference && t.From == u.From && t.Through == u.Through
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }
