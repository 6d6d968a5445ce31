package retention

import (
	"errors"
	"fmt"
	"time"
)

// ErrFacts is what every error about malformed facts wraps.
var ErrFacts = errors.New("retention: facts are malformed")

// Facts is what is known about one datum. It is read only, and may be shared by goroutines that do not change it.
//
// The events must be complete as of the instant asked about: an event that is not there has not happened. Of an
// event that repeats, the first and the latest occurrence are enough. What is dated after the instant asked about is
// ignored, and the answer says so.
type Facts struct {
	Zone         *time.Location // the controller's; see [LoadZone]
	Years        FinancialYears // the controller's
	Events       []Event
	Days         []GivenDay
	Lengths      []GivenLength
	Answers      []Necessity
	Holds        []Span // a claim is pending: erasure is suspended, nothing is authorised (GDPR Art. 17(3)(e))
	Restrictions []Span // the data subject asked for storage only (GDPR Art. 18)

	days *zoneDays // of Zone, for those who ask often; nil otherwise
}

// Event is one occurrence of an event.
type Event struct {
	Key string
	At  time.Time
}

// GivenDay is a day that a case supplies, as the last day of a limitation period.
type GivenDay struct {
	Key string
	Day Date
}

// GivenLength is the length that a table kept elsewhere gives for this datum.
type GivenLength struct {
	Table  string
	Length Period
}

// Necessity is a person's recorded answer to the question of a [Criterion].
type Necessity struct {
	Question  string
	Necessary bool
	At        time.Time
	ReviewBy  Date // the last day the answer stands, if sooner than the rule's review; zero for none
}

// Span is a stretch of time, the end not included. A zero Until has no end yet.
type Span struct {
	Ref         string // the hold's or restriction's own reference
	From, Until time.Time
}

// Check reports the first malformed fact, naming its place and no value: [ErrZone] for a zone that is missing or the
// machine's own, else [ErrFacts]. [Decide] calls it; callers of [Readable] call it once per set of facts.
func (f *Facts) Check() error {
	if f == nil {
		return fmt.Errorf("%w: none given", ErrFacts)
	}
	if f.Zone == nil || f.Zone == time.Local {
		return ErrZone
	}
	bad := func(list string, i int, why string) error {
		return fmt.Errorf("%w: %s[%d] %s", ErrFacts, list, i, why)
	}
	for i, e := range f.Events {
		if e.Key == "" || !validInstant(e.At) {
			return bad("events", i, "lacks its key or instant")
		}
	}
	for i, d := range f.Days {
		if d.Key == "" || d.Day.IsZero() {
			return bad("days", i, "lacks its key or day")
		}
		for _, other := range f.Days[:i] {
			if other.Key == d.Key {
				return bad("days", i, "repeats a key")
			}
		}
	}
	for i, l := range f.Lengths {
		if l.Table == "" || l.Length.IsZero() {
			return bad("lengths", i, "lacks its table or length")
		}
		for _, other := range f.Lengths[:i] {
			if other.Table == l.Table {
				return bad("lengths", i, "repeats a table")
			}
		}
	}
	for i, a := range f.Answers {
		if a.Question == "" || !validInstant(a.At) {
			return bad("answers", i, "lacks its question or instant")
		}
	}
	for i, s := range f.Holds {
		if !s.valid() {
			return bad("holds", i, "lacks its start or ends before it")
		}
	}
	for i, s := range f.Restrictions {
		if !s.valid() {
			return bad("restrictions", i, "lacks its start or ends before it")
		}
	}
	return nil
}

// validInstant tells a real instant from a missing one, and keeps dates within their range.
func validInstant(t time.Time) bool {
	const first, last = -62_135_510_400, 253_402_214_400 // 0001-01-02, 9999-12-31
	s := t.Unix()
	return s >= first && s < last
}

func (s Span) valid() bool {
	return validInstant(s.From) && (s.Until.IsZero() || validInstant(s.Until) && !s.Until.Before(s.From))
}

func (s Span) inForce(at time.Time) bool {
	return !at.Before(s.From) && (s.Until.IsZero() || at.Before(s.Until))
}

// occurrences returns the first and the latest occurrence up to at of any of the keys. ok is false when an
// instant is missing; both are zero when nothing has occurred.
func (f *Facts) occurrences(keys []string, at time.Time) (first, latest time.Time, ok bool) {
	if len(keys) == 0 {
		return first, latest, true
	}
	for i := range f.Events {
		e := &f.Events[i]
		if !contains(keys, e.Key) {
			continue
		}
		if f.days == nil && !validInstant(e.At) { // a schedule has checked them
			return time.Time{}, time.Time{}, false
		}
		if e.At.After(at) {
			continue
		}
		if first.IsZero() || e.At.Before(first) {
			first = e.At
		}
		if latest.IsZero() || e.At.After(latest) {
			latest = e.At
		}
	}
	return first, latest, true
}

func contains(keys []string, key string) bool {
	for _, k := range keys {
		if k == key {
			return true
		}
	}
	return false
}

func (f *Facts) day(key string) (Date, bool) {
	for _, d := range f.Days {
		if d.Key == key {
			return d.Day, !d.Day.IsZero()
		}
	}
	return Date{}, false
}

func (f *Facts) length(table string) (Period, bool) {
	for _, l := range f.Lengths {
		if l.Table == table {
			return l.Length, !l.Length.IsZero()
		}
	}
	return Period{}, false
}

// answer returns the latest answer up to at; of two at the same instant the one that keeps less.
func (f *Facts) answer(question string, at time.Time) (latest *Necessity) {
	for i := range f.Answers {
		a := &f.Answers[i]
		if a.Question != question || a.At.After(at) {
			continue
		}
		if latest == nil || a.At.After(latest.At) || a.At.Equal(latest.At) && a.keepsLessThan(latest) {
			latest = a
		}
	}
	return latest
}

func (a *Necessity) keepsLessThan(b *Necessity) bool {
	if a.Necessary != b.Necessary {
		return !a.Necessary
	}
	return !a.ReviewBy.IsZero() && (b.ReviewBy.IsZero() || a.ReviewBy.Before(b.ReviewBy))
}
