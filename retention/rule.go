package retention

// Rule says how long one kind of data is kept for one purpose. It is plain data, and is one of three forms:
//
//   - a clock: an [Anchor] that starts it, and a Floor, a Ceiling (or the Table that holds it), or both;
//   - a criterion: kept while a person answers that it is still necessary;
//   - transient: used while a case is open, never stored.
//
// Several rules of one purpose all have to hold ([Decide]); several purposes each keep the data ([Combine]).
// [Rule.Validate] reports what is wrong with a rule; a wrong rule never permits and never erases.
type Rule struct {
	// Key names the rule in answers and reports.
	Key string `yaml:"key" json:"key"`
	// Categories and Purposes are register keys that the rule is stated for. Deciding which rules bear upon a datum
	// is the register's; here the keys only tell [Validate] which rules meet.
	Categories []string `yaml:"categories,omitempty" json:"categories,omitempty"`
	Purposes   []string `yaml:"purposes,omitempty" json:"purposes,omitempty"`
	// Law and Clause are where the rule comes from: a statute's key, a clause of the notice, or both.
	Law    string `yaml:"law,omitempty" json:"law,omitempty"`
	Clause string `yaml:"clause,omitempty" json:"clause,omitempty"`
	// When limits the rule to an outcome, as "became a customer".
	When Condition `yaml:"when,omitempty" json:"when,omitzero"`

	// Anchor starts the clock.
	Anchor Anchor `yaml:"anchor,omitempty" json:"anchor,omitzero"`
	// Floor is how long the data must be kept. It blocks erasure for every purpose, lets only the purpose that
	// cites it use the data, and needs a Law.
	Floor Period `yaml:"floor,omitempty" json:"floor,omitzero"`
	// Ceiling is when the data must be gone at the latest.
	Ceiling Period `yaml:"ceiling,omitempty" json:"ceiling,omitzero"`
	// Table names a table kept elsewhere that holds the ceiling of each datum, as a cookie policy does; the
	// caller looks it up ([Facts.Lengths]).
	Table string `yaml:"table,omitempty" json:"table,omitempty"`
	Unit  Unit   `yaml:"unit,omitempty" json:"unit,omitempty"`

	// Criterion makes this a rule of the form "as long as necessary".
	Criterion Criterion `yaml:"criterion,omitempty" json:"criterion,omitzero"`
	// Transient data may be used until its anchor, then must be gone at once, and is never stored.
	Transient bool `yaml:"transient,omitempty" json:"transient,omitempty"`

	// Then is what happens when the data must no longer be kept.
	Then Then `yaml:"then,omitempty" json:"then,omitempty"`
	// Assumed marks a rule that no source states; the Note says why it was assumed.
	Assumed bool   `yaml:"assumed,omitempty" json:"assumed,omitempty"`
	Note    string `yaml:"note,omitempty" json:"note,omitempty"`
}

// Condition limits a rule to an outcome. The zero Condition limits nothing. Events that the [Facts] do not
// hold have not happened.
type Condition struct {
	// Happened lists events that must all have happened.
	Happened []string `yaml:"happened,omitempty" json:"happened,omitempty"`
	// NotHappened lists events of which none may have happened.
	NotHappened []string `yaml:"not_happened,omitempty" json:"not_happened,omitempty"`
}

// IsZero reports whether c limits nothing.
func (c Condition) IsZero() bool { return len(c.Happened) == 0 && len(c.NotHappened) == 0 }

// Criterion is a soft rule, "as long as necessary". It holds while the latest [Necessity] recorded under the
// Question says so and its review is not overdue; silence is a person's to decide.
type Criterion struct {
	// Question is the key that answers are recorded under.
	Question string `yaml:"question" json:"question"`
	// Review is how long an answer stands.
	Review Period `yaml:"review" json:"review"`
}

// IsZero reports whether c is no criterion.
func (c Criterion) IsZero() bool { return c == Criterion{} }

// Unit says how a clock counts.
type Unit uint8

const (
	// CalendarDays counts days of the controller's zone: the day of the event is not counted, and the last day
	// ends at midnight (Reg. 1182/71 Art. 3).
	CalendarDays Unit = iota
	// ElapsedTime counts exact time from the instant of the event, as [Period.Elapse] does. It is meant for recordings
	// by machines with a legal maximum.
	ElapsedTime
)

// Then is what happens to data that must no longer be kept.
type Then uint8

const (
	Erase     Then = iota // nothing is left
	Anonymise             // what is left identifies nobody
	Restrict              // stored, and used for nothing (GDPR Art. 4(3))
)

var (
	unitNames = []string{CalendarDays: "calendar", ElapsedTime: "elapsed"}
	thenNames = []string{Erase: "erase", Anonymise: "anonymise", Restrict: "restrict"}
)

// String returns "calendar" or "elapsed".
func (u Unit) String() string { return nameOf(unitNames, u) }

// MarshalText implements [encoding.TextMarshaler].
func (u Unit) MarshalText() ([]byte, error) { return marshalName(unitNames, u) }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (u *Unit) UnmarshalText(text []byte) error { return unmarshalName(unitNames, u, text) }

// String returns "erase", "anonymise" or "restrict".
func (t Then) String() string { return nameOf(thenNames, t) }

// MarshalText implements [encoding.TextMarshaler].
func (t Then) MarshalText() ([]byte, error) { return marshalName(thenNames, t) }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (t *Then) UnmarshalText(text []byte) error { return unmarshalName(thenNames, t, text) }
