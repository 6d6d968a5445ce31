package oracle_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// The keys that every generated register declares, so that struct tags can speak of them. What hangs on
// them is random.
var (
	leafPurposes = []string{"service.contract", "service.support", "marketing.email", "marketing.profile", "legal.aml", "legal.tax",
		"risk.score", "risk.fraud"}
	disclosed  = "handover"
	categories = []string{"contact.name", "contact.email", "address.city", "address.street", "finance.income", "finance.iban",
		"finance.score", "health.note", "crime.record", "ids.cpr", "social.friend", "meta.stat"}
	capacityKeys   = []string{"customer", "applicant", "guarantor", "visitor"}
	eventKeys      = []string{"applied", "signed", "ended", "settled", "paid", "visited", "case-closed", "guaranteed"}
	sourceKeys     = []string{"self", "bureau", "public"}
	lawKeys        = []string{"law.aml", "law.tax", "law.id", "law.old"}
	assessmentKeys = []string{"lia.service", "lia.risk", "lia.all"}
	scopeKeys      = []string{"newsletter", "profiling", "sensitive", "services"}
	recipientKeys  = []string{"proc", "proc-ledger", "joint", "other", "auth", "grp"}
	tagRule        = "tag-rule"
)

// above lists the nodes of a dotted tree from a key to its root.
func above(key string) []string {
	list := []string{key}
	for i := strings.LastIndexByte(key, '.'); i > 0; i = strings.LastIndexByte(key, '.') {
		key = key[:i]
		list = append(list, key)
	}
	return list
}

// builder makes one register.
type builder struct {
	dice
	s *purpose.Spec
}

// generateSpec is a register that is mostly in order; Compile has the last word.
func generateSpec(d dice) purpose.Spec {
	b := builder{d, new(purpose.Spec)}
	b.controller()
	b.trees()
	b.vocabulary()
	b.scopes()
	b.recipients()
	b.retention()
	for i := range b.between(3, 7) {
		b.activity(i)
	}
	b.refusals()
	return *b.s
}

// day is a date of the years around the present of the worlds.
func (b builder) day(from, to int) string {
	return fmt.Sprintf("%04d-%02d-%02d", b.between(from, to), b.between(1, 12), b.between(1, 28))
}

// span is a validity that mostly holds today.
func (b builder) span() (from, through string) {
	from = b.day(2010, 2016)
	if b.chance(0.15) {
		from = b.day(2017, 2024)
	}
	if b.chance(0.15) {
		through = b.day(2026, 2030)
	} else if b.chance(0.1) {
		through = b.day(2025, 2026)
	}
	return from, through
}

func (b builder) controller() {
	b.s.Controller = purpose.Controller{Name: "Acme", Country: "DK",
		Zone: pick(b.dice, "Europe/Copenhagen", "UTC", "Europe/Helsinki", "America/New_York")}
	if b.chance(0.1) {
		b.s.Controller.Country = "US"
	}
	if b.chance(0.4) {
		b.s.Controller.Key = "acme"
	}
	if b.chance(0.15) {
		b.s.Controller.Conditions = []purpose.Condition{b.condition()}
	}
	n := b.between(1, 3)
	for i := range n {
		v := purpose.Notice{Version: fmt.Sprintf("v%d", i+1), From: fmt.Sprintf("%d-%02d-01", 2012+4*i, b.between(1, 12))}
		if i == 0 && n > 1 || b.chance(0.85) {
			v.ObjectionClause = "9"
		}
		if b.chance(0.06) {
			v.Through = fmt.Sprintf("%d-11-30", 2014+4*i)
		}
		b.s.Notices = append(b.s.Notices, v)
	}
}

