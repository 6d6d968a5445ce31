package rights

import (
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// Request is what a person asks of the controller. Kind, DataSubject and Received are needed; for the rest the zero value
// means "not said", and what a right needs and a request does not say refuses it, naming what is missing. It holds keys and
// references, never a value.
type Request struct {
	// ID of the case, a ULID. Empty: the desk gives one. A request served again under its ID takes effect once.
	ID          string
	Kind        purpose.RightKind
	DataSubject string
	Received    time.Time
	Channel     string   // key of the form in which it came
	Identity    Identity // of who asks
	Stated      []string // what the request states, as keys: "changes", "grounds"
	Ground      Ground   // why it is asked
	Finding     Finding  // what somebody of the controller found about the ground
	Facts       purpose.Facts

	// Organisation is whose processing the request is about; empty: the controller's. AddressedTo is who was asked, where
	// that was not the controller itself. Both are keys of recipients.
	Organisation, AddressedTo string

	Categories []string // nodes that it is about; empty: everything that is held
	Purposes   []string // nodes that it is about; empty: all
	Scopes     []string // of consent, for a withdrawal; empty: those of the purposes, or all

	// Holdings are what is held on the person, as far as the request reaches.
	Holdings []Holding

	// TransferTo asks that an export goes straight to another controller, a name of the caller's; TransferFeasible says that
	// this can be done (Art. 20(2)).
	TransferTo       string
	TransferFeasible bool

	// DecisionID is the automated decision that is contested, as the trail has it; Reviewer is who reviews it (Art. 22(3)).
	DecisionID string
	Reviewer   string

	// Handler is who handles the request for the controller; empty: the person, by a form of their own.
	Handler string
	TraceID string // W3C trace id, for the audit trail
}

// Holding is one datum, or a kind of data, that is held on a person. Category is needed. What is not said about it keeps
// it, leaves it out of an export, and never erases it.
type Holding struct {
	Category string // of the register
	Field    string // path or column, for reports and the trail

	Dataset    string // where the register keeps datasets apart
	Controller string // on whose behalf it is held, where the dataset has several
	Person     string // data subject whose it is, where that is not who asks

	Origin      Origin
	Source      string      // key
	Basis       basis.Basis // on which it is held; zero: what the register and the person's state say
	Manual      bool        // on paper, outside automated processing
	CollectedAt time.Time
	ObtainedFor []string // purposes; empty: not known, so all that the register allows

	// Reference is the contract or case that it belongs to: events that name another one do not concern it. The ledger must
	// then be able to give its history.
	Reference string
	// Events of this datum alone, such as the date of an invoice. For the keys named here the person's events do not count.
	Events []retention.Event
	// Days and Lengths that rules ask for. Instants among the facts serve as days too.
	Days    []retention.GivenDay
	Lengths []retention.GivenLength

	// Withheld is the law, a key of the register, that forbids to tell the person that it is held at all.
	Withheld string
}

// Identity says what is known of who asks.
type Identity uint8

// Identities. Unknown is enough where the notice asks for no proof and nobody doubts (GDPR Art. 12(6)).
const (
	Unknown Identity = iota
	Doubted
	Proven
)

var identityNames = []string{"unknown", "doubted", "proven"}

// String is the name.
func (i Identity) String() string { return name(identityNames, uint8(i)) }

// MarshalText writes the name.
func (i Identity) MarshalText() ([]byte, error) { return marshal(identityNames, uint8(i)) }

// UnmarshalText reads a name.
func (i *Identity) UnmarshalText(b []byte) error { return unmarshal(identityNames, b, i) }

// Origin says how data came to be.
type Origin uint8

// Origins. The zero Origin is not known.
const (
	UnknownOrigin Origin = iota
	Provided             // by the person, knowingly
	Observed             // of the person's use of a service or device: provided too (Art. 20; WP242 rev.01)
	Obtained             // from somebody else
	Derived              // worked out from other data
	Inferred             // guessed from other data, such as a score
)

var originNames = []string{"", "provided", "observed", "obtained", "derived", "inferred"}

// String is the name.
func (o Origin) String() string { return name(originNames, uint8(o)) }

// MarshalText writes the name.
func (o Origin) MarshalText() ([]byte, error) { return marshal(originNames, uint8(o)) }

// UnmarshalText reads a name.
func (o *Origin) UnmarshalText(b []byte) error { return unmarshal(originNames, b, o) }

// Ground is why a right is asked for.
type Ground uint8

// Grounds. The zero Ground is none.
const (
	NoGround         Ground = iota
	Inaccurate              // GDPR Art. 5(1)(d), 16; contested accuracy, 18(1)(a)
	Incomplete              // Art. 16
	Irrelevant              // no longer needed for the purpose: Art. 17(1)(a)
	ConsentWithdrawn        // Art. 17(1)(b)
	Objected                // Art. 17(1)(c)
	Unlawful                // Art. 17(1)(d), 18(1)(b)
	ErasureDuty             // Art. 17(1)(e)
	ChildService            // Art. 17(1)(f)
	LegalClaims             // Art. 18(1)(c)
	ObjectionPending        // Art. 18(1)(d)
	OwnSituation            // Art. 21(1)
)

var groundNames = []string{"", "inaccurate", "incomplete", "irrelevant", "consent-withdrawn", "objected", "unlawful", "erasure-duty",
	"child-service", "legal-claims", "objection-pending", "own-situation"}

// String is the name.
func (g Ground) String() string { return name(groundNames, uint8(g)) }

// MarshalText writes the name.
func (g Ground) MarshalText() ([]byte, error) { return marshal(groundNames, uint8(g)) }

// UnmarshalText reads a name.
func (g *Ground) UnmarshalText(b []byte) error { return unmarshal(groundNames, b, g) }

// Finding is what a named person of the controller found about a request. The zero Finding is none: where one is needed, the
// request waits for it.
type Finding struct {
	Verdict   Finds
	By        string // id of who found it; without it the finding does not count
	Reference string // where it is recorded
}

// counts reports whether the finding is one.
func (f *Finding) counts() bool { return f.Verdict != Unjudged && f.By != "" }

// Finds is the verdict of a [Finding].
type Finds uint8

// Verdicts.
const (
	Unjudged Finds = iota
	Founded        // the ground is as the person says
	Unfounded
	Overridden // compelling legitimate grounds, legal claims or a law override it (Art. 21(1)); needs a reference
	Excessive  // manifestly unfounded or excessive (Art. 12(5)); needs a reference
)

var findsNames = []string{"", "founded", "unfounded", "overridden", "excessive"}

// String is the name.
func (f Finds) String() string { return name(findsNames, uint8(f)) }

// MarshalText writes the name.
func (f Finds) MarshalText() ([]byte, error) { return marshal(findsNames, uint8(f)) }

// UnmarshalText reads a name.
func (f *Finds) UnmarshalText(b []byte) error { return unmarshal(findsNames, b, f) }
