package regopolicy

import (
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// instantLayout is the form of instants: of one width, so that texts compare as the instants do.
const instantLayout = "2006-01-02T15:04:05.000000000Z"

// item is an entry of an object.
type item = [2]*ast.Term

// builder makes the input document of one request: what rules read, and of that what is stated.
type builder struct {
	*Policy
	in   *policy.Input
	view *view
}

// build is the whole document. The request has been found fit.
func (b *builder) build() ast.Value {
	t, req := b.terms, b.in.Request
	p := t.purposeOf(b.reg.Purposes(), b.in.Purpose)
	items := append(make([]item, 0, 12), item{t.action, t.actions[req.Action]}, item{t.purpose, p.leaf}, item{t.purposes, p.line})
	if b.reads.fields {
		items = append(items, item{t.fields, b.view.requested(b.in.Fields.And(b.view.all))})
	}
	if b.reads.notice {
		items = with(items, t.notice, t.stated(b.in.Notice))
	}
	if b.reads.dataset {
		items = with(items, t.dataset, t.stated(req.Dataset))
	}
	if b.reads.reviewer {
		items = with(items, t.reviewer, t.stated(req.Reviewer))
	}
	if b.reads.capacities {
		items = with(items, t.capacities, t.statedList(b.in.Capacities))
	}
	var room [8]item
	if b.reads.principal {
		items = section(items, t.principal, b.principal(room[:0]))
	}
	if b.reads.recipient && req.Action == purpose.Share {
		items = section(items, t.recipient, b.recipient(room[:0]))
	}
	if b.reads.facts {
		items = section(items, t.facts, b.factItems(room[:0]))
	}
	if b.reads.time {
		items = section(items, t.time, b.time(room[:0]))
	}
	return ast.NewObject(items...)
}

// section adds an object unless it is empty.
func section(items []item, key *ast.Term, parts []item) []item {
	if len(parts) == 0 {
		return items
	}
	return append(items, item{key, ast.NewTerm(ast.NewObject(parts...))})
}

// with adds an entry if it is stated.
func with(items []item, key, value *ast.Term) []item {
	if value == nil {
		return items
	}
	return append(items, item{key, value})
}

func (b *builder) principal(items []item) []item {
	t, p := b.terms, &b.in.Request.Principal
	if b.reads.id {
		items = with(items, t.id, t.stated(p.ID))
	}
	if b.reads.roles {
		items = with(items, t.roles, t.statedList(p.Roles))
	}
	if b.reads.tasks {
		items = with(items, t.tasks, t.statedList(p.Tasks))
	}
	if b.reads.organisation {
		items = with(items, t.organisation, t.stated(p.Organisation))
	}
	if b.reads.country {
		items = with(items, t.country, t.stated(p.Country))
	}
	return items
}

// recipient is asked for where something is shared.
func (b *builder) recipient(items []item) []item {
	t, in := b.terms, b.in
	items = with(items, t.key, t.stated(in.Request.Recipient))
	if k := int(in.RecipientKind); k < len(t.kinds) {
		items = with(items, t.kind, t.kinds[k])
	}
	return with(items, t.country, t.stated(in.Country))
}

func (b *builder) time(items []item) []item {
	t, at := b.terms, b.in.Request.At
	local := at.In(b.reg.Zone())
	if b.reads.at {
		items = append(items, item{t.at, instantTerm(at)})
	}
	if b.reads.date {
		items = append(items, item{t.date, ast.StringTerm(local.Format(time.DateOnly))})
	}
	if b.reads.hour {
		items = append(items, item{t.hour, ast.InternedTerm(local.Hour())})
	}
	if b.reads.minute {
		items = append(items, item{t.minute, ast.InternedTerm(local.Minute())})
	}
	if b.reads.weekday {
		items = append(items, item{t.weekday, ast.InternedTerm((int(local.Weekday())+6)%7 + 1)})
	}
	return items
}

// factItems are the facts that are stated once and with the declared type.
func (b *builder) factItems(items []item) []item {
	facts := b.in.Request.Facts
	if len(facts) > maxList {
		return items
	}
	for i := range facts {
		typ, read := b.facts[facts[i].Fact]
		if !read || facts[i].Value.Type() != typ || repeated(facts, i) {
			continue
		}
		items = with(items, b.terms.factKeys[facts[i].Fact], b.terms.valueOf(facts[i].Value))
	}
	return items
}

func repeated(facts purpose.Facts, i int) bool {
	for j := range facts {
		if j != i && facts[j].Fact == facts[i].Fact {
			return true
		}
	}
	return false
}

// valueOf is the value of a fact, nil where it counts as not stated.
func (t *terms) valueOf(v purpose.Value) *ast.Term {
	switch v.Type() {
	case purpose.Bool:
		return ast.InternedTerm(v.Bool())
	case purpose.Int:
		return ast.NumberTerm(json.Number(strconv.FormatInt(v.Int(), 10)))
	case purpose.Instant:
		if !inRange(v.Instant()) {
			return nil
		}
		return instantTerm(v.Instant())
	case purpose.TextList:
		if len(v.Texts()) == 0 {
			return ast.ArrayTerm()
		}
		return t.statedList(v.Texts())
	case purpose.Text:
		if v.Text() == "" {
			return ast.StringTerm("")
		}
		return t.stated(v.Text())
	}
	return nil
}

// counts reports whether a text counts as stated.
func counts(s string) bool { return s != "" && len(s) <= maxText && utf8.ValidString(s) }

// stated is a text, nil where it is empty or counts as not stated.
func (t *terms) stated(s string) *ast.Term {
	if !counts(s) {
		return nil
	}
	return t.text(s)
}

// statedList is a list of texts, nil where it is empty or counts as not stated.
func (t *terms) statedList(list []string) *ast.Term {
	if len(list) == 0 || len(list) > maxList {
		return nil
	}
	items := make([]*ast.Term, len(list))
	for i, s := range list {
		if len(s) > maxText || !utf8.ValidString(s) {
			return nil
		}
		items[i] = t.text(s)
	}
	return ast.NewTerm(ast.NewArray(items...))
}

// inRange reports whether an instant can be reckoned with in nanoseconds, a century or two to spare.
func inRange(t time.Time) bool {
	y := t.UTC().Year()
	return y >= 1700 && y <= 2200
}

func instantTerm(t time.Time) *ast.Term { return ast.StringTerm(t.UTC().Format(instantLayout)) }
