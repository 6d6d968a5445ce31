package retention

// Anchor is what starts a rule's clock. An event that has not happened starts nothing.
type Anchor struct {
	Kind AnchorKind `yaml:"kind" json:"kind"`
	// Events are the keys of the events the kind speaks of.
	Events []string `yaml:"events,omitempty" json:"events,omitempty"`
	// Reopened, for OnCaseEnd, lists events that undo an earlier end: the customer came back.
	Reopened []string `yaml:"reopened,omitempty" json:"reopened,omitempty"`
	// Date, for OnGivenDate, is the key of the day that the caller supplies.
	Date string `yaml:"date,omitempty" json:"date,omitempty"`
}

// IsZero reports whether a is no anchor.
func (a Anchor) IsZero() bool {
	return a.Kind == 0 && len(a.Events) == 0 && len(a.Reopened) == 0 && a.Date == ""
}

// AnchorKind is a way to find the start of a clock. The zero AnchorKind is none.
type AnchorKind uint8

const (
	_ AnchorKind = iota
	// OnEvent is the first occurrence of any of the events: each record has its own.
	OnEvent
	// OnLaterOf waits for all of the events (two or more) and is the first occurrence of the one that came last.
	OnLaterOf
	// OnLastActivity is the latest occurrence of any of the events: each one restarts the clock.
	OnLastActivity
	// OnCaseEnd is the latest occurrence of any of the events that end a case, a contact or a relation, unless an
	// event of Reopened came after it. When both carry the same instant, as dates without a time may, a person
	// decides which came last.
	OnCaseEnd
	// OnFinancialYearEnd is the last day of the controller's financial year in which the latest of the events
	// fell, from the table of years ([Facts.Years]).
	OnFinancialYearEnd
	// OnFinancialCalendarYearEnd is 31 December of the year in which that financial year ended, as Swedish
	// bookkeeping counts.
	OnFinancialCalendarYearEnd
	// OnCalendarYearEnd is 31 December of the year in which the latest of the events fell.
	OnCalendarYearEnd
	// OnGivenDate is a day that the caller supplies for the case ([Facts.Days]), as the last day of a
	// limitation period. A day that is missing is a person's to decide.
	OnGivenDate
)

var anchorNames = []string{
	0:                          "",
	OnEvent:                    "event",
	OnLaterOf:                  "later-of",
	OnLastActivity:             "last-activity",
	OnCaseEnd:                  "case-end",
	OnFinancialYearEnd:         "financial-year-end",
	OnFinancialCalendarYearEnd: "financial-calendar-year-end",
	OnCalendarYearEnd:          "calendar-year-end",
	OnGivenDate:                "given-date",
}

// String returns the kind's name, as "last-activity".
func (k AnchorKind) String() string { return nameOf(anchorNames, k) }

// MarshalText implements [encoding.TextMarshaler].
func (k AnchorKind) MarshalText() ([]byte, error) { return marshalName(anchorNames, k) }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (k *AnchorKind) UnmarshalText(text []byte) error { return unmarshalName(anchorNames, k, text) }

// onDay reports whether the kind yields a day, which is a period end, rather than an instant.
func (k AnchorKind) onDay() bool { return k >= OnFinancialYearEnd && k <= OnGivenDate }

// After is the anchor that starts with the first occurrence of an event.
func After(event string) Anchor { return Anchor{Kind: OnEvent, Events: []string{event}} }
