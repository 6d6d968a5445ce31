package basis

import "time"

// ControllerWide is the DataSubject of events that concern no single person: assessments, agreements.
const ControllerWide = "*"

// Event is one thing that happened to the state of a data subject. Events are never changed or
// reordered; a correction is another event.
type Event struct {
	ID          string    // unique; recording the same id and content again has no effect. Empty: the ledger assigns one
	DataSubject string    // whose state; ControllerWide for none
	ValidAt     time.Time // since when it is true; zero means RecordedAt
	RecordedAt  time.Time // when the ledger learned it, assigned by the ledger, strictly increasing
	Body        Body
}

// Body is the content of an event: one of the types below.
type Body interface {
	// Kind is the stable name of the type in stores and reports, "consent.given".
	Kind() string
	body()
}

// ConsentGiven records consent by a clear affirmative act (GDPR Art. 4(11), 7). A second one of
// the same scope renews it.
type ConsentGiven struct {
	Scope      string    `json:"scope"`                // consent scope of the register
	Notice     string    `json:"notice,omitempty"`     // version of the notice that was shown; empty: the one in force at ValidAt
	Recipients []string  `json:"recipients,omitempty"` // named to the person; empty: those that the scope names, and no sharing where it names none
	Until      time.Time `json:"until,omitzero"`       // expiry, exclusive; zero means none
	Quality    Quality   `json:"quality"`
	Reference  string    `json:"reference,omitempty"` // where the proof is kept (Art. 7(1))
}

// Quality states how consent was given. The zero Quality is no valid consent.
type Quality struct {
	Affirmative bool `json:"affirmative"` // a clear affirmative act: not silence, not continued browsing, not acceptance of a notice
	Specific    bool `json:"specific"`    // separate from other matters (Art. 7(2))
	Informed    bool `json:"informed"`
	Free        bool `json:"free"`     // not made a condition (Art. 7(4))
	Explicit    bool `json:"explicit"` // express statement (Art. 9(2)(a))
}

// Valid reports whether the four conditions of GDPR Art. 4(11) are met.
func (q Quality) Valid() bool { return q.Affirmative && q.Specific && q.Informed && q.Free }

// GoodConsent is the quality of a valid, not necessarily explicit, consent.
func GoodConsent() Quality {
	return Quality{Affirmative: true, Specific: true, Informed: true, Free: true}
}

// ConsentNarrowed takes purposes, recipients or categories out of a standing consent.
type ConsentNarrowed struct {
	Scope      string   `json:"scope"`
	Purposes   []string `json:"purposes,omitempty"`   // removed, with all below them
	Recipients []string `json:"recipients,omitempty"` // removed
	Categories []string `json:"categories,omitempty"` // removed, with all below them
}

// ConsentWithdrawn ends a consent from ValidAt on; it does not reach back (GDPR Art. 7(3)).
type ConsentWithdrawn struct {
	Scope string `json:"scope"`
}

// Ground of an objection.
type Ground uint8

// Grounds of objection. The zero Ground is not valid.
const (
	Marketing    Ground = iota + 1 // GDPR Art. 21(2): absolute
	OwnSituation                   // GDPR Art. 21(1)
)

// ObjectionRaised records an objection (GDPR Art. 21).
type ObjectionRaised struct {
	Ground   Ground   `json:"ground"`
	Purposes []string `json:"purposes,omitempty"` // with all below them; empty means every purpose
}

// ObjectionRefused records that compelling grounds or legal claims override an objection on the
// own situation. An objection to marketing cannot be refused.
type ObjectionRefused struct {
	Objection string `json:"objection"` // event id
	Reference string `json:"reference"` // where the grounds are recorded
}

// ObjectionUpheld records that the controller accepted an objection; it stands for good.
type ObjectionUpheld struct {
	Objection string `json:"objection"`
}

// RestrictionImposed limits processing to storage (GDPR Art. 18(1)).
type RestrictionImposed struct {
	Categories []string `json:"categories,omitempty"` // with all below them; empty means every category
	Reason     string   `json:"reason"`               // "accuracy-contested", "unlawful", "legal-claims", "objection-pending"
}

// RestrictionLifted ends a restriction; the person must have been told before (GDPR Art. 18(3)).
type RestrictionLifted struct {
	Restriction string    `json:"restriction"` // event id
	InformedAt  time.Time `json:"informed_at"` // not after ValidAt
}

// Exception is a ground on which restricted data may be used (GDPR Art. 18(2)).
type Exception uint8

// The exceptions of GDPR Art. 18(2). The zero Exception is not valid.
const (
	ByConsent Exception = iota + 1
	LegalClaims
	RightsOfAnother
	PublicInterest
)

