package retention

import "time"

// Readable is the part of [Decide] that a read needs: whether the purpose may use the datum. When it may not, the
// cause is one of those that say so; when it may, it names a rule that does. The facts must have passed
// [Facts.Check]; a missing zone or instant is not readable.
//
// Readable is pure and does not allocate.
func Readable(rules []*Rule, f *Facts, at time.Time) (bool, Cause) {
	if f == nil || f.Zone == nil || !validInstant(at) {
		return false, Cause{Reason: FactsInvalid}
	}
	strongest, reason := absent, NoRule
	var by *Rule
	var o outcome
	for _, r := range rules {
		r.evaluate(&o, f, at)
		if o.permit > strongest {
			strongest, reason, by = o.permit, o.reason, r
		}
		if strongest == closed {
			break
		}
	}
	return strongest == open, by.because(reason)
}

// ReadableAt is [Readable] for one rule.
func (r *Rule) ReadableAt(f *Facts, at time.Time) (bool, Reason) {
	if f == nil || f.Zone == nil || !validInstant(at) {
		return false, FactsInvalid
	}
	var o outcome
	if r.evaluate(&o, f, at); o.permit == absent {
		return false, NoRule
	}
	return o.permit == open, o.reason
}