func (b builder) trees() {
	for _, k := range leafPurposes {
		b.s.Purposes = append(b.s.Purposes, purpose.Purpose{Key: k, ConsentOnly: k == "marketing.profile" && b.chance(0.3)})
	}
	if b.chance(0.85) {
		b.s.Purposes = append(b.s.Purposes, purpose.Purpose{Key: "marketing", Marketing: true})
	} else {
		b.s.Purposes[2].Marketing = true
	}
	if b.chance(0.2) {
		b.s.Purposes = append(b.s.Purposes, purpose.Purpose{Key: "service.contract.audit"}, purpose.Purpose{Key: "service.contract.copy", Marketing: b.chance(0.3)})
	}
	b.s.Purposes = append(b.s.Purposes, purpose.Purpose{Key: disclosed, Disclosure: true})
	classes := map[string]purpose.Class{"health": purpose.Special, "crime": purpose.Criminal, "ids": purpose.NationalID,
		"social": purpose.ThirdParty, "meta": purpose.Anonymous, "finance": purpose.Confidential}
	for _, root := range []string{"contact", "address", "finance", "health", "crime", "ids", "social", "meta"} {
		b.s.Categories = append(b.s.Categories, purpose.Category{Key: root, Class: classes[root]})
	}
	for _, k := range categories {
		c := purpose.Category{Key: k}
		if b.chance(0.06) {
			c.Class = purpose.Class(b.between(1, 7))
		}
		b.s.Categories = append(b.s.Categories, c)
	}
	if b.chance(0.3) {
		b.s.Categories = append(b.s.Categories, purpose.Category{Key: "contact.phone"}, purpose.Category{Key: "contact.phone.home"})
	}
}

func (b builder) vocabulary() {
	s := b.s
	for _, k := range capacityKeys {
		s.Capacities = append(s.Capacities, purpose.Capacity{Key: k})
	}
	relation := pick(b.dice, "", "lease", "lease")
	s.Events = []purpose.Event{
		{Key: "applied", Relation: relation, Stage: basis.Applied, Gives: []string{"applicant"}},
		{Key: "signed", Relation: relation, Stage: basis.Active, Gives: []string{"customer"}, Ends: maybe(b.dice, 0.5, 1, 1, "applicant")},
		{Key: "ended", Relation: relation, Stage: basis.Ended, Ends: maybe(b.dice, 0.3, 1, 1, "customer")},
		{Key: "settled", Relation: relation, Stage: basis.Settled},
		{Key: "paid"},
		{Key: "visited", Relation: pick(b.dice, "", "visit"), Stage: pick(b.dice, 0, basis.Enquiry), Gives: []string{"visitor"}},
		{Key: "case-closed"},
		{Key: "guaranteed", Relation: "guarantee", Stage: basis.Active, Gives: []string{"guarantor"}},
	}
	s.Facts = []purpose.Fact{
		{Key: "urgent", Type: purpose.Bool}, {Key: "channel", Type: purpose.Text, Values: []string{"phone", "mail", "web"}},
		{Key: "amount", Type: purpose.Int}, {Key: "since", Type: purpose.Instant},
		{Key: "flags", Type: purpose.TextList, Values: []string{"a", "b", "c"}}, {Key: "note", Type: purpose.Text},
	}
	for _, k := range sourceKeys {
		s.Sources = append(s.Sources, purpose.Source{Key: k})
	}
	for _, k := range lawKeys {
		l := purpose.Law{Key: k}
		if l.From, l.Through = b.span(); b.chance(0.3) {
			l.From = ""
		}
		if k == "law.old" {
			l.Through = "2022-06-30"
		}
		s.Laws = append(s.Laws, l)
	}
	for i, k := range assessmentKeys {
		a := purpose.Assessment{Key: k, Reference: "dms-1", Purposes: [][]string{{"service", "legal"}, {"risk"}, {"service", "marketing", "legal", "risk"}}[i]}
		a.From, a.Through = b.span()
		a.Ledger = b.chance(0.15)
		s.Assessments = append(s.Assessments, a)
	}
}

func (b builder) leaf() string {
	k := pick(b.dice, leafPurposes...)
	if b.isLeaf(k) {
		return k
	}
	return k + ".audit"
}

