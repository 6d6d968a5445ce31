package basis

import "time"

// State is what is true of one data subject at a valid time, as known at a recorded time. It is
// immutable and safe for concurrent use. Lists are ordered by time, then id.
type State struct {
	DataSubject string
	// KnownAt is when the latest event in here was recorded, 1970 if there is none: asking for this
	// person with it gives this state again after any later events.
	KnownAt time.Time
	// The fold is the same for every valid time t with From <= t < Until; zero Until means no end.
	From, Until time.Time
	// Version counts the events of this data subject that are in the ledger: it grows with every
	// acknowledged event, whatever its valid time, and is the only field that later events change in
	// the state of a past KnownAt.
	Version uint64

	Capacities   []Capacity
	Relations    []Relation
	Occurrences  []Occurrence
	Consents     []ConsentState // at most one per scope
	Objections   []Objection    // standing ones only
	Restrictions []Restriction  // standing ones only
	Incidents    []Incident     // open ones only
	Holds        []Hold         // standing ones only
	Judgements   []Judgement    // latest per rule
	Attestations []Attestation
	Assessments  []Assessment // ControllerWide only
	Agreements   []Agreement  // ControllerWide only, in force
}

// Capacity in which the person acts, derived from events.
type Capacity struct {
	Key   string
	Since time.Time
	Event string // id of the event that gave it
}

// Stage of a relation with the person. The zero Stage is none.
type Stage uint8

// Stages of a contractual relation, in their usual order.
const (
	Enquiry Stage = iota + 1
	Applied
	Offered
	Active
	Ended
	Settled
)

// Relation is the current stage of one relation. Where events name the contract or case they belong
// to, each has a stage of its own; an end without a reference ends them all, and an end with one also
// ends what began without.
type Relation struct {
	Name      string
	Reference string // contract or case; empty where the events named none
	Stage     Stage
	Since     time.Time
	Event     string
}

// Occurrence of a declared event: first and latest time.
type Occurrence struct {
	Event       string // key in the register
	Reference   string // the contract or case it belongs to; one entry for each
	First, Last time.Time
	ID          string // id of the latest
}

// ConsentStatus of a scope.
type ConsentStatus uint8

// Statuses of consent; only Standing counts.
const (
	NotGiven ConsentStatus = iota
	Standing
	Withdrawn
	Expired
	Invalid
)

// ConsentState is the latest state of one scope. Explicit, Purposes and Recipients are set only while
// it is Standing.
type ConsentState struct {
	Scope      string
	Status     ConsentStatus
	Since      time.Time // when this status began
	Given      time.Time // of the latest consent given
	Explicit   bool
	Purposes   []string // leaves covered: those of the notice version shown, less what was narrowed
	Recipients []string // covered
	Without    []string // categories taken out, with all below them
	Notice     string   // version shown; empty if it is not known
	Event      string   // id of the event that made the status
}

// Objection that stands.
type Objection struct {
	Ground   Ground
	Purposes []string // nodes; empty means all
	Since    time.Time
	Event    string
}

// Restriction that stands.
type Restriction struct {
	Categories []string // nodes; empty means all
	Reason     string
	Since      time.Time
	Event      string
	Exceptions []RestrictionException
}

// RestrictionException that is open.
type RestrictionException struct {
	Exception Exception
	Purposes  []string // nodes
	Event     string
}

// Incident that is open.
type Incident struct {
	Reference string
	Purposes  []string
	Event     string
}

// Hold that stands.
type Hold struct {
	Categories []string // nodes; empty means all
	Since      time.Time
	Event      string
}

// Judgement is the latest answer to a criterion rule.
type Judgement struct {
	Rule      string
	Necessary bool
	Since     time.Time
	ReviewAt  time.Time
	Event     string
}

// Attestation that who gave data about this person may do so.
type Attestation struct {
	By         string
	Categories []string // nodes
	Since      time.Time
	Event      string
}

// Assessment on file.
type Assessment struct {
	Key      string
	Purposes []string // nodes
	Event    string
}

// Agreement in force.
type Agreement struct {
	Recipient  string
	Purposes   []string // nodes
	Categories []string // nodes
	Actions    []string
	Countries  []string
	Event      string
}
