package acceptance

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/retention"
)

// kept is what retention says of one field of a case.
type kept struct {
	field string
	rights.Keeping
}

// erase asks whether the fields must be erased.
func (w *World) erase(h *house, r *Result) {
	keeper, err := rights.NewKeeper(h.register, h.ledger, rights.WithClock(h.now))
	if err != nil {
		r.Err = err
		return
	}
	r.Detail = map[string]any{}
	var list []kept
	for _, f := range w.Case.Request.Texts("fields") {
		holdings, err := w.holdings(f)
		if err != nil {
			w.Closed("fields.%s: %v", f, err)
			r.Err = err
			return
		}
		for _, x := range holdings {
			k, err := keeper.Evaluate(context.Background(), rights.Query{DataSubject: w.Request.DataSubject, Holding: x, Facts: w.Request.Facts})
			if err != nil {
				r.Err = errors.Join(r.Err, err)
				return
			}
			list = append(list, kept{f, k})
			r.Codes = append(r.Codes, x.Category+": "+k.Status.String()+" "+string(k.Because.Reason)+" "+k.Because.Rule)
			for i := range k.Uses {
				if u := &k.Uses[i]; u.Heard {
					r.Entries, r.Clauses = append(r.Entries, "activity:"+u.Activity, "rule:"+u.Answer.Because.Rule), append(r.Clauses, u.Clause, u.Answer.Because.Clause)
				}
			}
		}
	}
	if len(list) == 0 {
		r.Err = errors.New("no field")
		return
	}
	w.retained(h, r, list)
}

// retained joins what retention says of the fields: of a field with several categories what keeps it counts.
func (w *World) retained(h *house, r *Result, list []kept) {
	by := map[string][]string{} // outcome -> fields
	var names []string
	var decisive *kept
	for i := range list {
		if !slices.Contains(names, list[i].field) {
			names = append(names, list[i].field)
		}
	}
	for _, name := range names {
		best := -1
		for i := range list {
			if list[i].field == name && (best < 0 || weight(&list[i]) > weight(&list[best])) {
				best = i
			}
		}
		by[outcomeOf(&list[best])] = append(by[outcomeOf(&list[best])], name)
		if decisive == nil || weight(&list[best]) > weight(decisive) {
			decisive = &list[best]
		}
	}
	switch {
	case len(by) == 1:
		r.Outcome = outcomeOf(decisive)
	case len(by[Escalate]) > 0 && len(by[EraseIt]) == 0:
		r.Outcome = Escalate
	case len(by[EraseIt]) > 0:
		r.Outcome = Partial
	default:
		r.Outcome = outcomeOf(decisive)
	}
	if role := w.Request.Principal.Roles; r.Outcome != EraseIt && !slices.Contains(role, "system") {
		r.Outcome = Deny // somebody destroys what no rule tells to erase
	}
	for key, outcome := range map[string]string{"erase": EraseIt, "keep": Keep, "must_keep": MustKeep} {
		r.Detail[key] = by[outcome]
	}
	w.term(h, r, decisive)
	lost, left := []string{}, []string{}
	for i := range list {
		left = append(left, list[i].Left()...)
	}
	for i := range list {
		for _, p := range list[i].Lost() {
			if !slices.Contains(left, p) {
				lost = append(lost, p)
			}
		}
	}
	r.Detail["purposes_lost"], r.Detail["purposes_left"] = sorted(lost), sorted(left)
	r.Entries, r.Clauses = sorted(r.Entries), sorted(r.Clauses)
}

// term tells from when the deciding rule counts, what, and until when.
func (w *World) term(h *house, r *Result, k *kept) {
	set := func(key, v string) {
		if v != "" {
			r.Detail[key] = v
		}
	}
	set("trigger", k.Trigger.String())
	if !k.Period.IsZero() {
		set("period", k.Period.String())
	}
	set("keep_through", k.LastDay.String())
	if !k.FirstErasable.IsZero() {
		set("first_erasable", k.FirstErasable.Format(time.RFC3339Nano))
	}
	if !k.LastDay.IsZero() {
		set("first_erasable_calendar", k.LastDay.EndIn(w.Zone).Format(time.RFC3339Nano))
	}
	for _, rule := range h.register.Spec().Retention {
		if rule.Key == k.Because.Rule && rule.Unit == retention.ElapsedTime {
			set("elapsed_rule", rule.Ceiling.String())
		}
	}
}

// outcomeOf is the outcome of one answer. A hold suspends erasure and is no floor.
func outcomeOf(k *kept) string {
	switch k.Status {
	case retention.MustErase:
		return EraseIt
	case retention.MayKeep:
		return Keep
	case retention.MustKeep:
		if k.Because.Reason == retention.OnHold {
			return Keep
		}
		return MustKeep
	}
	return Escalate
}

// weight orders answers by what keeps longest; of two that say the same the later end.
func weight(k *kept) int64 {
	n := map[string]int64{EraseIt: 1, Escalate: 2, Keep: 3, MustKeep: 4}[outcomeOf(k)] << 40
	if !k.FirstErasable.IsZero() {
		n += k.FirstErasable.Unix()
	}
	return n
}

// holdings are what a program holds under a field: one datum for each category.
func (w *World) holdings(field string) (list []rights.Holding, err error) {
	categories, err := w.categories(field)
	if err != nil {
		return nil, err
	}
	for _, c := range categories {
		list = append(list, w.holding(field, c))
	}
	return list, nil
}

func (w *World) holding(field, category string) rights.Holding {
	d := w.Data[field]
	x := rights.Holding{Category: category, Field: field, ObtainedFor: d.Texts("obtained_for"), Reference: w.Case.Request.Text("record"),
		Controller: d.Text("controller"), Source: w.source(d.Text("origin")), Origin: origin(d.Text("origin"))}
	if about := d.Text("about"); about != "" && about != "self" && !slices.Contains(w.Case.Given.Subject, about) {
		x.Person = about
	}
	if s := d.Text("dataset"); s != "" {
		x.Dataset, _ = w.dataset(s)
	} else if len(w.Spec.Datasets) > 0 {
		x.Dataset = or(w.Notice.Vocabulary.FieldDatasets[field], w.Request.Dataset)
	}
	x.CollectedAt, _ = instant(d["collected_at"], w.Zone)
	if x.CollectedAt.IsZero() {
		x.CollectedAt = w.Just()
	}
	if b := d.Text("basis"); b != "" {
		if x.Basis = basisOf(b); x.Basis == 0 {
			w.Unmapped("data.basis %s", b)
		}
	}
	if at, ok := instant(d["dated"], w.Zone); ok {
		if event := w.Notice.Vocabulary.Dated[field]; event != "" {
			x.Events = append(x.Events, retention.Event{Key: event, At: at})
		}
	}
	return x
}

func basisOf(s string) basis.Basis {
	b, err := basis.Parse(slugBasis(s))
	if err != nil {
		return 0
	}
	return b
}

// origin is how a datum came to be, by the words of the cases.
func origin(s string) rights.Origin {
	switch s {
	case "":
		return rights.UnknownOrigin
	case "subject", "data_subject", "customer", "tenant":
		return rights.Provided
	case "observed", "cookie":
		return rights.Observed
	case "derived", "computed":
		return rights.Derived
	case "inferred":
		return rights.Inferred
	}
	return rights.Obtained
}
