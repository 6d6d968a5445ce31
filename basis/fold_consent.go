package basis

import (
	"maps"
	"slices"
	"time"
)

// consentFold is the latest interval of one scope: a new consent starts over.
type consentFold struct {
	given     *Event // nil when withdrawn without ever having been given
	narrowed  []ConsentNarrowed
	withdrawn *Event // first after given
}

func (c *consentFold) state(f *folding, scope string) ConsentState {
	s := ConsentState{Scope: scope}
	shown, given := -1, ConsentGiven{Scope: scope}
	if c.given != nil {
		given = c.given.Body.(ConsentGiven)
		s.Since, s.Given, s.Event = c.given.ValidAt, c.given.ValidAt, c.given.ID
		if shown = f.vocab.shown(given.Notice, c.given.ValidAt); shown >= 0 {
			s.Notice = f.vocab.Notices[shown].Version
		}
	}
	switch until := given.Until; {
	case c.withdrawn != nil: // GDPR Art. 7(3)
		s.Status, s.Since, s.Event = Withdrawn, c.withdrawn.ValidAt, c.withdrawn.ID
	case !given.Quality.Valid():
		s.Status = Invalid
	case !until.IsZero() && !f.at.Before(until):
		s.Status, s.Since = Expired, laterOf(until, s.Given)
	default:
		s.Status, s.Explicit = Standing, given.Quality.Explicit
		s.Purposes, s.Recipients, s.Without = c.covered(f.vocab, given, shown)
	}
	return s
}

// covered lists what the person was shown less what was taken out since (GDPR Art. 4(11), recital 32).
func (c *consentFold) covered(v *Vocabulary, given ConsentGiven, shown int) (purposes, recipients, without []string) {
	for _, p := range v.Scopes[given.Scope] {
		if v.since(p.Since, shown) {
			purposes = append(purposes, p.Purpose)
		}
	}
	recipients = slices.Clone(given.Recipients)
	if len(recipients) == 0 && shown >= 0 {
		recipients = slices.Clone(v.ScopeRecipients[given.Scope])
	}
	for _, n := range c.narrowed {
		purposes = slices.DeleteFunc(purposes, func(p string) bool { return withinAny(v.Purposes, p, n.Purposes) })
		recipients = slices.DeleteFunc(recipients, func(r string) bool { return slices.Contains(n.Recipients, r) })
		without = append(without, n.Categories...)
	}
	if len(without) > 0 {
		nodes := without
		without = nil
		for _, category := range slices.Sorted(maps.Keys(v.Categories)) {
			if withinAny(v.Categories, category, nodes) {
				without = append(without, category)
			}
		}
	}
	return purposes, recipients, without
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
