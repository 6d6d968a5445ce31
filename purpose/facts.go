package purpose

import (
	"slices"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/retention"
)

// RetentionFacts is what retention rules ask about a person in a state. With a category, holds and restrictions that
// reach other categories only are left out; with none, all are in. With a record, the contract or application that the
// data belongs to, so are events that belong to another.
func (r *Register) RetentionFacts(st *basis.State, category, record string) (f retention.Facts) {
	r.FillRetentionFacts(&f, st, category, record)
	return f
}

// FillRetentionFacts is RetentionFacts for who has facts to spare: it adds to the lists of f.
func (r *Register) FillRetentionFacts(f *retention.Facts, st *basis.State, category, record string) {
	f.Zone, f.Years = r.Zone(), r.years
	for _, o := range st.Occurrences {
		if record != "" && o.Reference != "" && o.Reference != record {
			continue
		}
		f.Events = append(f.Events, retention.Event{Key: o.Event, At: o.First})
		if !o.Last.Equal(o.First) {
			f.Events = append(f.Events, retention.Event{Key: o.Event, At: o.Last})
		}
	}
	for _, j := range st.Judgements {
		n := retention.Necessity{Question: j.Rule, Necessary: j.Necessary, At: j.Since}
		if !j.ReviewAt.IsZero() {
			n.ReviewBy = retention.DateOf(j.ReviewAt, r.Zone())
		}
		f.Answers = append(f.Answers, n)
	}
	for i := range st.Holds {
		if h := &st.Holds[i]; r.reaches(h.Categories, category) {
			f.Holds = append(f.Holds, retention.Span{Ref: h.Event, From: h.Since})
		}
	}
	for i := range st.Restrictions {
		if x := &st.Restrictions[i]; r.reaches(x.Categories, category) {
			f.Restrictions = append(f.Restrictions, retention.Span{Ref: x.Event, From: x.Since})
		}
	}
}

// reaches reports whether nodes, or all categories where there are none, take in a category.
func (r *Register) reaches(nodes []string, category string) bool {
	return category == "" || len(nodes) == 0 || slices.ContainsFunc(nodes, func(n string) bool { return under(category, n) })
}

// Filed is what the register has on file together with what it leaves to the ledger.
type Filed struct {
	*Register
	Wide *basis.State // of basis.ControllerWide; nil: the ledger has nothing on file
}

var _ basis.Records = (*Filed)(nil)

// AssessmentValid asks the ledger too where the register says so.
func (f *Filed) AssessmentValid(assessment, purpose string, at time.Time) (known, valid bool) {
	known, valid = f.Register.AssessmentValid(assessment, purpose, at)
	if !valid || !f.spec.Assessments[f.assessments[assessment]].Ledger {
		return known, valid
	}
	return true, f.Wide != nil && slices.ContainsFunc(f.Wide.Assessments, func(a basis.Assessment) bool {
		return a.Key == assessment && slices.ContainsFunc(a.Purposes, func(n string) bool { return f.Within(purpose, n) })
	})
}
