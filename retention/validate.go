package retention

import (
	"fmt"
	"slices"
	"strings"
)

// Code is the stable code of a [Problem].
type Code string

// Codes of problems of one rule.
const (
	KeyMissing        Code = "key-missing"
	SourceMissing     Code = "source-missing"  // neither law nor clause, and not assumed
	NoteMissing       Code = "note-missing"    // assumed without saying why
	ListMalformed     Code = "list-malformed"  // an empty, padded or repeated key
	FormMixed         Code = "form-mixed"      // parts of more than one of clock, criterion and transient
	TriggerMissing    Code = "trigger-missing" // no anchor, or not what its kind needs
	TriggerUnfit      Code = "trigger-unfit"   // more than its kind needs
	PeriodMissing     Code = "period-missing"  // neither floor nor ceiling
	CeilingTwice      Code = "ceiling-twice"   // both a ceiling and a table
	FloorAboveCeiling Code = "floor-above-ceiling"
	FloorWithoutLaw   Code = "floor-without-law"
	FloorImmediate    Code = "floor-immediate"
	ElapsedUncertain  Code = "elapsed-uncertain" // elapsed time of months, or from a day
	ReviewMissing     Code = "review-missing"    // a criterion without a review period
	QuestionMissing   Code = "question-missing"  // a criterion without a question
	NeverApplies      Code = "never-applies"     // an event that must and must not have happened
	UnknownValue      Code = "unknown-value"     // a unit, kind or outcome outside its list
)

// Codes of problems between rules, and with the law.
const (
	KeyRepeated         Code = "key-repeated"
	FloorNotStatute     Code = "floor-not-statute"     // the law that the rule cites says another floor
	CeilingAboveStatute Code = "ceiling-above-statute" // the law that the rule cites allows less
	AnchorNotStatute    Code = "anchor-not-statute"    // the law that the rule cites counts from elsewhere
)

// Problem is one thing wrong with a rule.
type Problem struct {
	Rule  string // key
	Code  Code
	Field string // of the rule, as its file form spells it
	Other string // key of the other rule, or of the statute
}

// String returns the problem on one line.
func (p Problem) String() string {
	s := fmt.Sprintf("retention rule %q: %s: %s", p.Rule, p.Field, p.Code)
	if p.Other != "" {
		s += fmt.Sprintf(" (%s)", p.Other)
	}
	return s
}

// Validate reports all that is wrong with the rules, one by one, against the statutes they cite, and among those that
// name a purpose and a category in common ([Conflicts]). It returns nothing for good rules.
func Validate(rules []*Rule, statutes []Statute) []Problem {
	var all []Problem
	seen := make(map[string]bool, len(rules))
	for i, r := range rules {
		all = append(all, r.Validate()...)
		if r == nil {
			continue
		}
		if r.Key != "" && seen[r.Key] {
			all = append(all, Problem{Rule: r.Key, Code: KeyRepeated, Field: "key"})
		}
		seen[r.Key] = true
		for i := range statutes {
			all = append(all, statutes[i].check(r)...)
		}
		for _, other := range rules[:i] {
			if other != nil && overlap(other.Purposes, r.Purposes) && overlap(other.Categories, r.Categories) {
				all = append(all, Conflicts(other, r)...)
			}
		}
	}
	return all
}

// Validate reports all that is wrong with the rule alone.
func (r *Rule) Validate() []Problem {
	if r == nil {
		return []Problem{{Code: KeyMissing, Field: "key"}}
	}
	c := checker{rule: r.Key}
	c.when(strings.TrimSpace(r.Key) == "" || strings.TrimSpace(r.Key) != r.Key, KeyMissing, "key")
	c.when(r.Law == "" && r.Clause == "" && !r.Assumed, SourceMissing, "law")
	c.when(r.Assumed && strings.TrimSpace(r.Note) == "", NoteMissing, "note")
	c.list(r.Categories, "categories")
	c.list(r.Purposes, "purposes")
	c.list(r.When.Happened, "when.happened")
	c.list(r.When.NotHappened, "when.not_happened")
	c.when(overlap(r.When.Happened, r.When.NotHappened), NeverApplies, "when")
	c.when(r.Unit > ElapsedTime, UnknownValue, "unit")
	c.when(r.Then > Restrict, UnknownValue, "then")

	periods := !r.Floor.IsZero() || !r.Ceiling.IsZero() || r.Table != ""
	switch {
	case !r.Criterion.IsZero():
		c.when(periods || r.Transient || r.Unit != CalendarDays || !r.Anchor.IsZero(), FormMixed, "criterion")
		c.when(r.Criterion.Question == "", QuestionMissing, "criterion.question")
		c.when(r.Criterion.Review.IsZero() || r.Criterion.Review.Immediate(), ReviewMissing, "criterion.review")
	case r.Transient:
		c.anchor(&r.Anchor)
		c.when(periods || r.Unit != CalendarDays || r.Anchor.Kind.onDay(), FormMixed, "transient")
	default:
		c.anchor(&r.Anchor)
		c.clock(r, periods)
	}
	return c.problems
}

