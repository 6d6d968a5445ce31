package acceptance

import (
	"slices"

	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
)

// held lists what is held on the person, and what the request is about: the data of the case, whole datasets where it
// names no field, else the fields that are asked for.
func (w *World) held(req *rights.Request) {
	asked := w.Case.Request.Texts("fields")
	var names []string
	for _, d := range w.Case.Given.Data {
		switch f := d.Text("field"); {
		case f != "":
			names = append(names, f)
		case len(asked) == 0 && w.forOthers(d): // whoever it is held for knows what is in it
			x := rights.Holding{Controller: d.Text("controller"), ObtainedFor: d.Texts("obtained_for")}
			x.Dataset, _ = w.dataset(d.Text("dataset"))
			req.Holdings = append(req.Holdings, x)
		case req.Kind == purpose.AccessRight || req.Kind == purpose.CopyRight || req.Kind == purpose.PortabilityRight:
			for _, x := range w.everything() {
				x.Field, x.Controller, x.ObtainedFor = "", d.Text("controller"), d.Texts("obtained_for")
				x.Dataset, _ = w.dataset(d.Text("dataset"))
				req.Holdings = append(req.Holdings, x)
			}
		}
	}
	for _, f := range asked {
		if !slices.Contains(names, f) {
			names = append(names, f)
		}
	}
	for _, f := range sorted(names) {
		list, err := w.holdings(f)
		if err != nil {
			w.Closed("fields.%s: %v", f, err)
			continue
		}
		req.Holdings = append(req.Holdings, w.copies(f, list)...)
		if slices.Contains(asked, f) {
			for _, x := range list {
				req.Categories = append(req.Categories, x.Category)
			}
		}
	}
	req.Holdings = append(req.Holdings, w.Held...)
	req.Categories = sorted(req.Categories)
}

// forOthers reports whether a datum is in a dataset that the controller holds as a processor.
func (w *World) forOthers(d Object) bool {
	name, _ := w.dataset(d.Text("dataset"))
	return slices.ContainsFunc(w.Spec.Datasets, func(x purpose.Dataset) bool { return x.Key == name && x.Role == purpose.AsProcessor })
}

// copies are the holdings of a field in every dataset that the case gives the person: where it says of no datum which dataset
// the field is in, each has it.
func (w *World) copies(field string, list []rights.Holding) (all []rights.Holding) {
	for _, d := range w.Case.Given.Data {
		if d.Text("field") == field {
			return list
		}
		if name, ok := w.dataset(d.Text("dataset")); ok && !d.Has("field") {
			for _, x := range list {
				x.Dataset, x.Controller, x.ObtainedFor = name, d.Text("controller"), d.Texts("obtained_for")
				all = append(all, x)
			}
		}
	}
	if len(all) == 0 {
		return list
	}
	return all
}
