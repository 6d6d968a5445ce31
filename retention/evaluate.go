package retention

import "time"

// permit is what one rule says about using the data for its purpose, weakest first: of several rules the
// strongest word counts.
type permit uint8

const (
	absent permit = iota // does not apply
	silent               // applies and no longer says anything: another rule must
	open
	unknown
	closed
)

// duty is what one rule says about having to keep the data, weakest first.
type duty uint8

const (
	noDuty  duty = iota
	pending      // there will be a floor, which has not started
	unclear
	running
)

// outcome is what one rule says at one instant.
type outcome struct {
	permit permit
	reason Reason
	duty   duty
	// floor and ceiling are the ends that are known; review is when an answer stops standing.
	floor, ceiling, review limit
	transient              bool
}

// evaluate asks one rule for the outcome. It does not allocate.
func (r *Rule) evaluate(o *outcome, f *Facts, at time.Time) {
	*o = outcome{}
	form := r.form()
	if form == noForm {
		o.permit, o.reason, o.duty = unknown, RuleInvalid, unclear
		return
	}
	switch applies, ok := r.When.holds(f, at); {
	case !ok:
		o.permit, o.reason, o.duty = unknown, FactsInvalid, unclear
		return
	case !applies:
		return
	}
	if form == criterionForm {
		r.askCriterion(o, f, at)
		return
	}
	o.transient = r.Transient
	start, reason := r.Anchor.resolve(f, at)
	if reason != "" {
		r.notStarted(o, reason)
		return
	}
	if !r.Floor.IsZero() {
		o.floor = start.limit(r.Floor, r.Unit, f)
		if !o.floor.passed(at, f) {
			o.duty = running
		}
	}
	ceiling := r.Ceiling
	switch {
	case r.Transient:
		ceiling = Period{stated: true}
	case r.Table != "":
		length, ok := f.length(r.Table)
		if !ok || r.Unit == ElapsedTime && length.months != 0 {
			o.permit, o.reason = unknown, LengthMissing
			return
		}
		ceiling = length
	}
	switch {
	case !ceiling.IsZero():
		over := o.duty != running
		if o.ceiling = o.floor; ceiling != r.Floor {
			o.ceiling = start.limit(ceiling, r.Unit, f)
			over = o.ceiling.passed(at, f)
		}
		o.permit, o.reason = open, CeilingRunning
		if over {
			o.permit, o.reason = closed, CeilingPassed
		}
	case o.duty == running:
		o.permit, o.reason = open, FloorRunning
	default:
		o.permit, o.reason = silent, FloorOver
	}
}

// notStarted is the outcome of a clock that has not started, or of which nobody can tell.
func (r *Rule) notStarted(o *outcome, reason Reason) {
	o.permit, o.reason = unknown, reason
	if reason == NotStarted {
		o.permit = open
	}
	switch {
	case r.Transient && o.permit == open:
		o.reason = InTransit
	case r.Floor.IsZero():
	case o.permit == open:
		o.duty = pending
	default:
		o.duty = unclear
	}
}

func (r *Rule) askCriterion(o *outcome, f *Facts, at time.Time) {
	answer := f.answer(r.Criterion.Question, at)
	switch {
	case answer == nil:
		o.permit, o.reason = unknown, Unanswered
		return
	case !validInstant(answer.At):
		o.permit, o.reason = unknown, FactsInvalid
		return
	case !answer.Necessary:
		o.permit, o.reason, o.ceiling.exact = closed, NotNecessary, answer.At
		return
	}
	o.permit, o.reason = open, Necessary
	o.review.day = r.Criterion.Review.From(f.dateOf(answer.At))
	if !answer.ReviewBy.IsZero() && answer.ReviewBy.Before(o.review.day) {
		o.review.day = answer.ReviewBy
	}
	if o.review.passed(at, f) {
		o.permit, o.reason = unknown, ReviewOverdue
	}
}

// holds reports whether the outcome that the condition speaks of has come about. ok is false when an event lacks its
// instant.
func (c *Condition) holds(f *Facts, at time.Time) (applies, ok bool) {
	for i := range c.Happened {
		first, _, ok := f.occurrences(c.Happened[i:i+1], at)
		if !ok || first.IsZero() {
			return false, ok
		}
	}
	if len(c.NotHappened) == 0 {
		return true, true
	}
	first, _, ok := f.occurrences(c.NotHappened, at)
	return ok && first.IsZero(), ok
}

// form is which of the three forms of [Rule] a rule has.
type form uint8

const (
	noForm form = iota
	clockForm
	criterionForm
	transientForm
)

// form returns the rule's form, noForm when its parts do not make one. It is cheap, and runs in every decision:
// a rule that was never validated must not permit or erase anything.
func (r *Rule) form() form {
	if r == nil || r.Unit > ElapsedTime || r.Then > Restrict {
		return noForm
	}
	periods := !r.Floor.IsZero() || !r.Ceiling.IsZero() || r.Table != ""
	if r.Criterion != (Criterion{}) {
		if periods || r.Transient || r.Unit != CalendarDays || !r.Anchor.IsZero() ||
			r.Criterion.Question == "" || r.Criterion.Review.IsZero() || r.Criterion.Review.Immediate() {
			return noForm
		}
		return criterionForm
	}
	if !r.Anchor.complete() {
		return noForm
	}
	if r.Transient {
		if periods || r.Unit != CalendarDays || r.Anchor.Kind.onDay() {
			return noForm
		}
		return transientForm
	}
	if !periods || !r.Ceiling.IsZero() && r.Table != "" {
		return noForm
	}
	if r.Unit == ElapsedTime && (r.Anchor.Kind.onDay() || r.Floor.months != 0 || r.Ceiling.months != 0) {
		return noForm
	}
	return clockForm
}

// complete reports whether the anchor has what its kind needs, and nothing else.
func (a *Anchor) complete() bool {
	if (a.Kind == OnGivenDate) != (a.Date != "") || a.Kind != OnCaseEnd && len(a.Reopened) != 0 {
		return false
	}
	switch a.Kind {
	case OnGivenDate:
		return len(a.Events) == 0
	case OnLaterOf:
		return len(a.Events) >= 2
	case OnEvent, OnLastActivity, OnCaseEnd, OnFinancialYearEnd, OnFinancialCalendarYearEnd, OnCalendarYearEnd:
		return len(a.Events) >= 1
	}
	return false
}
