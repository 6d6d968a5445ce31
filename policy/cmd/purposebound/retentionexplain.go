package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/purposebound/purposebound/purpose/retentionschedule"
	"github.com/purposebound/purposebound/retention"
)

// datum is what explain is asked about.
type datum struct {
	Category string `yaml:"category"`
	Events   []struct {
		Event string `yaml:"event"`
		At    string `yaml:"at"`
	} `yaml:"events"`
	Days []struct {
		Date string         `yaml:"date"`
		Day  retention.Date `yaml:"day"`
	} `yaml:"days"`
	Lengths []struct {
		Table  string           `yaml:"table"`
		Length retention.Period `yaml:"length"`
	} `yaml:"lengths"`
	Answers []struct {
		Question  string         `yaml:"question"`
		Necessary bool           `yaml:"necessary"`
		At        string         `yaml:"at"`
		ReviewBy  retention.Date `yaml:"review_by"`
	} `yaml:"answers"`
	Holds        []datumSpan `yaml:"holds"`
	Restrictions []datumSpan `yaml:"restrictions"`
}

type datumSpan struct {
	Ref   string `yaml:"ref"`
	From  string `yaml:"from"`
	Until string `yaml:"until"`
}

// word is one answer as it is printed.
type word struct {
	Purpose       string           `json:"purpose,omitempty"`
	Rule          string           `json:"rule,omitempty"`
	Status        retention.Status `json:"status"`
	Then          string           `json:"then,omitempty"`
	Reason        retention.Reason `json:"reason"`
	By            string           `json:"by,omitempty"` // the rule that decided
	Law           string           `json:"law,omitempty"`
	Clause        string           `json:"clause,omitempty"`
	Readable      *bool            `json:"readable,omitempty"` // of a purpose
	LastDay       retention.Date   `json:"last_day,omitzero"`
	FirstErasable time.Time        `json:"first_erasable,omitzero"`
	NextChange    time.Time        `json:"next_change,omitzero"`
	Future        bool             `json:"ignored_future,omitempty"`
}

func wordOf(purpose, rule string, a retention.Answer) word {
	w := word{Purpose: purpose, Rule: rule, Status: a.Status, Reason: a.Because.Reason, By: a.Because.Rule, Law: a.Because.Law,
		Clause: a.Because.Clause, LastDay: a.LastDay, FirstErasable: a.FirstErasable, NextChange: a.NextChange, Future: a.IgnoredFuture}
	if a.Status == retention.MustErase {
		w.Then = a.Then.String()
	}
	return w
}

// explanation is what -json prints.
type explanation struct {
	Category string    `json:"category"`
	At       time.Time `json:"at"`
	All      word      `json:"all"`
	Purposes []word    `json:"purposes"`
	Rules    []word    `json:"rules"`
}

func (x *retainer) explain(e *env, reg *register) error {
	if x.datum == "" {
		return usagef("name the file of the datum: -datum FILE")
	}
	if x.format != "" && x.format != "json" {
		return usagef("%q is no format of an explanation: json", x.format)
	}
	at, err := x.instant(reg.Zone())
	if err != nil {
		return err
	}
	var d datum
	if err := e.readYAML(x.datum, &d); err != nil {
		return err
	}
	facts, err := d.facts(reg.Zone(), reg.FinancialYears())
	if err != nil {
		return fmt.Errorf("%s: %w", x.datum, err)
	}
	table, err := retentionschedule.Table(reg.Register, "datum", retention.Layout{}, d.Category)
	if err != nil {
		return err
	}
	out := explanation{Category: d.Category, At: at.In(reg.Zone())}
	var all []retention.Answer
	for _, u := range table.Uses {
		if u.Category != d.Category {
			return fmt.Errorf("%s: category %q has others below it: name one of those", x.datum, d.Category)
		}
		a, err := retention.Decide(u.Rules, facts, at)
		if err != nil {
			return fmt.Errorf("%s: %w", x.datum, err)
		}
		all = append(all, a)
		w := wordOf(u.Purpose, "", a)
		w.Readable = &a.Readable
		out.Purposes = append(out.Purposes, w)
		for _, r := range u.Rules {
			if slices.ContainsFunc(out.Rules, func(w word) bool { return w.Rule == r.Key }) {
				continue
			}
			if a, err = r.Answer(facts, at); err != nil {
				return fmt.Errorf("%s: %w", x.datum, err)
			}
			out.Rules = append(out.Rules, wordOf("", r.Key, a))
		}
	}
	out.All = wordOf("", "", retention.Combine(all...))
	if e.json {
		return e.encode(out)
	}
	e.print("%s at %s\n\n", out.Category, out.At.Format(time.RFC3339))
	out.All.print(e, "the datum")
	e.print("\nPurposes\n")
	for _, w := range out.Purposes {
		w.print(e, w.Purpose)
	}
	e.print("\nRules, each alone\n")
	for _, w := range out.Rules {
		w.print(e, w.Rule)
	}
	return nil
}

