package policy

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Gate is one step of a decision. All gates are evaluated, in this order, whatever the earlier ones say.
type Gate uint8

// The gates in order.
const (
	GateRequest     Gate = iota // the request itself is complete and speaks the register's language
	GateState                   // the state of every data subject could be read
	GateRegister                // a notice version is in force
	GateFacts                   // what rules ask for was stated
	GateRole                    // controller, or processor inside its instruction
	GateProhibition             // nothing bans the data outright
	GateRestriction             // no restriction stands (GDPR Art. 18)
	GateLock                    // no statute reserves the data
	GatePurpose                 // an activity covers purpose, category, capacity and action
	GateSource                  // the data came from where it may, for what it may
	GateRetention               // the purpose has not expired (GDPR Art. 5(1)(e))
	GateBasis                   // a declared claim holds (GDPR Art. 6(1))
	GateOverlay                 // special, criminal, national-id, third-party data have their ground
	GateObjection               // no objection stands (GDPR Art. 21)
	GateAutomated               // solely automated decisions have their ground (GDPR Art. 22)
	GateRecipient               // the recipient may have it
	GateTransfer                // it may go to that country (GDPR chapter V)
	GatePolicy                  // a policy permits it and none denies
	GateRelease                 // state, trail and clock allowed it to leave
	gates
)

var gateNames = [gates]string{"request", "state", "register", "facts", "role", "prohibition", "restriction", "lock", "purpose", "source",
	"retention", "basis", "overlay", "objection", "automated", "recipient", "transfer", "policy", "release"}

// String is the name of the gate, the first word of its codes.
func (g Gate) String() string {
	if g < gates {
		return gateNames[g]
	}
	return ""
}

// MarshalText writes the name.
func (g Gate) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// Code is a stable reason for a denial: the gate's name, a dot, and what was missing. The list is
// closed; it is in reasons.md.
type Code string

// Gate that gives the code.
func (c Code) Gate() Gate { return codes[c].gate }

// Text says in a sentence what the code means; %s stands for its parameter.
func (c Code) Text() string { return codes[c].text }

// Malformed reports whether the code says that the request contradicts itself or the register, rather
// than that something is missing or forbidden.
func (c Code) Malformed() bool { return codes[c].malformed }

// Codes lists every reason, in the order of the gates.
func Codes() []Code {
	return slices.SortedFunc(maps.Keys(codes), func(a, b Code) int {
		return cmp.Or(cmp.Compare(a.Gate(), b.Gate()), strings.Compare(string(a), string(b)))
	})
}