func (b builder) isLeaf(key string) bool {
	return !slices.ContainsFunc(b.s.Purposes, func(p purpose.Purpose) bool { return strings.HasPrefix(p.Key, key+".") })
}

func (b builder) version() string { return pick(b.dice, b.s.Notices...).Version }

func (b builder) scopes() {
	for i, k := range scopeKeys {
		sc := purpose.Scope{Key: k, Explicit: k == "sensitive" || b.chance(0.3)}
		seen := []string{[]string{"marketing.email", "marketing.profile", b.leaf(), b.leaf()}[i]}
		for range b.between(0, 2) {
			if l := b.leaf(); !slices.Contains(seen, l) {
				seen = append(seen, l)
			}
		}
		for _, l := range seen {
			p := purpose.ScopedPurpose{Purpose: l}
			if b.chance(0.3) {
				p.Since = b.version()
			}
			sc.Purposes = append(sc.Purposes, p)
		}
		sc.Recipients = maybe(b.dice, 0.5, 1, 3, recipientKeys...)
		b.s.Scopes = append(b.s.Scopes, sc)
	}
}

// condition is one on a random fact.
func (b builder) condition() purpose.Condition {
	switch b.IntN(6) {
	case 0:
		return purpose.Condition{Fact: "urgent", Is: pick(b.dice, nil, []purpose.Value{purpose.True()}, []purpose.Value{purpose.False()})}
	case 1:
		var is []purpose.Value
		for _, v := range some(b.dice, 1, 2, "phone", "mail", "web") {
			is = append(is, purpose.TextValue(v))
		}
		return purpose.Condition{Fact: "channel", Is: is}
	case 2:
		return purpose.Condition{Fact: "amount", Is: pick(b.dice, nil, []purpose.Value{purpose.IntValue(7), purpose.IntValue(0)})}
	case 3:
		return purpose.Condition{Fact: "since"}
	case 4:
		return purpose.Condition{Fact: "flags", Is: pick(b.dice, nil, []purpose.Value{purpose.TextsValue("a"), purpose.TextsValue("b", "c")})}
	}
	return purpose.Condition{Fact: "note"}
}

func (b builder) conditions(p float64) []purpose.Condition {
	if !b.chance(p) {
		return nil
	}
	return []purpose.Condition{b.condition()}
}

// refusals are prohibitions, locks and the edges between purposes.
func (b builder) refusals() {
	s := b.s
	for i := range b.between(0, 2) {
		p := purpose.Prohibition{Key: fmt.Sprintf("ban-%d", i), Clause: "8", Categories: []string{b.node(pick(b.dice, categories...))}, Unless: b.conditions(0.4)}
		p.Actions = maybe(b.dice, 0.5, 1, 2, purpose.Read, purpose.Use, purpose.Share, purpose.Decide)
		p.Recipients = maybe(b.dice, 0.4, 1, 2, recipientKeys...)
		p.Purposes = maybe(b.dice, 0.6, 1, 2, "marketing", "risk", "service.contract", "legal.aml")
		p.Obligations = maybe(b.dice, 0.5, 1, 1, "send-back", "notify")
		s.Prohibited = append(s.Prohibited, p)
	}
	for i := range b.between(0, 1) {
		s.Locks = append(s.Locks, purpose.Lock{Key: fmt.Sprintf("lock-%d", i), Categories: []string{b.node(pick(b.dice, categories...))},
			Purposes: some(b.dice, 1, 3, "legal", "legal.aml", "service", "risk", "risk.fraud", "marketing"), Law: pick(b.dice, lawKeys...)})
	}
	for range b.between(0, 4) {
		from, to := b.leaf(), b.leaf()
		if b.consentOnly([]string{from}) {
			continue
		}
		s.Compatible = append(s.Compatible, purpose.Compatible{From: from, To: to, Assessment: pick(b.dice, "lia.all", "lia.all", "lia.risk"),
			Categories: maybe(b.dice, 0.4, 1, 3, "contact", "finance", "address.city", "ids", "health")})
	}
	for i, n := 0, b.between(-3, 3); i < n; i++ {
		d := purpose.Dataset{Key: fmt.Sprintf("data-%d", i), Role: pick(b.dice, purpose.AsController, purpose.AsController, purpose.AsProcessor, purpose.AsJointController)}
		d.Purposes = maybe(b.dice, 0.5, 2, 3, "service", "legal", "risk", "marketing")
		if d.Role == purpose.AsProcessor {
			d.OnBehalfOf, d.Purposes = "client", some(b.dice, 3, 4, "service", "legal", "risk", "marketing")
		}
		s.Datasets = append(s.Datasets, d)
	}
}

