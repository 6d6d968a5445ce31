package rights

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// Timing is what has happened to a request so far. Zero instants have not happened.
type Timing struct {
	Received  time.Time
	Told      time.Time        // when the person was told of an extension and its reasons (GDPR Art. 12(3))
	Extension retention.Period // that was told; zero: the longest that is allowed
	Answered  time.Time
}

// Clock says until when a request must be answered: the time of the law, or of the notice where that is shorter, and beside
// it what the controller aims at. Days are those of the controller's zone.
type Clock struct {
	Received time.Time      `json:"received"`
	Due      retention.Date `json:"due"`    // last day, with the extension where it counts
	DueAt    time.Time      `json:"due_at"` // the instant at which that day is over
	Warn     retention.Date `json:"warn,omitzero"`
	WarnAt   time.Time      `json:"warn_at,omitzero"` // when the day of the warning begins
	Aim      retention.Date `json:"aim,omitzero"`
	AimAt    time.Time      `json:"aim_at,omitzero"` // when the day of the aim is over
	// TellBy is when the time for telling of an extension is over. Extended says that one counts; Refused why one that was
	// told does not.
	TellBy   time.Time `json:"tell_by"`
	Extended bool      `json:"extended,omitempty"`
	Refused  Code      `json:"refused,omitempty"`
	Answered time.Time `json:"answered,omitzero"`
}

// Progress of a request against its [Clock].
type Progress uint8

// Progress, from the best to the worst.
const (
	Open Progress = iota + 1
	Answered
	AimMissed    // the controller's own aim; the duty is not due yet
	Warned       // the time runs out
	AnsweredLate //
	Overdue      // the duty is missed
)

var progressNames = []string{"", "open", "answered", "aim-missed", "warned", "answered-late", "overdue"}

// String is the name.
func (p Progress) String() string { return name(progressNames, uint8(p)) }

// MarshalText writes the name.
func (p Progress) MarshalText() ([]byte, error) { return marshal(progressNames, uint8(p)) }

// Legal is the progress of the duty alone.
func (c *Clock) Legal(at time.Time) Progress {
	answered := !c.Answered.IsZero() && !c.Answered.After(at)
	switch {
	case answered && c.Answered.Before(c.DueAt):
		return Answered
	case answered:
		return AnsweredLate
	case !at.Before(c.DueAt):
		return Overdue
	case !c.WarnAt.IsZero() && !at.Before(c.WarnAt):
		return Warned
	}
	return Open
}

// Own is the progress of the controller's aim alone; zero without one.
func (c *Clock) Own(at time.Time) Progress {
	answered := !c.Answered.IsZero() && !c.Answered.After(at)
	switch {
	case c.AimAt.IsZero():
		return 0
	case answered && c.Answered.Before(c.AimAt):
		return Answered
	case answered, !at.Before(c.AimAt):
		return AimMissed
	}
	return Open
}

// Progress is the worse of both; an answer that missed the aim alone is answered.
func (c *Clock) Progress(at time.Time) Progress {
	legal := c.Legal(at)
	if legal == Answered {
		return Answered
	}
	return max(legal, c.Own(at))
}

// Standard times of GDPR Art. 12(3).
var (
	month     = retention.MustPeriod("P1M")
	twoMonths = retention.MustPeriod("P2M")
)

// Due counts the time for answering a request: one month from receipt (GDPR Art. 12(3)), or what the register says, to the
// end of the day, moved from a weekend or public holiday to the next working day (Reg. 1182/71 Art. 3). An extension counts
// from receipt too, and only if the person was told of it before the time was over.
func Due(register *purpose.Register, calendar retention.Calendar, kind purpose.RightKind, t Timing) (Clock, error) {
	if register == nil || kind == 0 || kind.String() == "" {
		return Clock{}, fmt.Errorf("%w: no register or no right", ErrRequest)
	}
	right, _ := register.RightOf(kind)
	within, longer := right.Within, right.Extension
	if within.IsZero() {
		within = month
	}
	if longer.IsZero() {
		longer = twoMonths
	}
	zone := register.Zone()
	c := Clock{Received: t.Received, Answered: t.Answered}
	due := func(p retention.Period) (err error) {
		if c.Due, err = retention.Deadline(t.Received, p, zone, calendar); err == nil {
			c.DueAt = c.Due.EndIn(zone)
		}
		return err
	}
	if err := due(within); err != nil {
		return Clock{}, err
	}
	c.TellBy = c.DueAt
	switch {
	case t.Told.IsZero():
	case !t.Told.Before(c.TellBy) || t.Told.Before(t.Received):
		c.Refused = CodeExtensionLate
	case t.Extension.CanExceed(longer):
		c.Refused = CodeExtensionLong
	default:
		if !t.Extension.IsZero() {
			longer = t.Extension
		}
		total, err := sum(within, longer)
		if err == nil {
			err = due(total)
		}
		if err != nil {
			return Clock{}, err
		}
		c.Extended = true
	}
	if !right.Warn.IsZero() && !c.Extended {
		c.Warn = right.Warn.From(retention.DateOf(t.Received, zone))
		c.WarnAt = c.Warn.StartIn(zone)
	}
	if right.Aim > 0 {
		aim, err := retention.WorkingDays(retention.DateOf(t.Received, zone), right.Aim, calendar)
		if err != nil {
			return Clock{}, err
		}
		c.Aim, c.AimAt = aim, aim.EndIn(zone)
	}
	if !t.Answered.IsZero() && t.Answered.Before(t.Received) {
		return Clock{}, fmt.Errorf("%w: answered: before it was received", ErrRequest)
	}
	return c, nil
}

// sum is two periods as one: a month and two more are three months from receipt, not two from the end of one.
func sum(p, q retention.Period) (retention.Period, error) {
	var n [3]int // years, months, days
	for _, s := range [2]string{p.String(), q.String()} {
		s = strings.TrimPrefix(s, "P")
		for j, unit := range []string{"Y", "M", "D"} {
			if digits, rest, found := strings.Cut(s, unit); found {
				k, err := strconv.Atoi(digits)
				if err != nil {
					return retention.Period{}, err
				}
				n[j] += k
				s = rest
			}
		}
	}
	if n == [3]int{} {
		return p, nil
	}
	return retention.ParsePeriod(fmt.Sprintf("P%dY%dM%dD", n[0], n[1], n[2]))
}

// calendarOf is the public holidays of a country.
func calendarOf(country string) (retention.Calendar, error) {
	switch country {
	case "DK":
		return retention.Denmark(), nil
	case "NL":
		return retention.Netherlands(), nil
	case "SE":
		return retention.Sweden(), nil
	}
	return nil, errors.New("rights: no public holidays are known for the controller's country: give a calendar")
}
