package rights

import (
	"maps"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/retention"
)

// Code is a stable reason of an answer: "right.", then what was missing or what decided. The list is closed; it is in
// reasons.md.
type Code string

// Codes about the request.
const (
	CodeIdentityMissing Code = "right.identity-missing"
	CodeIdentityDoubted Code = "right.identity-doubted"
	CodeChannel         Code = "right.channel"
	CodeStatement       Code = "right.statement-missing"
	CodeConditionUnmet  Code = "right.condition"
	CodeGroundMissing   Code = "right.ground-missing"
	CodeUnfounded       Code = "right.unfounded"
	CodeExcessive       Code = "right.excessive"
	CodePersonDecides   Code = "right.person-decides"
)

// Codes that refer to somebody else.
const (
	CodeOtherController Code = "right.other-controller"
	CodeProcessor       Code = "right.held-as-processor"
	CodeDatasetMissing  Code = "right.dataset-missing"
)

// Codes about access, portability and rectification.
const (
	CodeWithheld           Code = "right.withheld-by-law"
	CodeAnotherPerson      Code = "right.another-person"
	CodeAccurate           Code = "right.accurate"
	CodeNotProvided        Code = "right.not-provided"
	CodeNotPortable        Code = "right.basis-not-portable"
	CodeNotAutomated       Code = "right.not-automated"
	CodeNothingPortable    Code = "right.nothing-portable"
	CodeTransferInfeasible Code = "right.transfer-infeasible"
)

// Codes about erasure.
const (
	CodeNothingHeld     Code = "right.nothing-held"
	CodeExpired         Code = "right.expired"
	CodeNotNeeded       Code = "right.not-needed"
	CodeFounded         Code = "right.founded"
	CodeLegalObligation Code = "right.legal-obligation"
	CodeLegalClaims     Code = "right.legal-claims"
	CodePublicTask      Code = "right.public-task"
	CodeNeeded          Code = "right.needed"
	CodeRestricted      Code = "right.restricted"
	CodeUndecided       Code = "right.retention-undecided"
	CodeStillHeld       Code = "right.still-held"
)

// Codes about restriction, objection, withdrawal and review.
const (
	CodeNotObjectable    Code = "right.not-objectable"
	CodeOverridden       Code = "right.overridden"
	CodeConsentNone      Code = "right.consent-not-given"
	CodeDecisionMissing  Code = "right.decision-missing"
	CodeReviewerMissing  Code = "right.reviewer-missing"
	CodeRestrictionNone  Code = "right.restriction-unknown"
	CodeObjectionNone    Code = "right.objection-unknown"
	CodeNotInformed      Code = "right.not-informed"
	CodeAbsolute         Code = "right.absolute"
	CodeReferenceMissing Code = "right.reference-missing"
	CodeAuthorityMissing Code = "right.authority-missing"
)

// Codes of steps, in the trail.
const (
	CodeReceived      Code = "right.received"
	CodeExtended      Code = "right.extended"
	CodeExtensionLate Code = "right.extension-late"
	CodeExtensionLong Code = "right.extension-too-long"
	CodeTaken         Code = "right.in-effect"
	CodeCarriedOut    Code = "right.carried-out"
	CodeCarryFailed   Code = "right.carry-failed"
	CodeForgotten     Code = "right.forgotten"
	CodeLifted        Code = "right.restriction-lifted"
	CodeUpheld        Code = "right.upheld"
	CodeExcepted      Code = "right.restriction-excepted"
	CodeChanged       Code = "right.decision-changed"
	CodeConfirmed     Code = "right.decision-confirmed"
)

// Text says in a sentence what the code means; %s stands for its parameter. It is empty for what is no code.
func (c Code) Text() string { return codes[c] }

// Codes lists every code, in order.
func Codes() []Code { return slices.Sorted(maps.Keys(codes)) }

// Reason is why a request, or a part of it, is answered as it is.
type Reason struct {
	Code    Code   `json:"code"`
	Param   string `json:"param,omitempty"` // the key that Code's text speaks of
	Clause  string `json:"clause,omitempty"`
	Purpose string `json:"purpose,omitempty"`
	// Rule, Law and Term say what keeps a datum and until when; Term is zero where no end is known.
	Rule           string `json:"rule,omitempty"`
	Law            string `json:"law,omitempty"`
	retention.Term `json:"term,omitzero"`
	Evidence       string `json:"evidence,omitempty"` // id of a ledger event, or a reference
}

// String renders the reason: code, sentence, clause and last day.
func (r *Reason) String() string {
	s := string(r.Code)
	if text := r.Code.Text(); text != "" {
		param := r.Param
		if param == "" {
			param = "it"
		}
		s += ": " + strings.ReplaceAll(text, "%s", param)
	}
	if r.Clause != "" {
		s += " [" + r.Clause + "]"
	}
	if !r.LastDay.IsZero() {
		s += ", through " + r.LastDay.String()
	}
	return s
}
