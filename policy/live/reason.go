package live

import "fmt"

// Reason says why a change was refused: a stable code, as audit events carry it.
type Reason string

// Reasons. The list is closed.
const (
	ReasonFetch     Reason = "policy.change.fetch"     // the source could not be read
	ReasonUnstable  Reason = "policy.change.unstable"  // it changed whenever it was read
	ReasonSize      Reason = "policy.change.size"      // too many files or bytes
	ReasonFiles     Reason = "policy.change.files"     // a name, a link or a kind of file that does not belong there
	ReasonUnsigned  Reason = "policy.change.unsigned"  // nobody signed it
	ReasonSignature Reason = "policy.change.signature" // a signature that does not hold
	ReasonRevision  Reason = "policy.change.revision"  // signed, but not numbered
	ReasonRollback  Reason = "policy.change.rollback"  // older than what was in force
	ReasonConflict  Reason = "policy.change.conflict"  // a revision that stood for other content
	ReasonLoad      Reason = "policy.change.load"      // the rules do not compile
	ReasonSelfTest  Reason = "policy.change.self-test" // they compile and decide wrongly
	ReasonPanic     Reason = "policy.change.panic"     // reading, compiling or testing broke down
	ReasonTimeout   Reason = "policy.change.timeout"   // reading, compiling or testing took too long
	ReasonBusy      Reason = "policy.change.busy"      // too many earlier attempts are still hanging
	ReasonStore     Reason = "policy.change.store"     // the revision could not be read or kept
	ReasonTrail     Reason = "policy.change.trail"     // the change could not be recorded
)

// NoDigest stands in an event for content that was never read whole.
const NoDigest = "sha256:0000000000000000000000000000000000000000000000000000000000000000"

// Error is a change that was refused. Sources and verifiers return it to say the reason; any other error of theirs
// counts as [ReasonFetch] or [ReasonSignature].
type Error struct {
	Reason Reason
	Digest string // of the content that was refused, empty where none was read
	Place  string // the file, where one is to blame
	Err    error  // the cause, may be nil
}

// Error names the reason and the place. The text of the cause is added where it is about the rules: those of
// stores, trails and foreign sources may hold more than a log should.
func (e *Error) Error() string {
	s := "live: the policy was not changed: " + string(e.Reason)
	if e.Place != "" {
		s += fmt.Sprintf(": %q", e.Place)
	}
	if e.Err == nil {
		return s
	}
	switch e.Reason {
	case ReasonFiles, ReasonSize, ReasonSignature, ReasonRevision, ReasonLoad, ReasonSelfTest:
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// inherent reports whether the same content is refused whenever it is tried.
func (r Reason) inherent() bool {
	switch r {
	case ReasonLoad, ReasonSelfTest, ReasonPanic, ReasonRevision, ReasonRollback, ReasonConflict, ReasonUnsigned:
		return true
	}
	return false
}
