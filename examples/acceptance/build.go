package acceptance

import (
	"maps"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

// structural are the keys of a request that World.build reads itself.
var structural = map[string]bool{"actor": true, "action": true, "fields": true, "purpose": true, "recipient": true, "country": true,

	"mechanism": true, "statute": true, "basis": true, "source": true, "at": true, "about": true, "record": true, "rule": true, "right": true}

// ofDatum are the keys of a datum that say where it came from.
var ofDatum = map[string]bool{"field": true, "dataset": true, "obtained_for": true, "collected_at": true, "origin": true, "class": true,

	"about": true, "dated": true, "basis": true, "controller": true}

// build reads a case into the world.
func (w *World) build() {
	c := w.Case
	w.data()
	w.controller()
	for _, key := range c.Given.Facts.Keys() {
		w.mean("facts", key, c.Given.Facts[key])
	}
	for _, key := range c.Request.Keys() {
		if !structural[key] {
			w.mean("request", key, c.Request[key])
		}
	}
	w.request()
	if finish := w.Notice.Vocabulary.Finish; finish != nil {
		finish(w)
	}
	w.happenings()
	w.consents()
	w.objections()
	w.restrictions()
	w.agreements()
	w.arrive()
	w.judged()
	w.ready()
}

// data spreads what is said of data over the fields, and records the events that dated data stand for.
func (w *World) data() {
	voc := &w.Notice.Vocabulary
	general := Object{}
	for _, d := range w.Case.Given.Data {
		if !d.Has("field") {
			maps.Copy(general, d)
		}
	}
	names := w.Case.Request.Texts("fields")
	for _, d := range w.Case.Given.Data {
		if f := d.Text("field"); f != "" {
			names = append(names, f)
		}
	}
	for _, name := range names {
		w.Data[name] = maps.Clone(general)
	}
	for _, d := range w.Case.Given.Data {
		if f := d.Text("field"); f != "" {
			maps.Copy(w.Data[f], d)
		}
		for _, key := range d.Keys() {
			if !ofDatum[key] {
				w.mean("data", key, d[key])
			}
		}
		if at, ok := instant(d["dated"], w.Zone); ok {
			if event := voc.Dated[d.Text("field")]; event != "" {
				w.Happened(at, basis.Occurred{Event: event})
			} else {
				w.Unmapped("data.%s.dated", d.Text("field"))
			}
		}
	}
}

// controller replaces the financial years of the register.
func (w *World) controller() {
	years := purpose.FinancialYears{}
	for _, key := range w.Case.Given.Controller.Keys() {
		v := w.Case.Given.Controller[key]
		switch key {
		case "financial_year_end":
			if years.Ending, _ = v.(string); years.Ending == "02-end" {
				years.Ending = "02-29"
			}
		case "financial_years":
			list, _ := v.([]any)
			for _, y := range list {
				years.Table = append(years.Table, purpose.FinancialYear{Start: object(y).Text("start"), End: object(y).Text("end")})
			}
		default:
			w.Unmapped("controller.%s", key)
		}
	}
	if len(w.Case.Given.Controller) > 0 {
		w.Edit(func(s *purpose.Spec) { s.Controller.FinancialYears = years })
	}
}

// actions of cases that have another name in the library.
var actions = map[string]purpose.Action{"collect": purpose.Collect, "read": purpose.Read, "use": purpose.Use, "store": purpose.Store, "share": purpose.Share,

	"decide": purpose.Decide, "forward": purpose.Share, "transfer": purpose.Share, "export": purpose.Share, "update": purpose.Store}

// request reads who asks for what.
func (w *World) request() {
	c, voc, req := w.Case.Request, &w.Notice.Vocabulary, &w.Request
	actor := c.Object("actor")
	w.rest("request.actor", actor, "role", "task", "org", "id")
	w.rest("request.about", c.Object("about"), "action", "at", "controller", "deadline_for", "fields", "purpose", "recipient", "role")
	if req.Principal.ID == "" {
		req.Principal.ID = or(actor.Text("id"), "actor")
	}
	req.Principal.Roles = actor.Texts("role")
	req.Principal.Tasks = actor.Texts("task")
	req.Principal.Organisation = w.Spec.Controller.Key
	if req.Action == 0 {
		req.Action = actions[c.Text("action")]
		if c.Text("action") == "update" && c.Text("source") != "" {
			req.Action = purpose.Collect
		}
	}
	if req.Action == purpose.Decide && !c.Has("decision") && req.Reviewer == "" && actor.Text("role") != "system" {
		req.Reviewer = req.Principal.ID // a person decides, unless the case says how
	}
	if req.Purpose == "" {
		//purposevet:purposes a case names its own
		req.Purpose = or(c.Text("purpose"), c.Object("about").Text("purpose"))
	}
	req.DataSubject = Person
	if s := c.Object("about").Text("controller"); voc.Controllers[s] != nil {
		w.try("request.about", "controller", s, voc.Controllers[s])
	}
	if r := c.Text("recipient"); r != "" {
		req.Recipient = or(voc.Recipients[r], r)
	}
	if org := actor.Text("org"); org != "" && (req.Recipient == "" || actor.Text("role") == "processor_operator") {
		req.Principal.Organisation = w.party(org)
	}
	if s := c.Text("statute"); s != "" {
		req.Statute = or(voc.Statutes[s], s)
		if itself, _ := w.hasFact("statute"); itself {
			w.try("request", "statute", s, State)
		}
	}
	if m := strings.TrimPrefix(c.Text("mechanism"), "mechanism:"); m != "" && m != "none" {
		if m == "art49" {
			m = purpose.Derogation.String()
		}
		if req.Mechanism.UnmarshalText([]byte(m)) != nil {
			w.Unmapped("request.mechanism")
		}
	}
	switch country := c.Text("country"); {
	case country == "" && req.Action == purpose.Share: // inside the controller's country
		if r := w.recipient(req.Recipient); r != nil && len(r.Countries) > 1 && slices.Contains(r.Countries, w.Spec.Controller.Country) {
			req.Country = w.Spec.Controller.Country
		}
	case country == "":
	case req.Action == purpose.Share:
		req.Country = country
	default:
		req.Principal.Country = country
	}
	if req.Dataset == "" && len(w.Spec.Datasets) > 0 {
		req.Dataset = voc.Dataset
	}
}

// party is the recipient of the register that an organisation is.
func (w *World) party(org string) string {
	voc := &w.Notice.Vocabulary
	if r := voc.Parties[org]; r != "" {
		return r
	}
	if w.recipient(org) != nil || org == w.Spec.Controller.Key || voc.Party == "" {
		return org
	}
	return voc.Party
}

func (w *World) recipient(key string) *purpose.Recipient {
	if i := slices.IndexFunc(w.Spec.Recipients, func(r purpose.Recipient) bool { return r.Key == key }); i >= 0 {
		return &w.Spec.Recipients[i]
	}
	return nil
}

// or is a, or b where a is empty.
func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
