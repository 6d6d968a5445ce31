package access

import (
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
)

// hidden is what laws keep out of the report (GDPR Art. 23). Silent or not, nothing of it is shown; what is not silent is among what
// was left out.
type hidden struct {
	categories map[string]bool // leaves
	purposes   map[string]bool // leaves
	recipients map[string]bool
}

// hidden collects the exceptions of laws in force, and what the holdings of the request withhold.
func (m *Maker) hidden(req *rights.Request, o *rights.Outcome) hidden {
	h := hidden{categories: map[string]bool{}, purposes: map[string]bool{}, recipients: map[string]bool{}}
	for i := range m.spec.Rights {
		x := &m.spec.Rights[i]
		if x.Kind != purpose.AccessRight && x.Kind != req.Kind {
			continue
		}
		for j := range x.Except {
			if e := &x.Except[j]; m.reg.LawInForce(e.Law, o.At) {
				h.hide(m, e.Categories, e.Purposes, e.Recipients)
			}
		}
	}
	for i := range req.Holdings {
		if w := &req.Holdings[i]; w.Withheld != "" && w.Category != "" {
			h.hide(m, []string{w.Category}, nil, nil)
		}
	}
	return h
}

func (h *hidden) hide(m *Maker, categories, purposes, recipients []string) {
	for _, k := range below(m.reg.Categories(), categories) {
		h.categories[k] = true
	}
	for _, k := range below(m.reg.Purposes(), purposes) {
		h.purposes[k] = true
	}
	for _, k := range recipients {
		h.recipients[k] = true
	}
}

// seen are the categories that may be shown of something that was done; ok is false where all of it is hidden.
func (h *hidden) seen(purpose, recipient string, categories []string) (left []string, ok bool) {
	if h.purposes[purpose] || h.recipients[recipient] {
		return nil, false
	}
	for _, c := range categories {
		if !h.categories[c] {
			left = append(left, c)
		}
	}
	return left, len(categories) == 0 || len(left) > 0
}
