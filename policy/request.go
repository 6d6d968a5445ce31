package policy

import (
	"time"

	"github.com/purposebound/purposebound/purpose"
)

// Request asks to do one thing with personal data, for one purpose. The zero value of every field
// is the safe one: what is missing denies, never permits.
type Request struct {
	Principal Principal
	Action    purpose.Action // set by Read and Share; Decide and Explain need it
	Purpose   string         // a leaf of the register's purpose tree

	// DataSubject is whose data it is, where the record does not say.
	DataSubject string

	// Recipient, Country (ISO 3166 alpha-2), Mechanism and Statute belong to sharing. Country may be left out when the
	// register knows exactly one; Mechanism is needed outside the area; Statute where the recipient acts on a law.
	Recipient string
	Country   string
	Mechanism purpose.Mechanism
	Statute   string

	Dataset    string     // where the register keeps datasets apart
	Provenance Provenance // where the activity asks for it, and whenever data is collected
	Facts      purpose.Facts

	// Reviewer is the person who takes the decision, for the action Decide and for scores that a recipient
	// draws strongly on. Empty: the decision is solely automated (GDPR Art. 22).
	Reviewer string
	Minor    bool // the decision has no legal or similarly significant effect

	// At is the instant to judge by, KnownAt the instant whose knowledge to use; zero means now. Data is
	// released as of now only: Read and Share refuse a stated time.
	At, KnownAt time.Time

	TraceID string // W3C trace id, for the audit trail
}

// Principal is who is asking, as the application has authenticated it.
type Principal struct {
	ID           string
	Roles        []string
	Tasks        []string // cases and tasks the principal works on, as keys
	Organisation string   // key; needed where the register names the controller's own
	Country      string   // from where access is made, ISO 3166 alpha-2; empty: inside the area
}

// Provenance says where data came from and what it was obtained for.
type Provenance struct {
	Source      string    // key
	ObtainedFor []string  // purposes it was obtained for
	CollectedAt time.Time // anchors retention rules on the event "collected"
	Record      string    // the contract or application it belongs to, as events name it; empty: events of all count
}

// To is the request with a recipient, for Share.
func (r Request) To(recipient string) Request {
	r.Recipient = recipient
	return r
}

// For is the request with another purpose.
func (r Request) For(purpose string) Request {
	r.Purpose = purpose
	return r
}

// With is the request with further facts.
func (r Request) With(facts ...purpose.NamedValue) Request {
	r.Facts = append(r.Facts[:len(r.Facts):len(r.Facts)], facts...)
	return r
}

// Limits of a request.
const (
	maxList = 64  // roles, tasks, facts, purposes
	maxText = 256 // bytes of one id or key
)

// tooLarge reports whether a list or text goes beyond what a request may hold.
func (r *Request) tooLarge() bool {
	p := &r.Principal
	longest := max(len(p.ID), len(p.Organisation), len(p.Country), len(r.Country), len(r.Purpose), len(r.DataSubject), len(r.Recipient), len(r.Statute),
		len(r.Dataset), len(r.Provenance.Source), len(r.Provenance.Record), len(r.Reviewer), len(r.TraceID))
	most := max(len(p.Roles), len(p.Tasks), len(r.Facts), len(r.Provenance.ObtainedFor))
	if longest > maxText || most > maxList || anyTooLong(p.Roles) || anyTooLong(p.Tasks) || anyTooLong(r.Provenance.ObtainedFor) {
		return true
	}
	for i := range r.Facts {
		v := &r.Facts[i].Value
		if len(r.Facts[i].Fact) > maxText || len(v.Text()) > maxText || len(v.Texts()) > maxList || anyTooLong(v.Texts()) {
			return true
		}
	}
	return false
}

func anyTooLong(list []string) bool {
	for _, s := range list {
		if len(s) > maxText {
			return true
		}
	}
	return false
}
