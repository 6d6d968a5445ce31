package audit

import "time"

// Limits of one event. A larger one is refused; [Split] makes smaller ones.
const (
	// Version of the line format.
	Version = 1
	// MaxLine is the longest line in bytes, its newline included.
	MaxLine = 4096
	// MaxRefs is the largest number of data subjects that one event may name.
	MaxRefs = 64
)

// Event says that something was decided about personal data. It holds register keys, digests and pseudonyms, never a
// value, a message or a raw id: [Event.Validate] checks every string against a strict shape. An empty string, an empty
// list, false and 0 mean "not said".
type Event struct {
	// The ledger part belongs to the [Trail]. Callers leave it zero, except ID, which they may choose.
	V      int       // line format, [Version]
	Stream string    // the writer
	Seq    uint64    // 1, 2, 3 ... without a gap; orders events, Time never does
	Prev   Hash      // hash of the line before, zero for the first
	ID     string    // ULID
	Time   time.Time // UTC, microseconds

	// What was done (Name), what was decided (Outcome), and how strictly the guard acted on that (Mode).
	Name    Name
	Outcome Outcome
	Mode    Mode
	Action  string // collect, read, use, store, share, decide; of retention.erased: erase, anonymise, restrict
	Reason  string // dotted code of the policy package
	N       uint64 // trail.suppressed: events, trail.recovered: bytes, trail.pruned: events, retention.erased: rows

	// Who asked and who receives. A recipient is named in clear: GDPR Art. 15(1)(c) and 19 need the actual one.
	PrincipalRef     string   // pseudonym of class Principal
	PrincipalRoles   []string // register keys
	RecipientID      string
	RecipientKind    string
	RecipientCountry string // ISO 3166-1 alpha-2

	// Whose data, and which.
	DataSubjectRefs []string // pseudonyms of class DataSubject, at most MaxRefs
	Fields          []string // paths such as Address.City
	Categories      []string
	Special         bool // GDPR Art. 9 or 10 data is among it

	// Why.
	Purpose       string
	Basis         string   // the basis relied upon, gdpr:6-1-b
	BasisRef      string   // its evidence, such as a consent record
	BasisRejected []string // the others: a basis, or basis=reason
	Activity      string
	NoticeVersion string
	Clause        string
	RetentionRule string
	Obligations   []string

	// The decision, so that it can be replayed.
	DecisionID     string // ULID or 128 bits in lower-case hex; shared by the events of one decision
	PolicyEngine   string
	PolicyDigest   string // sha256:<64 hex>
	RegisterDigest string // sha256:<64 hex>
	TraceID        string // W3C trace id
}

// Name says what happened, whatever was decided: a read in mode observe is access.read although its outcome may be
// denied. The list is closed.
type Name string

const (
	AccessRead       Name = "access.read"        // authorised and about to be released
	AccessShare      Name = "access.share"       // authorised and about to be handed to a recipient
	AccessDenied     Name = "access.denied"      // nothing was released
	AccessBreakGlass Name = "access.break_glass" // released in an emergency
	ShareDelivered   Name = "share.delivered"
	ReleaseAborted   Name = "release.aborted" // recorded as authorised, then not released

	RightsAccess        Name = "rights.access"        // GDPR Art. 15
	RightsRectification Name = "rights.rectification" // Art. 16
	RightsErasure       Name = "rights.erasure"       // Art. 17
	RightsRestriction   Name = "rights.restriction"   // Art. 18
	RightsNotification  Name = "rights.notification"  // Art. 19
	RightsPortability   Name = "rights.portability"   // Art. 20
	RightsObjection     Name = "rights.objection"     // Art. 21
	RightsReview        Name = "rights.review"        // Art. 22(3)
	RightsWithdrawal    Name = "rights.withdrawal"    // Art. 7(3)
	RightsComplaint     Name = "rights.complaint"     // Art. 77

	RetentionErased   Name = "retention.erased"
	DataSubjectErased Name = "subject.erased"
	PolicyChanged     Name = "policy.changed"
	RegisterChanged   Name = "register.changed"

	TrailOpened     Name = "trail.opened"
	TrailRead       Name = "trail.read"
	TrailHeartbeat  Name = "trail.heartbeat"
	TrailRecovered  Name = "trail.recovered"
	TrailPruned     Name = "trail.pruned"
	TrailHalted     Name = "trail.halted"
	TrailSuppressed Name = "trail.suppressed"
)

// Outcome says what was decided or how an act ended. The list is closed; empty means that the event has none.
type Outcome string

const (
	Permitted Outcome = "permitted"
	Partial   Outcome = "partial" // some fields were withheld
	Denied    Outcome = "denied"
	Aborted   Outcome = "aborted"
	Done      Outcome = "done"
	Failed    Outcome = "failed"
)

// Mode says what the guard did with the outcome. The list is closed.
type Mode string

const (
	Enforce    Mode = "enforce"
	Observe    Mode = "observe"     // released whatever the outcome
	BreakGlass Mode = "break-glass" // released in an emergency
)