// RestrictionExcepted opens restricted data for named purposes.
type RestrictionExcepted struct {
	Restriction string    `json:"restriction"` // event id
	Exception   Exception `json:"exception"`
	Purposes    []string  `json:"purposes"` // with all below them; at least one
	Reference   string    `json:"reference"`
	Until       time.Time `json:"until,omitzero"` // exclusive; zero means until lifted
}

// Occurred records an event that the register declares: an application, a contract, its end.
type Occurred struct {
	Event     string `json:"event"`               // key in the register
	Reference string `json:"reference,omitempty"` // the contract or case it belongs to
}

// IncidentOpened records a vital emergency (GDPR Art. 6(1)(d)).
type IncidentOpened struct {
	Reference string    `json:"reference"`
	Purposes  []string  `json:"purposes"`
	Until     time.Time `json:"until"` // exclusive, at most 72 hours after ValidAt
}

// HoldPlaced suspends erasure for a legal claim; it authorises no read.
type HoldPlaced struct {
	Categories []string `json:"categories,omitempty"` // with all below them; empty means every category
	Reason     string   `json:"reason"`
}

// HoldReleased ends a hold.
type HoldReleased struct {
	Hold string `json:"hold"` // event id
}

// NecessityJudged answers a retention rule that only a person can decide.
type NecessityJudged struct {
	Rule      string    `json:"rule"` // retention rule key
	Necessary bool      `json:"necessary"`
	ReviewAt  time.Time `json:"review_at,omitzero"`
	Reference string    `json:"reference,omitempty"`
}

// AttestationGiven records that who supplied data about another person may do so.
type AttestationGiven struct {
	By         string   `json:"by"` // data subject id of the giver
	Categories []string `json:"categories"`
}

// Attestations, assessments and agreements below are controller-wide where they name no person.

// AssessmentFiled puts an assessment on file beside those in the register.
type AssessmentFiled struct {
	Assessment string    `json:"assessment"` // key
	Purposes   []string  `json:"purposes"`
	Until      time.Time `json:"until,omitzero"`
	Reference  string    `json:"reference"`
}

// AgreementSigned records a processing agreement with its instructions (GDPR Art. 28(3)).
type AgreementSigned struct {
	Recipient  string    `json:"recipient"`
	Purposes   []string  `json:"purposes"`             // instructed, with all below them
	Categories []string  `json:"categories,omitempty"` // instructed, with all below them; empty means those of the activity
	Actions    []string  `json:"actions,omitempty"`
	Countries  []string  `json:"countries,omitempty"`
	Until      time.Time `json:"until,omitzero"`
	Reference  string    `json:"reference"`
}

// AgreementEnded ends an agreement.
type AgreementEnded struct {
	Agreement string `json:"agreement"` // event id
}

func (ConsentGiven) Kind() string        { return "consent.given" }
func (ConsentNarrowed) Kind() string     { return "consent.narrowed" }
func (ConsentWithdrawn) Kind() string    { return "consent.withdrawn" }
func (ObjectionRaised) Kind() string     { return "objection.raised" }
func (ObjectionRefused) Kind() string    { return "objection.refused" }
func (ObjectionUpheld) Kind() string     { return "objection.upheld" }
func (RestrictionImposed) Kind() string  { return "restriction.imposed" }
func (RestrictionLifted) Kind() string   { return "restriction.lifted" }
func (RestrictionExcepted) Kind() string { return "restriction.excepted" }
func (Occurred) Kind() string            { return "relationship.occurred" }
func (IncidentOpened) Kind() string      { return "incident.opened" }
func (HoldPlaced) Kind() string          { return "hold.placed" }
func (HoldReleased) Kind() string        { return "hold.released" }
func (NecessityJudged) Kind() string     { return "necessity.judged" }
func (AttestationGiven) Kind() string    { return "attestation.given" }
func (AssessmentFiled) Kind() string     { return "assessment.filed" }
func (AgreementSigned) Kind() string     { return "agreement.signed" }
func (AgreementEnded) Kind() string      { return "agreement.ended" }

func (ConsentGiven) body()        {}
func (ConsentNarrowed) body()     {}
func (ConsentWithdrawn) body()    {}
func (ObjectionRaised) body()     {}
func (ObjectionRefused) body()    {}
func (ObjectionUpheld) body()     {}
func (RestrictionImposed) body()  {}
func (RestrictionLifted) body()   {}
func (RestrictionExcepted) body() {}
func (Occurred) body()            {}
func (IncidentOpened) body()      {}
func (HoldPlaced) body()          {}
func (HoldReleased) body()        {}
func (NecessityJudged) body()     {}
func (AttestationGiven) body()    {}
func (AssessmentFiled) body()     {}
func (AgreementSigned) body()     {}
func (AgreementEnded) body()      {}
