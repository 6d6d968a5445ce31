package ropa

import (
	"slices"
	"strconv"
	"strings"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// line is one point of the record in words.
type line struct {
	Point string // of Art. 30; empty: beside it
	What  string
	Items []string // none: Else
	Else  string
}

// lines is a processing activity as controller, point by point.
func (a *Activity) lines() []line {
	return append([]line{
		{"30(1)(b)", "Purposes", namedWords(a.Purposes), ""},
		{"30(1)(c)", "Data subjects", namedWords(a.DataSubjects), ""},
		{"30(1)(c)", "Personal data", categoryWords(a.Categories), ""},
		{"30(1)(d)", "Recipients", words(a.Recipients, (*Recipient).words), "nobody"},
		{"30(1)(e)", "Transfers to third countries", words(a.Transfers, (*Transfer).words), "none"},
		{"30(1)(f)", "Time limits for erasure", words(a.Limits, (*Limit).words), ""},
		{"30(1)(g)", "Security measures", []string{"those of all activities, stated below"}, ""},
	}, a.beside()...)
}

// beside is what the article does not ask for and a reader wants to know.
func (a *Activity) beside() []line {
	list := []line{
		{"", "Legal basis", words(a.Bases, (*Ground).words), ""},
		{"", "Operations", []string{joined(a.Actions)}, ""},
		{"", "Sources", namedWords(a.Sources), "nothing is collected for it"},
	}
	if len(a.Further) > 0 {
		list = append(list, line{"", "Further use, Art. 6(4)", words(a.Further, (*Further).words), ""})
	}
	if len(a.Extras) > 0 {
		list = append(list, line{"", "Extra grounds", words(a.Extras, (*Extra).words), ""})
	}
	if len(a.Conditions) > 0 {
		list = append(list, line{"", "Only if", a.Conditions, ""})
	}
	if a.Automated != purpose.NotAutomated {
		items := []string{automatedWords[a.Automated]}
		items = append(append(items, some(a.Logic)...), some(a.Effects)...)
		list = append(list, line{"", "Solely automated decisions", items, ""})
	}
	if a.Registration != "" {
		list = append(list, line{"", "Entered in the public register", []string{a.Registration}, ""})
	}
	if len(a.Notices) > 0 {
		list = append(list, line{"", "Notice versions", a.Notices, ""})
	}
	if a.Assumed {
		list = append(list, line{"", "Assumed", []string{a.Note}, ""})
	} else if a.Note != "" {
		list = append(list, line{"", "Note", []string{a.Note}, ""})
	}
	return list
}

// lines is processing on behalf of another, point by point.
func (m *Mandate) lines() []line {
	done := make([]string, len(m.Processing))
	for i := range m.Processing {
		a := &m.Processing[i]
		done[i] = mark(a.Named.words()+": "+joined(a.Actions)+"; data: "+titles(a.Categories), a.Assumed)
	}
	return []line{
		{"30(2)(a)", "On behalf of", []string{m.Controller + ", " + m.Contact}, ""},
		{"30(2)(b)", "Categories of processing", done, ""},
		{"30(2)(b)", "Instructed purposes", namedWords(m.Purposes), ""},
		{"30(2)(c)", "Transfers to third countries", words(m.Transfers, (*Transfer).words), "none"},
		{"30(2)(d)", "Security measures", []string{"those of all activities, stated below"}, ""},
	}
}

// lines is Art. 30(1)(a) and 30(2)(a).
func (c *Controller) lines() []line {
	return []line{
		{"30(1)(a)", "Name", []string{c.Name}, ""},
		{"30(1)(a)", "Contact", []string{c.Contact}, ""},
		{"", "Country", []string{c.Country}, ""},
		{"30(1)(a)", "Joint controllers", c.Joint, "none"},
		{"30(1)(a)", "Representative", some(c.Representative), "none"},
		{"30(1)(a)", "Data protection officer", some(c.Officer), "none named"},
		{"", "Supervisory authority", some(c.Authority), "not said"},
	}
}

func some(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func words[T any](list []T, say func(*T) string) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = say(&list[i])
	}
	return out
}

func namedWords(list []Named) []string { return words(list, (*Named).words) }