func (w *word) print(e *env, name string) {
	e.print("  %s: %s", name, e.paint(bold, w.Status.String()))
	if w.Then != "" {
		e.print(" (%s)", w.Then)
	}
	e.print(", %s", w.Reason)
	if w.By != "" && w.By != w.Rule {
		e.print(" of %s", w.By)
	}
	if w.Clause != "" {
		e.print(" [%s]", w.Clause)
	}
	if w.Readable != nil && !*w.Readable {
		e.print(", not readable")
	}
	e.print("\n")
	if !w.LastDay.IsZero() {
		e.print("    last day kept %v, first erasable %s\n", w.LastDay, w.FirstErasable.Format(time.RFC3339))
	}
	if !w.NextChange.IsZero() {
		e.print("    next change %s\n", w.NextChange.Format(time.RFC3339))
	}
	if w.Future {
		e.print("    what is dated after the instant is ignored\n")
	}
}

// facts turns a datum into what is decided about. An error names the place and no value.
func (d *datum) facts(zone *time.Location, years retention.FinancialYears) (*retention.Facts, error) {
	f := &retention.Facts{Zone: zone, Years: years}
	var bad error
	read := func(list string, i int, text string) time.Time {
		t, ok := instantOf(text, zone)
		if !ok && bad == nil {
			bad = fmt.Errorf("%s[%d]: neither RFC 3339 nor a day", list, i)
		}
		return t
	}
	for i, v := range d.Events {
		f.Events = append(f.Events, retention.Event{Key: v.Event, At: read("events", i, v.At)})
	}
	for _, v := range d.Days {
		f.Days = append(f.Days, retention.GivenDay{Key: v.Date, Day: v.Day})
	}
	for _, v := range d.Lengths {
		f.Lengths = append(f.Lengths, retention.GivenLength{Table: v.Table, Length: v.Length})
	}
	for i, v := range d.Answers {
		f.Answers = append(f.Answers, retention.Necessity{Question: v.Question, Necessary: v.Necessary, At: read("answers", i, v.At), ReviewBy: v.ReviewBy})
	}
	spans := func(name string, list []datumSpan) (out []retention.Span) {
		for i, v := range list {
			s := retention.Span{Ref: v.Ref, From: read(name, i, v.From)}
			if v.Until != "" {
				s.Until = read(name, i, v.Until)
			}
			out = append(out, s)
		}
		return out
	}
	f.Holds, f.Restrictions = spans("holds", d.Holds), spans("restrictions", d.Restrictions)
	if bad != nil {
		return nil, bad
	}
	return f, f.Check()
}

var yamlLine = regexp.MustCompile(`line \d+`)

// readYAML reads one document strictly. The error has the line and not the text, which may quote values.
func (e *env) readYAML(file string, into any) error {
	var text []byte
	var err error
	if file == "-" {
		text, err = io.ReadAll(io.LimitReader(e.stdin, maxRequest+1))
	} else {
		text, err = readFile(file, maxRequest)
	}
	if err != nil {
		return err
	}
	if len(text) > maxRequest {
		return fmt.Errorf("%s: more than %d bytes", file, maxRequest)
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	switch err := dec.Decode(into); {
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%s: empty", file)
	case err != nil:
		where := yamlLine.FindString(err.Error())
		if where == "" {
			where = "somewhere"
		}
		return fmt.Errorf("%s: %s: an unknown key, or a value that does not belong there", file, where)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: more than one document", file)
	}
	return nil
}
