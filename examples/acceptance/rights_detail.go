package acceptance

import (
	"slices"
	"time"

	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/retention"
)

// rightDetail is what a case may compare.
func (w *World) rightDetail(r *Result, req *rights.Request, o *rights.Outcome) {
	in := map[string][]string{} // the datasets of a field: one that is in several is named by each
	for i := range o.Items {
		if x := &o.Items[i]; !slices.Contains(in[x.Field], x.Dataset) {
			in[x.Field] = append(in[x.Field], x.Dataset)
		}
	}
	// What is handed over and what is passed on are decided apart; the data that both are about are those included.
	parts := slices.ContainsFunc(o.Items, func(x rights.Item) bool { return x.Part == rights.PartDirectTransfer })
	fields := func(result rights.Result, why ...rights.Code) (list []string) {
		for i := range o.Items {
			x := &o.Items[i]
			if x.Result != result || parts && x.Holding >= 0 && result != rights.Referred {
				continue
			}
			if len(why) > 0 && !slices.ContainsFunc(x.Reasons, func(y rights.Reason) bool { return slices.Contains(why, y.Code) }) {
				continue
			}
			name := or(x.Field, x.Part)
			if x.Dataset != "" && (x.Field == "" || len(in[x.Field]) > 1) {
				name = "dataset:" + x.Dataset
			}
			list = append(list, name)
		}
		return sorted(list)
	}
	contain := []string{}
	if o.Authority != "" {
		contain = append(contain, "authority")
	}
	if o.Officer != "" {
		contain = append(contain, "dpo")
	}
	r.Detail = map[string]any{
		"grant": fields(rights.Granted), "refuse": fields(rights.Refused), "refer": fields(rights.Referred), "include": fields(rights.Granted),
		"erase": fields(rights.Granted), "must_keep": fields(rights.Refused, rights.CodeLegalObligation), "obligations": o.Obligations, "must_contain": contain,
		"due": o.Clock.Due.String(), "refer_to": o.ReferTo,
	}
	w.stays(r, o)
}

// stays says until when what is not erased is kept, the longest of it, and by which law.
func (w *World) stays(r *Result, o *rights.Outcome) {
	var last retention.Term
	var laws []string
	for i := range o.Items {
		for _, y := range o.Items[i].Reasons {
			if o.Items[i].Result != rights.Refused {
				continue
			}
			if y.Term.FirstErasable.After(last.FirstErasable) {
				last = y.Term
			}
			if y.Law != "" {
				laws = append(laws, y.Law)
			}
		}
	}
	if !last.FirstErasable.IsZero() {
		r.Detail["keep_through"], r.Detail["first_erasable"] = last.LastDay.String(), last.FirstErasable.Format(time.RFC3339Nano)
	}
	r.Detail["law"] = sorted(laws)
}
