package basis

import "time"

// Claim is one ground that a register declares beforehand for an activity. Several claims of an
// activity are alternatives, tried in order; All makes one claim a conjunction.
type Claim struct {
	Basis      Basis    `json:"basis,omitzero"`
	Laws       []string `json:"laws,omitempty"`       // legal obligation, public task: keys of the laws relied on, all in force
	Named      bool     `json:"named,omitempty"`      // legal obligation, public task: the request names the one that it rests on, and that alone must be in force
	Scope      string   `json:"scope,omitempty"`      // consent: key of the consent scope
	Explicit   bool     `json:"explicit,omitempty"`   // consent: must be explicit (GDPR Art. 9(2)(a), 22(2)(c), 49(1)(a))
	Relation   string   `json:"relation,omitempty"`   // contract: the relation meant; empty means any
	Stages     []Stage  `json:"stages,omitempty"`     // contract: stages in which the claim holds; empty means Enquiry to Active
	Capacities []string `json:"capacities,omitempty"` // the data subject must act in one of these; empty means any capacity
	Interest   string   `json:"interest,omitempty"`   // legitimate interests: the interest pursued (GDPR Art. 13(1)(d))
	Assessment string   `json:"assessment,omitempty"` // legitimate interests: key of the balancing test; vital interests: none
	All        []Claim  `json:"all,omitempty"`        // further claims that must hold too
	Clause     string   `json:"clause,omitempty"`     // where the notice or law states it
	Assumed    bool     `json:"assumed,omitempty"`    // supplied by the application where the notice is silent
	Note       string   `json:"note,omitempty"`       // why it was assumed
}

// Status says whether a claim holds. The zero Status is Fails.
type Status uint8

// The answers a claim can give; only Holds lets anything through.
const (
	Fails Status = iota
	Unknown
	Holds
)

// Code says why a claim does not hold; it is stable and appears in reasons as "basis.<code>".
type Code string

// Codes of claims that do not hold.
const (
	CodeNone                 Code = ""
	CodeUndeclared           Code = "undeclared"             // no basis named, or no interest stated
	CodeConsentMissing       Code = "consent-missing"        // never given
	CodeConsentWithdrawn     Code = "consent-withdrawn"      // GDPR Art. 7(3)
	CodeConsentExpired       Code = "consent-expired"        //
	CodeConsentInvalid       Code = "consent-invalid"        // quality flags of Art. 4(11), 7 not met
	CodeConsentPurpose       Code = "consent-purpose"        // the purpose was not among those shown
	CodeConsentRecipient     Code = "consent-recipient"      // the recipient was not among those shown
	CodeConsentCategory      Code = "consent-category"       // the category was taken out of the consent
	CodeConsentNotExplicit   Code = "consent-not-explicit"   //
	CodeContractNone         Code = "contract-none"          // no relation on record
	CodeContractStage        Code = "contract-stage"         // the relation is in another stage
	CodeCapacity             Code = "capacity"               // the person does not act in a capacity the claim covers
	CodeLawUnstated          Code = "law-unstated"           // no law cited
	CodeLawNotInForce        Code = "law-not-in-force"       //
	CodeLawUnnamed           Code = "law-unnamed"            // the request names none of the laws
	CodeIncidentMissing      Code = "incident-missing"       // vital interests without an open incident
	CodeAssessmentMissing    Code = "assessment-missing"     // no balancing test on file
	CodeAssessmentOutOfDate  Code = "assessment-out-of-date" // on file, not valid at the time or for the purpose
	CodeObjectionStanding    Code = "objection-standing"     // GDPR Art. 21(1)
	CodeObjectionNotNotified Code = "objection-not-notified" // the right to object was not brought to attention, Art. 21(4)
	CodeStateMissing         Code = "state-missing"          // no state of the data subject was supplied
)

// Result is the answer of one claim: what it rests on when it holds, why when it does not.
type Result struct {
	Status   Status
	Code     Code   // empty iff Status is Holds
	Evidence string // id of the event, key of the law or of the assessment
}

// Records answers what the register has on file; *purpose.Register implements it.
type Records interface {
	LawInForce(law string, at time.Time) bool
	AssessmentValid(assessment, purpose string, at time.Time) (known, valid bool)
	ObjectionNotified(at time.Time) bool
	// Within reports whether purpose is node or lies below it.
	Within(purpose, node string) bool
}

// Circumstances are what a claim is tested against. Nil State or Records make every claim Unknown, as
// do a State that does not cover At and an empty Purpose.
type Circumstances struct {
	At        time.Time
	Purpose   string // the leaf that is requested
	Recipient string // who receives, when sharing; else empty
	Statute   string // the law that the request rests on, where it says so
	Category  string // data category; empty means all of the activity, and a consent with any taken out fails
	State     *State
	Records   Records
}
