package ropa

import (
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// Record is a record of processing activities; [Of] makes it.
type Record struct {
	Digest     string    // of the register
	At         time.Time // in the controller's zone; zero: of the register as a whole
	Notices    []Notice  // versions of the privacy notice that it covers
	Controller Controller
	Activities []Activity // as controller, in the order of the register
	Mandates   []Mandate  // as processor, in the order of the register
	Measures   []Measure
	Remarks    []Remark // on what the record shows, each once
}

// Controller is Art. 30(1)(a); of a mandate, it is the processor of Art. 30(2)(a).
type Controller struct {
	Name           string
	Contact        string
	Country        string
	Representative string   // empty: none
	Officer        string   // empty: none
	Joint          []string // empty: none
	Authority      string   // supervisory authority; empty: not said
}

// Notice is a version of the privacy notice. Dates are "2006-01-02", both included; empty means no bound.
type Notice struct {
	Version, From, Through string
	Annexes                []string // documents that it refers to, with where they are
	Regime                 string   // title of the law that it is written under, where that is not the GDPR
}

// Named is an entry of the register.
type Named struct {
	Key     string
	Title   string
	Clause  string
	Concept string // IRI in a public vocabulary
}

// Category is a leaf of the tree of data categories.
type Category struct {
	Named
	Class purpose.Class
}

// Activity is one processing activity.
type Activity struct {
	Named
	Notices      []string   // versions that declare it; empty: all
	Purposes     []Named    // Art. 30(1)(b), leaves
	DataSubjects []Named    // Art. 30(1)(c)
	Categories   []Category // Art. 30(1)(c), leaves
	Actions      []purpose.Action
	Recipients   []Recipient // Art. 30(1)(d); empty: nobody
	Transfers    []Transfer  // Art. 30(1)(e); empty: none
	Limits       []Limit     // Art. 30(1)(f)
	Bases        []Ground    // any one of them, in order
	Extras       []Extra     // extra grounds of Art. 9, 10 and 87
	Sources      []Named     // empty: nothing is collected for it
	Further      []Further   // data obtained for other purposes; empty: none
	Conditions   []string    // in words; all must hold
	Automated    purpose.Automation
	Logic        string // of its automated decisions, or where it is found; empty: not said
	Effects      string // their significance and envisaged consequences; empty: not said
	Registration string // its entry in a public register, where the notice's law asks for one
	Assumed      bool
	Note         string
}

// Recipient gets data of an activity.
type Recipient struct {
	Named
	Kind       purpose.RecipientKind
	Countries  []string   // ISO 3166 alpha-2
	Categories []Category // empty: those of the activity
	Conditions []string   // in words
	Agreement  string     // reference, of processors and joint controllers
	Via        string     // title of the disclosure that the data must have been obtained for too; empty: none
	Assumed    bool
	Note       string
}

// Transfer lets a recipient outside the area receive data on one safeguard.
type Transfer struct {
	Recipient Named
	Countries []string // ISO 3166 alpha-2, outside the area
	Mechanism purpose.Mechanism
	Claim     basis.Claim // of a derogation: what must hold of every person
	Reference string
	From      string // "2006-01-02"; empty: no bound
	Through   string
}

// Limit is a rule of retention with the data of an activity that it is for.
type Limit struct {
	Rule       string
	Law        Named // empty: none
	Clause     string
	Categories []Category
	Purposes   []Named // empty: those of the activity
	Starts     string  // in words, when the clock starts
	Condition  string  // in words, when it applies; empty: always
	Floor      retention.Period
	Ceiling    retention.Period
	Table      string // that holds the ceiling
	Question   string // of a criterion
	Review     retention.Period
	Transient  bool
	Unit       retention.Unit
	Then       retention.Then
	Assumed    bool
	Note       string
}

// limits reports whether a rule says when data goes; a floor alone does not.
func (l *Limit) limits() bool {
	return !l.Ceiling.IsZero() || l.Table != "" || l.Question != "" || l.Transient
}

// Ground is a legal basis of Art. 6(1) that is claimed beforehand, with all that must hold beside it.
type Ground struct {
	Claim      basis.Claim
	Laws       []Named
	Assessment string // reference of the balancing test
	And        []Ground
}

// Extra is the extra ground of a class of data.
type Extra struct {
	Class      purpose.Class
	Categories []Category // empty: all of the class
	ID         string     // "gdpr:9-2-a"
	Cite       string     // "GDPR Art. 9(2)(a)"
	Ground     Ground     // what must hold; an attestation has none
	Clause     string
}

// Mandate is processing on behalf of another controller, Art. 30(2).
type Mandate struct {
	Named
	Controller string     // on whose behalf, Art. 30(2)(a)
	Contact    string     // of the controller
	Purposes   []Named    // leaves of the instruction
	Processing []Activity // Art. 30(2)(b): what the register lets be done within the instruction
	Transfers  []Transfer // Art. 30(2)(c)
}

// Measure protects the data, Art. 30(1)(g) and 30(2)(d).
type Measure struct {
	Title   string
	Clause  string
	Assumed bool
	Note    string
}

// Remark is a note of the register on an entry that the record shows. Assumed entries are what the register supplies where its
// sources are silent.
type Remark struct {
	Path    string // in the register, "activities[3].claims[0]"
	What    string
	Assumed bool
	Note    string
}