// Codes of reasons.
const (
	CodeRecordNil          Code = "request.record-nil"
	CodePrincipalMissing   Code = "request.principal-missing"
	CodeRolesMissing       Code = "request.roles-missing"
	CodeActionMissing      Code = "request.action-missing"
	CodePurposeMissing     Code = "request.purpose-missing"
	CodePurposeUnknown     Code = "request.purpose-unknown"
	CodePurposeNotLeaf     Code = "request.purpose-not-leaf"
	CodePurposeDisclosure  Code = "request.substantive-purpose-missing"
	CodeFieldUnknown       Code = "request.field-unknown"
	CodeFieldsNone         Code = "request.fields-none"
	CodeDataSubjectMissing Code = "request.data-subject-missing"
	CodeDataSubjectDiffers Code = "request.data-subject-differs"
	CodeTimeFuture         Code = "request.time-future"
	CodeTimeStated         Code = "request.time-stated"
	CodeReleasesNothing    Code = "request.releases-nothing"
	CodeTooLarge           Code = "request.too-large"

	CodeNoNotice Code = "register.no-notice"

	CodeFactMissing    Code = "facts.missing"
	CodeFactUndeclared Code = "facts.undeclared"
	CodeFactType       Code = "facts.type"
	CodeFactValue      Code = "facts.value"
	CodeFactRepeated   Code = "facts.repeated"
	CodeCondition      Code = "facts.condition"

	CodeOrganisationMissing Code = "role.organisation-missing"
	CodeOrganisationUnknown Code = "role.organisation-unknown"
	CodeOutsideInstruction  Code = "role.outside-instruction"
	CodeDatasetMissing      Code = "role.dataset-missing"
	CodeDatasetUnknown      Code = "role.dataset-unknown"
	CodeOtherController     Code = "role.other-controller"

	CodeProhibited Code = "prohibition.category"

	CodeRestricted Code = "restriction.in-force"

	CodeLocked Code = "lock.reserved"

	CodeNotCovered   Code = "purpose.category"
	CodeTagPurpose   Code = "purpose.tag"
	CodeCapacity     Code = "purpose.capacity"
	CodeAction       Code = "purpose.action"
	CodeNoticeBefore Code = "purpose.notice"

	CodeSourceMissing      Code = "source.missing"
	CodeSourceUndeclared   Code = "source.undeclared"
	CodeObtainedForMissing Code = "source.obtained-for-missing"
	CodeObtainedFor        Code = "source.obtained-for"

	CodeExpired             Code = "retention.expired"
	CodeRetentionUndecided  Code = "retention.person-decides"
	CodeRetentionNotStored  Code = "retention.transient"
	CodeRetentionUnanswered Code = "retention.no-rule"
	CodeCollectedMissing    Code = "retention.collected-missing"

	CodeBasis                Code = "basis.none" // claims give "basis." and their own code
	CodeBasisTag             Code = "basis.tag"
	CodeBasisObjection       Code = "basis.objection-standing"
	CodeConsentMissing       Code = "basis.consent-missing"
	CodeConsentWithdrawn     Code = "basis.consent-withdrawn"
	CodeConsentExpired       Code = "basis.consent-expired"
	CodeConsentInvalid       Code = "basis.consent-invalid"
	CodeConsentPurpose       Code = "basis.consent-purpose"
	CodeConsentRecipient     Code = "basis.consent-recipient"
	CodeConsentCategory      Code = "basis.consent-category"
	CodeConsentNotExplicit   Code = "basis.consent-not-explicit"
	CodeContractNone         Code = "basis.contract-none"
	CodeContractStage        Code = "basis.contract-stage"
	CodeBasisCapacity        Code = "basis.capacity"
	CodeLawUnstated          Code = "basis.law-unstated"
	CodeLawNotInForce        Code = "basis.law-not-in-force"
	CodeLawUnnamed           Code = "basis.law-unnamed"
	CodeIncidentMissing      Code = "basis.incident-missing"
	CodeAssessmentMissing    Code = "basis.assessment-missing"
	CodeAssessmentOutOfDate  Code = "basis.assessment-out-of-date"
	CodeObjectionNotNotified Code = "basis.objection-not-notified"
	CodeBasisUndeclared      Code = "basis.undeclared"
	CodeStateMissing         Code = "basis.state-missing"

	CodeOverlayMissing     Code = "overlay.missing"
	CodeOverlayFails       Code = "overlay.not-met"
	CodeAttestationMissing Code = "overlay.attestation-missing"

	CodeObjectionMarketing Code = "objection.marketing"

	CodeAutomated        Code = "automated.no-ground"
	CodeAutomatedClaim   Code = "automated.ground-not-held"
	CodeAutomatedSpecial Code = "automated.special"
	CodeAutomatedPerson  Code = "automated.person-decides"

	CodeRecipientMissing     Code = "recipient.missing"
	CodeRecipientUnexpected  Code = "recipient.unexpected"
	CodeRecipientUnknown     Code = "recipient.unknown"
	CodeRecipientNotDeclared Code = "recipient.not-declared"
	CodeRecipientMask        Code = "recipient.category"
	CodeRecipientCondition   Code = "recipient.condition"
	CodeAgreement            Code = "recipient.agreement"
	CodeInstruction          Code = "recipient.instruction"
	CodeStatuteMissing       Code = "recipient.statute-missing"

	CodeCountryMissing   Code = "transfer.country-missing"
	CodeCountryDiffers   Code = "transfer.country-differs"
	CodeMechanismMissing Code = "transfer.mechanism-missing"
	CodeSafeguard        Code = "transfer.safeguard"
	CodeRemoteAccess     Code = "transfer.remote-access"

	CodePolicyPermit  Code = "policy.not-permitted"
	CodePolicyDeny    Code = "policy.denied"
	CodePolicyError   Code = "policy.error"
	CodePolicyTimeout Code = "policy.timeout"
	CodePolicyPanic   Code = "policy.panic"
	CodePolicyMask    Code = "policy.mask"

	CodeStateUnavailable Code = "state.unavailable"
	CodeTrailUnavailable Code = "release.trail-unavailable"
	CodeAliasUnavailable Code = "release.alias-unavailable"
	CodeRecheck          Code = "release.changed"
	CodeProjection       Code = "release.projection"
	CodeInternal         Code = "release.internal"
	CodeEmergency        Code = "release.emergency"
	CodeGrantSpent       Code = "release.grant-spent"
	CodeGrantExpired     Code = "release.grant-expired"
	CodeGrantCancelled   Code = "release.grant-cancelled"
	CodeDeliveryFailed   Code = "release.delivery-failed"
	CodeDeliveryPanic    Code = "release.delivery-panic"
	CodeDeliveryUnknown  Code = "release.delivery-unknown"
)

// codeInfo explains a code. Parameters are register keys, never values.
type codeInfo struct {
	gate      Gate
	malformed bool
	text      string
}