func (n *Named) words() string {
	s := n.Title + " (" + n.Key + ")"
	if n.Clause != "" {
		s += ", " + n.Clause
	}
	return s
}

func categoryWords(list []Category) []string { return words(list, (*Category).words) }

func (c *Category) words() string {
	if w := classWords[c.Class]; w != "" {
		return c.Named.words() + ": " + w
	}
	return c.Named.words()
}

// titles lists categories on one line.
func titles(list []Category) string {
	return strings.Join(words(list, func(c *Category) string { return c.Title }), ", ")
}

func joined[T interface{ String() string }](list []T) string {
	return strings.Join(words(list, func(x *T) string { return (*x).String() }), ", ")
}

// mark tells what is assumed; the remarks say why.
func mark(s string, assumed bool) string {
	if assumed {
		return s + " (assumed)"
	}
	return s
}

func (r *Recipient) words() string {
	s := r.Named.words() + ": " + kindWords[r.Kind] + " in " + countries(r.Countries)
	if r.Agreement != "" {
		s += "; under " + r.Agreement
	}
	if len(r.Categories) > 0 {
		s += "; gets " + titles(r.Categories)
	}
	if r.Via != "" {
		s += "; only what was obtained for this too: " + r.Via
	}
	if len(r.Conditions) > 0 {
		s += "; only if " + strings.Join(r.Conditions, " and ")
	}
	return mark(s, r.Assumed)
}

func (t *Transfer) words() string {
	s := t.Recipient.Title + " (" + t.Recipient.Key + ") in " + countries(t.Countries) + ": " + mechanismWords[t.Mechanism]
	if t.Claim.Basis.Valid() {
		s += ", " + t.Claim.Basis.String()
	}
	s += ", " + t.Reference
	if t.From != "" {
		s += ", from " + t.From
	}
	if t.Through != "" {
		s += ", through " + t.Through
	}
	return s
}

func (l *Limit) words() string {
	s := l.Clock() + "; for " + titles(l.Categories)
	if len(l.Purposes) > 0 {
		s += "; for the purposes " + strings.Join(words(l.Purposes, func(n *Named) string { return n.Title }), ", ")
	}
	s += "; rule " + l.Rule
	if l.Law.Title != "" {
		s += ", " + l.Law.Title
	}
	if l.Clause != "" {
		s += ", " + l.Clause
	}
	return mark(s, l.Assumed)
}

// Covers reports whether the activity keeps a category, a leaf or a node, under the rule.
func (l *Limit) Covers(category string) bool {
	return slices.ContainsFunc(l.Categories, func(c Category) bool {
		return c.Key == category || strings.HasPrefix(c.Key, category+".")
	})
}

// Clock says in words when the data goes, whatever data it is.
func (l *Limit) Clock() string {
	var s string
	then := thenWords[l.Then]
	switch {
	case l.Transient:
		s = "used and never stored, " + then + " at " + l.Starts
	case l.Question != "":
		s = "kept while a person records that it is necessary (" + l.Question + "), asked again after " + length(l.Review) + ", then " + then
	case l.Table != "":
		s = then + " as the table " + l.Table + " says, counted from " + l.Starts
	case l.Ceiling.Immediate():
		s = then + " at once after " + l.Starts
	case !l.Ceiling.IsZero():
		s = then + " at most " + length(l.Ceiling) + l.counted() + " after " + l.Starts
	}
	if !l.Floor.IsZero() {
		if s != "" {
			s += "; "
		}
		s += "kept at least " + length(l.Floor) + l.counted()
		if l.limits() {
			s += " from then"
		} else {
			s += " after " + l.Starts
		}
	}
	if l.Condition != "" {
		s += "; if " + l.Condition
	}
	return s
}

func (l *Limit) counted() string {
	if l.Unit == retention.ElapsedTime {
		return " of 24 hours a day"
	}
	return ""
}

