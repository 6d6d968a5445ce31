package retention

import "time"

// Status is what must happen to a datum. The zero Status is PersonDecides: it erases nothing, permits nothing and
// does not go unseen.
type Status uint8

const (
	PersonDecides Status = iota // the rules do not say; nobody may erase or use it on their word
	MustErase                   // a ceiling has passed, and nothing suspends it
	MayKeep                     // no ceiling has passed, or a restriction suspends it
	MustKeep                    // a floor has not passed, or a hold is in force: erasure is forbidden
)

var statusNames = []string{PersonDecides: "person-decides", MustErase: "must-erase", MayKeep: "may-keep", MustKeep: "must-keep"}

// String returns the status's name, as "must-erase".
func (s Status) String() string { return nameOf(statusNames, s) }

// MarshalText implements [encoding.TextMarshaler].
func (s Status) MarshalText() ([]byte, error) { return marshalName(statusNames, s) }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (s *Status) UnmarshalText(text []byte) error { return unmarshalName(statusNames, s, text) }

// Answer says what must happen to one datum, as one purpose sees it ([Decide]) or all of them ([Combine]). It
// stands from the instant asked about until NextChange, as long as the facts stay the same.
type Answer struct {
	Status  Status
	Because Cause
	// Then is what MustErase asks for.
	Then Then
	// Term ends what Status says: with MustKeep the floor or hold, with MayKeep the ceiling; with MustErase it
	// is the ceiling that has passed. Both its parts are zero where no end is known.
	Term

	// Readable: the purpose may use the datum. What a hold, a restriction or only a floor of another rule keeps is not.
	Readable    bool
	ReadBecause Cause
	// Storable: the purpose may also store it.
	Storable bool

	// NextChange is the first instant at which the answer may differ; zero when no known fact changes it.
	NextChange time.Time
	// IgnoredFuture: the facts hold something dated after the instant asked about.
	IgnoredFuture bool
}

// Answer asks one rule; see [Decide].
func (r *Rule) Answer(f *Facts, at time.Time) (Answer, error) { return Decide([]*Rule{r}, f, at) }

// Decide answers for one datum and one purpose: rules are all that the purpose's activities cite for it. The purpose
// ends with the first ceiling that passes and is open only when some rule says so; the longest floor must be
// kept. The error, [ErrFacts] or [ErrZone], speaks of the facts or the instant and comes with a zero Status.
//
// Decide is pure and does not allocate.
func Decide(rules []*Rule, f *Facts, at time.Time) (Answer, error) {
	err := f.Check()
	if err == nil && !validInstant(at) {
		err = errInstant
	}
	if err != nil {
		cause := Cause{Reason: FactsInvalid}
		return Answer{Because: cause, ReadBecause: cause}, err
	}
	var s summary
	future := s.begin(f, at)
	s.ask(rules)
	var v verdict
	s.verdict(&v)
	a := Answer{Status: v.status, Because: v.because.cause(v.ref), Then: v.then, Term: v.Term,
		Readable: s.use.permit == open, ReadBecause: s.use.cause.cause(""), NextChange: s.nextChange(), IgnoredFuture: future}
	a.Storable = a.Readable && !s.transient
	return a, nil
}

// Combine answers for one datum that several purposes use. It must be kept as long as one must keep it, may be kept
// as long as one may, and must be erased when the last one ended; what no purpose may keep and one does not know
// about is for a person. A purpose to which no rule applies holds nothing, also under a hold: it counts only where no
// rule of any purpose applies. Readable is each purpose's own and stays false. Without answers a person decides.
func Combine(answers ...Answer) Answer { return combine(answers, true) }

// CombineData answers for several data that are kept or go together, as those of one row, from what [Combine] says of
// each. What keeps one keeps all, and no other lets a datum go to which no rule of any purpose applies.
func CombineData(data ...Answer) Answer { return combine(data, false) }

func combine(answers []Answer, oneDatum bool) Answer {
	c := Answer{Because: Cause{Reason: NoRule}, ReadBecause: Cause{Reason: NoRule}}
	for i := range answers {
		a := &answers[i]
		wins := i == 0 || a.outlasts(&c)
		if i > 0 && oneDatum && a.mute() != c.mute() {
			wins = c.mute()
		}
		if wins {
			c.Status, c.Because, c.Then, c.Term, c.ReadBecause = a.Status, a.Because, a.Then, a.Term, a.ReadBecause
		}
		c.Storable = c.Storable || a.Storable
		c.NextChange = sooner(c.NextChange, a.NextChange)
		c.IgnoredFuture = c.IgnoredFuture || a.IgnoredFuture
	}
	if !c.mute() {
		c.ReadBecause = c.Because
	}
	return c
}

// mute reports whether no rule applies. Under a hold only ReadBecause says so.
func (a *Answer) mute() bool { return a.ReadBecause.Reason == NoRule }

// outlasts orders answers: the one that keeps the datum more firmly, then longer.
func (a *Answer) outlasts(b *Answer) bool {
	if ka, kb := keeps[a.Status&3], keeps[b.Status&3]; ka != kb {
		return ka > kb
	}
	if n := compareEnds(a.FirstErasable, b.FirstErasable); n != 0 {
		return n > 0
	}
	return a.Because.less(b.Because)
}

// keeps ranks a status among several purposes.
var keeps = [4]uint8{MustErase: 0, PersonDecides: 1, MayKeep: 2, MustKeep: 3}

// sooner returns the earlier of two instants of which a zero one is none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// compareEnds compares two ends of which a zero one is never.
func compareEnds(a, b time.Time) int {
	switch {
	case a.IsZero() && b.IsZero():
		return 0
	case a.IsZero():
		return +1
	case b.IsZero():
		return -1
	}
	return a.Compare(b)
}

// less breaks ties so that no answer depends on the order of rules.
func (c Cause) less(o Cause) bool {
	if c.Rule != o.Rule {
		return c.Rule < o.Rule
	}
	if c.Reason != o.Reason {
		return c.Reason < o.Reason
	}
	return c.Ref < o.Ref
}