type checker struct {
	rule     string
	problems []Problem
}

func (c *checker) when(wrong bool, code Code, field string) {
	if wrong {
		c.problems = append(c.problems, Problem{Rule: c.rule, Code: code, Field: field})
	}
}

func (c *checker) list(keys []string, field string) {
	for i, k := range keys {
		if k == "" || strings.TrimSpace(k) != k || slices.Contains(keys[:i], k) {
			c.when(true, ListMalformed, field)
			return
		}
	}
}

func (c *checker) clock(r *Rule, periods bool) {
	c.when(!periods, PeriodMissing, "ceiling")
	c.when(!r.Ceiling.IsZero() && r.Table != "", CeilingTwice, "table")
	c.when(!r.Floor.IsZero() && r.Law == "", FloorWithoutLaw, "law")
	c.when(r.Floor.Immediate(), FloorImmediate, "floor")
	c.when(r.Floor.CanExceed(r.Ceiling), FloorAboveCeiling, "floor")
	c.when(r.Unit == ElapsedTime && (r.Anchor.Kind.onDay() || r.Floor.months != 0 || r.Ceiling.months != 0), ElapsedUncertain, "unit")
}

func (c *checker) anchor(a *Anchor) {
	c.when(int(a.Kind) >= len(anchorNames), UnknownValue, "anchor.kind")
	c.list(a.Events, "anchor.events")
	c.list(a.Reopened, "anchor.reopened")
	least := 1
	switch a.Kind {
	case OnGivenDate:
		least = 0
		c.when(a.Date == "", TriggerMissing, "anchor.date")
		c.when(len(a.Events) > 0, TriggerUnfit, "anchor.events")
	case OnLaterOf:
		least = 2
	}
	c.when(a.Kind == 0, TriggerMissing, "anchor.kind")
	c.when(len(a.Events) < least, TriggerMissing, "anchor.events")
	c.when(a.Kind != OnGivenDate && a.Date != "", TriggerUnfit, "anchor.date")
	c.when(a.Kind != OnCaseEnd && len(a.Reopened) > 0, TriggerUnfit, "anchor.reopened")
	c.when(overlap(a.Events, a.Reopened), TriggerUnfit, "anchor.reopened")
}

// Conflicts reports a floor of one rule above the ceiling of the other, for two rules of the same data and the same
// purpose that count from the same start for the same outcome. Rules of different purposes may differ: the floor
// then blocks erasure, and the ceiling ends its purpose.
func Conflicts(a, b *Rule) []Problem {
	if a == nil || b == nil || a.Unit != b.Unit || !a.Anchor.equal(&b.Anchor) ||
		!slices.Equal(a.When.Happened, b.When.Happened) || !slices.Equal(a.When.NotHappened, b.When.NotHappened) {
		return nil
	}
	var found []Problem
	if a.Floor.CanExceed(b.Ceiling) {
		found = append(found, Problem{Rule: a.Key, Code: FloorAboveCeiling, Field: "floor", Other: b.Key})
	}
	if b.Floor.CanExceed(a.Ceiling) {
		found = append(found, Problem{Rule: b.Key, Code: FloorAboveCeiling, Field: "floor", Other: a.Key})
	}
	return found
}

func (a *Anchor) equal(b *Anchor) bool {
	return a.Kind == b.Kind && a.Date == b.Date && slices.Equal(a.Events, b.Events) && slices.Equal(a.Reopened, b.Reopened)
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(k string) bool { return slices.Contains(b, k) })
}
