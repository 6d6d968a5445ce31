package check

import (
	"cmp"
	"strconv"
	"strings"
)

// advice passes on what the register itself deems worth a look.
func (c *checker) advice() {
	for _, p := range c.reg.Advice() {
		f := Finding{Code: "register." + p.Code, Severity: Warning, Message: p.Message, Path: p.Path, Clause: c.clause(p.Path), File: p.File, Line: p.Line, Column: p.Column}
		switch {
		case p.Code == "assumed":
			f.Code, f.Severity = p.Code, Note
		case p.Code == "counsel", p.Code == "unused" && strings.HasPrefix(p.Path, "facts["): // facts are for policies too
			f.Severity = Note
		}
		c.add(f)
	}
}

// clause is that of the entry which a path leads to or into: for what has none, the law or document that it names.
func (c *checker) clause(path string) string {
	list, rest, _ := strings.Cut(path, "[")
	number, _, _ := strings.Cut(rest, "]")
	i, err := strconv.Atoi(number)
	s := &c.spec
	switch {
	case err != nil || i < 0:
	case list == "activities" && i < len(s.Activities):
		return s.Activities[i].Clause
	case list == "recipients" && i < len(s.Recipients):
		return s.Recipients[i].Clause
	case list == "retention" && i < len(s.Retention):
		return cmp.Or(s.Retention[i].Clause, s.Retention[i].Law)
	case list == "assessments" && i < len(s.Assessments):
		return s.Assessments[i].Reference
	case list == "purposes" && i < len(s.Purposes):
		return s.Purposes[i].Clause
	case list == "categories" && i < len(s.Categories):
		return s.Categories[i].Clause
	case list == "capacities" && i < len(s.Capacities):
		return s.Capacities[i].Clause
	case list == "facts" && i < len(s.Facts):
		return s.Facts[i].Clause
	case list == "sources" && i < len(s.Sources):
		return s.Sources[i].Clause
	case list == "scopes" && i < len(s.Scopes):
		return s.Scopes[i].Clause
	}
	return ""
}
