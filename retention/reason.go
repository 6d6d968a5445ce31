package retention

// Reason is the stable code of why an answer is what it is.
type Reason string

// Reasons that permit.
const (
	CeilingRunning Reason = "retention.ceiling-running" // the last day has not passed
	FloorRunning   Reason = "retention.floor-running"   // the law's time has not passed
	NotStarted     Reason = "retention.not-started"     // the event that starts the clock has not happened
	Necessary      Reason = "retention.necessary"       // a person said so, and the review is not due
	InTransit      Reason = "retention.in-transit"      // transient data of an open case: use, but do not store
)

// Reasons that end a purpose.
const (
	CeilingPassed Reason = "retention.ceiling-passed" // the last day has passed
	NotNecessary  Reason = "retention.not-necessary"  // a person said so
)

// Reasons that leave it to a person.
const (
	NoRule        Reason = "retention.no-rule"        // no rule applies to this outcome
	FloorOver     Reason = "retention.floor-over"     // the law's time is over, and nothing says how long after it
	FloorPending  Reason = "retention.floor-pending"  // the ceiling passed before the law's time could start
	Unanswered    Reason = "retention.unanswered"     // nobody has said whether it is still necessary
	ReviewOverdue Reason = "retention.review-overdue" // somebody has, too long ago
	HoldLate      Reason = "retention.hold-late"      // the hold was placed after the data should have gone
	OrderUnclear  Reason = "retention.order-unclear"  // an end and what reopens it happened at the same instant
	DateMissing   Reason = "retention.date-missing"   // the case supplies no such day
	YearMissing   Reason = "retention.year-missing"   // the table of financial years does not reach the day
	LengthMissing Reason = "retention.length-missing" // the table kept elsewhere gave no length, or one that the unit cannot count
	RuleInvalid   Reason = "retention.rule-invalid"   // see Rule.Validate
	FactsInvalid  Reason = "retention.facts-invalid"  // see Facts.Check
)

// Reasons that suspend erasure.
const (
	OnHold     Reason = "retention.on-hold"
	Restricted Reason = "retention.restricted" // GDPR Art. 18
)

// Cause is a reason with the rule, or the hold, that gave it.
type Cause struct {
	Reason Reason
	Rule   string // key; empty when no rule decided
	Law    string
	Clause string
	Ref    string // of the hold or restriction that decided
}

func (r *Rule) key() string {
	if r == nil {
		return ""
	}
	return r.Key
}

func (r *Rule) because(reason Reason) Cause {
	if r == nil {
		return Cause{Reason: reason}
	}
	return Cause{Reason: reason, Rule: r.Key, Law: r.Law, Clause: r.Clause}
}
