package ropa

import (
	"fmt"
	"slices"
	"strings"
)

// Further is data obtained for another purpose that the activity may use too (GDPR Art. 6(4)).
type Further struct {
	From       Named      // the purpose that it was obtained for
	To         []Named    // purposes of the activity; empty: all
	Categories []Category // empty: all of the activity
	Assessment string     // reference of the compatibility test
}

// further finds the uses whose purpose is one of the activity's.
func (b *builder) further(a *Activity) (list []Further) {
	for i := range b.spec.Compatible {
		e := &b.spec.Compatible[i]
		f := Further{From: b.purpose(e.From), Categories: b.categoryLeaves(e.Categories)}
		t := b.reg.Purposes()
		to := t.Below(e.To)
		for _, p := range a.Purposes {
			if id, ok := t.ID(p.Key); ok && to.Has(id) {
				f.To = append(f.To, p)
			}
		}
		shared := func(c Category) bool {
			return slices.ContainsFunc(a.Categories, func(x Category) bool { return x.Key == c.Key })
		}
		f.Categories = slices.DeleteFunc(f.Categories, func(c Category) bool { return !shared(c) })
		if len(f.To) == 0 || len(e.Categories) > 0 && len(f.Categories) == 0 {
			continue
		}
		if len(f.To) == len(a.Purposes) {
			f.To = nil
		}
		s, j := find(b, "assessments", b.spec.Assessments, b.assessments, e.Assessment)
		f.Assessment = s.Reference
		b.remark(fmt.Sprintf("assessments[%d]", j), s.Key, s.Assumed, s.Note)
		list = append(list, f)
	}
	return list
}

func (f *Further) words() string {
	s := "data obtained for " + f.From.Title
	if len(f.Categories) > 0 {
		s += ": " + titles(f.Categories)
	}
	if len(f.To) > 0 {
		s += "; for " + strings.Join(words(f.To, func(n *Named) string { return n.Title }), ", ")
	}
	return s + "; " + f.Assessment
}