func (g *Ground) words() string {
	k := &g.Claim
	s := basisWords[k.Basis]
	if k.Explicit {
		s += ", explicit"
	}
	if k.Scope != "" {
		s += ", scope " + k.Scope
	}
	if k.Relation != "" {
		s += ", relation " + k.Relation
	}
	if len(k.Stages) > 0 {
		s += ", when " + joined(k.Stages)
	}
	if len(k.Capacities) > 0 {
		s += ", of " + strings.Join(k.Capacities, ", ")
	}
	if len(g.Laws) > 0 {
		s += ", " + strings.Join(words(g.Laws, func(n *Named) string { return n.Title }), ", ")
	}
	if k.Interest != "" {
		s += ": " + k.Interest
	}
	if g.Assessment != "" {
		s += "; " + g.Assessment
	}
	if k.Clause != "" {
		s += ", " + k.Clause
	}
	for i := range g.And {
		s += "; and " + g.And[i].words()
	}
	return mark(s, k.Assumed)
}

func (e *Extra) words() string {
	s := classWords[e.Class] + ": " + e.Cite
	if len(e.Categories) > 0 {
		s += ", for " + titles(e.Categories)
	}
	if e.Clause != "" {
		s += ", " + e.Clause
	}
	if e.Ground.Claim.Basis.Valid() {
		s += "; " + e.Ground.words()
	}
	return s
}

// countries lists codes, with the members of the EEA as one where all of them are there.
func countries(list []string) string {
	all := members()
	if slices.ContainsFunc(all, func(c string) bool { return !slices.Contains(list, c) }) {
		return strings.Join(list, ", ")
	}
	rest := []string{"the EEA"}
	for _, c := range list {
		if !slices.Contains(all, c) {
			rest = append(rest, c)
		}
	}
	return strings.Join(rest, ", ")
}

// members of the EEA.
func members() (list []string) {
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if c := string([]rune{a, b}); purpose.EEA.Contains(c) {
				list = append(list, c)
			}
		}
	}
	return list
}

var units = map[byte]string{'Y': "year", 'M': "month", 'W': "week", 'D': "day"}

// length is a period in words: "1 year and 6 months".
func length(p retention.Period) string {
	text := strings.TrimPrefix(p.String(), "P")
	var parts []string
	for text != "" {
		i := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
		if i <= 0 || units[text[i]] == "" {
			return p.String()
		}
		n, unit := text[:i], units[text[i]]
		if v, err := strconv.Atoi(n); err != nil || v != 1 {
			unit += "s"
		}
		parts = append(parts, n+" "+unit)
		text = text[i+1:]
	}
	return strings.Join(parts, " and ")
}

var (
	basisWords = map[basis.Basis]string{
		basis.Consent: "Art. 6(1)(a) consent", basis.Contract: "Art. 6(1)(b) contract", basis.LegalObligation: "Art. 6(1)(c) legal obligation",
		basis.VitalInterests: "Art. 6(1)(d) vital interests", basis.PublicTask: "Art. 6(1)(e) public task",
		basis.LegitimateInterests: "Art. 6(1)(f) legitimate interests",
	}
	classWords = map[purpose.Class]string{
		purpose.Confidential: "confidential", purpose.Special: "special category, Art. 9", purpose.Criminal: "criminal convictions and offences, Art. 10",
		purpose.NationalID: "national identification number, Art. 87", purpose.ThirdParty: "about other persons", purpose.Anonymous: "about no identifiable person",
	}
	kindWords = map[purpose.RecipientKind]string{
		purpose.Processor: "processor", purpose.JointController: "joint controller", purpose.SeparateController: "controller of its own",
		purpose.Authority: "public authority", purpose.Group: "company of the same group",
	}
	mechanismWords = map[purpose.Mechanism]string{
		purpose.Adequacy: "adequacy decision, Art. 45(3)", purpose.SCC: "standard contractual clauses, Art. 46(2)(c)",
		purpose.BCR: "binding corporate rules, Art. 46(2)(b)", purpose.Derogation: "derogation, Art. 49(1)",
	}
	automatedWords = map[purpose.Automation]string{
		purpose.ForContract: "necessary for the contract, Art. 22(2)(a)", purpose.ByLaw: "authorised by law, Art. 22(2)(b)",
		purpose.ExplicitConsent: "explicit consent, Art. 22(2)(c)",
	}
	thenWords = map[retention.Then]string{retention.Erase: "erased", retention.Anonymise: "anonymised", retention.Restrict: "restricted to storage"}
)