// node is a key or, half the time, its root.
func (b builder) node(key string) string {
	up := above(key)
	return pick(b.dice, key, up[len(up)-1])
}

// retentionRule with a clock; the anchors are those that the oracle counts.
func (b builder) clock(key string, anchor retention.AnchorKind) retention.Rule {
	r := retention.Rule{Key: key, Clause: "5", Anchor: retention.Anchor{Kind: anchor, Events: some(b.dice, 1, 2, eventKeys...)}}
	if b.chance(0.15) {
		r.Anchor.Events[0] = purpose.EventCollected
	}
	if anchor == retention.OnLaterOf {
		r.Anchor.Events = some(b.dice, 2, 2, eventKeys...)
	}
	if b.chance(0.1) && !strings.HasPrefix(key, "general") {
		r.Anchor = retention.Anchor{Kind: retention.OnGivenDate, Date: "since"}
	}
	long := []string{"P5Y", "P3Y", "P18M", "P10Y", "P8Y", "P1M", "P25M", "P30M", "P42M", "P54M", "P66M", "P7Y6M", "P90D", "P2W", "P12Y"}
	r.Ceiling = retention.MustPeriod(pick(b.dice, long...))
	switch b.IntN(5) {
	case 0:
		r.Law, r.Floor, r.Ceiling = "law.tax", retention.MustPeriod("P1Y"), retention.MustPeriod("P7Y")
	case 1:
		r.Law, r.Floor, r.Ceiling = "law.aml", r.Ceiling, retention.Period{}
	}
	if anchor != retention.OnCalendarYearEnd && r.Anchor.Kind == anchor && r.Floor.IsZero() && b.chance(0.15) {
		r.Unit, r.Ceiling = retention.ElapsedTime, retention.MustPeriod(pick(b.dice, "P400D", "P52W", "P1000D"))
	}
	if b.chance(0.2) {
		r.When.Happened = some(b.dice, 1, 1, "signed", "applied", "paid")
	} else if b.chance(0.2) {
		r.When.NotHappened = some(b.dice, 1, 1, "settled", "visited", "case-closed")
	}
	return r
}

func (b builder) retention() {
	s := b.s
	anchors := []retention.AnchorKind{retention.OnEvent, retention.OnLastActivity, retention.OnCalendarYearEnd, retention.OnLaterOf}
	general := b.clock("general", pick(b.dice, anchors...))
	general.When = retention.Condition{}
	s.Retention = append(s.Retention, general, b.clock(tagRule, pick(b.dice, anchors...)))
	for i := range b.between(1, 3) {
		s.Retention = append(s.Retention, b.clock(fmt.Sprintf("clock-%d", i), pick(b.dice, anchors...)))
	}
	s.Retention = append(s.Retention,
		retention.Rule{Key: "needed", Clause: "5", Criterion: retention.Criterion{Question: "needed", Review: retention.MustPeriod(pick(b.dice, "P1Y", "P6M"))}},
		retention.Rule{Key: "passing", Clause: "5", Transient: true, Anchor: retention.Anchor{Kind: retention.OnEvent, Events: []string{"case-closed"}}})
	for i := 2; i < len(s.Retention); i++ {
		s.Retention[i].Categories = maybe(b.dice, 0.4, 2, 5, "contact", "finance", "address", "health", "crime", "ids", "social", "meta")
	}
}
