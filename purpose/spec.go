package purpose

import (
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/retention"
)

// Spec is a register as it is written: what a controller may do with personal data, and on which
// clause. It is plain data; Compile checks it and makes the Register that decisions use.
//
// Keys are lower-case words joined by dots ("contact.name"); the dots make a tree of purposes and
// one of categories. Dates are "2006-01-02", local to the controller's zone: From is the
// first day, Through the last, both included; empty means no bound.
type Spec struct {
	Controller  Controller       `json:"controller"`
	Notices     []Notice         `json:"notices"`
	Purposes    []Purpose        `json:"purposes"`
	Categories  []Category       `json:"categories"`
	Prohibited  []Prohibition    `json:"prohibited,omitempty"`
	Capacities  []Capacity       `json:"capacities"`
	Events      []Event          `json:"events,omitempty"`
	Facts       []Fact           `json:"facts,omitempty"`
	Sources     []Source         `json:"sources,omitempty"`
	Laws        []Law            `json:"laws,omitempty"`
	Assessments []Assessment     `json:"assessments,omitempty"`
	Scopes      []Scope          `json:"scopes,omitempty"`
	Recipients  []Recipient      `json:"recipients,omitempty"`
	Transfers   Transfers        `json:"transfers,omitzero"`
	Datasets    []Dataset        `json:"datasets,omitempty"`
	Retention   []retention.Rule `json:"retention"`
	Activities  []Activity       `json:"activities"`
	Locks       []Lock           `json:"locks,omitempty"`
	Compatible  []Compatible     `json:"compatible,omitempty"`
	Rights      []Right          `json:"rights,omitempty"`
	Measures    []Measure        `json:"measures,omitempty"`
}

// Controller is who decides on purposes and means (GDPR Art. 4(7)).
type Controller struct {
	Key     string `json:"key,omitempty"` // of the controller among organisations; with it every principal must name its own
	Name    string `json:"name"`
	Contact string `json:"contact,omitempty"` // Art. 13(1)(a)
	Officer string `json:"officer,omitempty"` // data protection officer and how to reach them, Art. 13(1)(b)
	// Representative in the Union of a controller outside it, and how to reach it (Art. 27).
	Representative string   `json:"representative,omitempty"`
	Joint          []string `json:"joint,omitempty"`     // joint controllers and how to reach them (Art. 26)
	Authority      string   `json:"authority,omitempty"` // supervisory authority that a person may complain to (Art. 13(2)(d))
	Country        string   `json:"country"`             // ISO 3166 alpha-2
	Zone           string   `json:"zone"`                // IANA time zone: days, periods and deadlines are counted in it
	Announces      bool     `json:"announces,omitempty"` // the notice promises that material changes are announced
	// Conditions of every access, such as "the principal has been instructed".
	Conditions []Condition `json:"conditions,omitempty"`
	// Financial years, needed where a retention rule counts from the end of one.
	FinancialYears FinancialYears `json:"financial_years,omitzero"`
}

// FinancialYears of a controller: all end on one date, or a table lists them, short and long ones too, without a gap.
type FinancialYears struct {
	Ending  string          `json:"ending,omitempty"` // "12-31"; a day that a month lacks is its last
	Table   []FinancialYear `json:"table,omitempty"`
	Assumed bool            `json:"assumed,omitempty"`
	Note    string          `json:"note,omitempty"`
}

// FinancialYear is one year, both days included, as dates.
type FinancialYear struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

// Notice is one version of the privacy notice. A decision is taken under the version in force at
// its time; without one nothing is permitted.
type Notice struct {
	Version         string  `json:"version"`
	From            string  `json:"from"`
	Through         string  `json:"through,omitempty"`          // empty: until the next version
	ObjectionClause string  `json:"objection_clause,omitempty"` // where the right to object is brought to attention (Art. 21(4))
	Material        bool    `json:"material,omitempty"`         // whether it changed things of substance
	Announced       string  `json:"announced,omitempty"`        // date
	Regime          string  `json:"regime,omitempty"`           // law that it is written under, where that is not the GDPR
	Digest          string  `json:"digest,omitempty"`           // of the published text, "sha256:..." in lower-case hexadecimal
	Annexes         []Annex `json:"annexes,omitempty"`          // documents that it refers to
	Note            string  `json:"note,omitempty"`
}

// Annex is a document that a notice refers to.
type Annex struct {
	Key       string `json:"key"`
	Title     string `json:"title,omitempty"`
	Reference string `json:"reference"` // where it is found
	Assumed   bool   `json:"assumed,omitempty"`
	Note      string `json:"note,omitempty"`
}

// Purpose is a node of the purpose tree. Only leaves can be requested.
type Purpose struct {
	Key         string        `json:"key"`
	Title       string        `json:"title,omitempty"`
	Marketing   bool          `json:"marketing,omitempty"`    // direct marketing, with all below it (Art. 21(2))
	ConsentOnly bool          `json:"consent_only,omitempty"` // no basis but consent may be declared, here or below
	Bases       []basis.Basis `json:"bases,omitempty"`        // no other basis may be declared, here or below; empty: any
	Disclosure  bool          `json:"disclosure,omitempty"`   // names a disclosure and no aim: nobody may ask for it, grants rest on it (Grant.Via)
	Clause      string        `json:"clause,omitempty"`
	Concept     string        `json:"concept,omitempty"` // IRI of the purpose in a public vocabulary
}

// Category is a node of the tree of data categories. A class reaches everything below.
type Category struct {
	Key     string `json:"key"`
	Title   string `json:"title,omitempty"`
	Class   Class  `json:"class,omitempty"` // zero: as the parent, Ordinary at a root
	Clause  string `json:"clause,omitempty"`
	Concept string `json:"concept,omitempty"`
}

// Prohibition bans categories whatever else is declared: no consent opens them.
type Prohibition struct {
	Key         string      `json:"key"`
	Categories  []string    `json:"categories"`
	Actions     []Action    `json:"actions,omitempty"`     // empty: every action
	Purposes    []string    `json:"purposes,omitempty"`    // empty: for every purpose
	Recipients  []string    `json:"recipients,omitempty"`  // empty: whoever receives
	Unless      []Condition `json:"unless,omitempty"`      // all must hold for the ban to step back
	Obligations []string    `json:"obligations,omitempty"` // returned when the ban refuses something: what to do instead
	Clause      string      `json:"clause"`
}

// Capacity in which a data subject deals with the controller.
type Capacity struct {
	Key    string `json:"key"`
	Title  string `json:"title,omitempty"`
	Clause string `json:"clause,omitempty"`
}

// Anybody stands alone in the capacities of an activity that concerns whoever it is: passers-by before a camera,
// strangers who write in. Nothing needs to be on record of them.
const Anybody = "*"

// Event that may happen in the relation with a data subject, and what it does.
type Event struct {
	Key      string      `json:"key"`
	Relation string      `json:"relation,omitempty"`
	Stage    basis.Stage `json:"stage,omitempty"` // stage that the relation enters
	Gives    []string    `json:"gives,omitempty"` // capacities gained
	Ends     []string    `json:"ends,omitempty"`  // capacities lost
	Clause   string      `json:"clause,omitempty"`
}

// Fact that callers may state in a request. A fact that a rule asks for and a request lacks denies.
type Fact struct {
	Key    string   `json:"key"`
	Type   Type     `json:"type"`
	Values []string `json:"values,omitempty"` // text facts: the closed list
	Clause string   `json:"clause,omitempty"`
}

// Condition on one fact. Without values the fact must be stated and not be false, zero or empty.
type Condition struct {
	Fact string  `json:"fact"`
	Is   []Value `json:"is,omitempty"` // any of them
}

// Source that data may be collected from.
type Source struct {
	Key    string `json:"key"`
	Title  string `json:"title,omitempty"`
	Clause string `json:"clause,omitempty"`
}

// Law that claims and rules cite.
type Law struct {
	Key     string `json:"key"`
	Title   string `json:"title,omitempty"`
	From    string `json:"from,omitempty"`
	Through string `json:"through,omitempty"`
	// Registration is asked of every activity of a notice under this law: its entry in the register of the supervisory
	// authority or of the data protection officer (as under Directive 95/46/EC Art. 18).
	Registration bool `json:"registration,omitempty"`
}

// Assessment is a balancing test, compatibility or transfer assessment on file. The library checks
// that it is there and current, never that it is right.
type Assessment struct {
	Key       string   `json:"key"`
	Reference string   `json:"reference"`
	Purposes  []string `json:"purposes"` // nodes it covers
	From      string   `json:"from"`
	Through   string   `json:"through,omitempty"`
	Ledger    bool     `json:"ledger,omitempty"` // valid only while the ledger has it on file for the purpose
	Assumed   bool     `json:"assumed,omitempty"`
	Note      string   `json:"note,omitempty"`
}

// Scope is what a data subject is asked to consent to in one go.
type Scope struct {
	Key        string          `json:"key"`
	Purposes   []ScopedPurpose `json:"purposes"`             // leaves: what was shown, never what is added later
	Recipients []string        `json:"recipients,omitempty"` // named to the person
	Explicit   bool            `json:"explicit,omitempty"`   // asked for as an express statement
	Clause     string          `json:"clause,omitempty"`
}

// ScopedPurpose is a leaf that a scope covers since a notice version; empty means the first.
type ScopedPurpose struct {
	Purpose string `json:"purpose"`
	Since   string `json:"since,omitempty"`
}

// Recipient to whom data may be disclosed (GDPR Art. 4(9)).
type Recipient struct {
	Key        string        `json:"key"`
	Title      string        `json:"title,omitempty"`
	Kind       RecipientKind `json:"kind"`
	Countries  []string      `json:"countries"`            // ISO 3166 alpha-2; with several the request names one
	Agreement  *Agreement    `json:"agreement,omitempty"`  // a processor or joint controller must have one
	Safeguards []Safeguard   `json:"safeguards,omitempty"` // for countries outside the area
	Conditions []Condition   `json:"conditions,omitempty"` // all must hold for every disclosure to it
	Statute    bool          `json:"statute,omitempty"`    // a disclosure must name the law or order that demands it
	Decisive   bool          `json:"decisive,omitempty"`   // draws strongly on a score it receives (C-634/21)
	Clause     string        `json:"clause,omitempty"`
	Assumed    bool          `json:"assumed,omitempty"`
	Note       string        `json:"note,omitempty"`
}

// Agreement with a processor (GDPR Art. 28(3)) or a joint controller (Art. 26).
type Agreement struct {
	Reference  string   `json:"reference"`
	From       string   `json:"from"`
	Through    string   `json:"through,omitempty"`
	Purposes   []string `json:"purposes,omitempty"`   // instructed nodes; empty: those of the activities that name it
	Categories []string `json:"categories,omitempty"` // instructed nodes; empty: those of the activities
	Ledger     bool     `json:"ledger,omitempty"`     // holds only while the ledger has an agreement on record, within its instructions
}

// Safeguard that makes a transfer lawful (GDPR Art. 45, 46, 49).
type Safeguard struct {
	Mechanism Mechanism   `json:"mechanism"`
	Countries []string    `json:"countries"`
	Reference string      `json:"reference"`
	Claim     basis.Claim `json:"claim,omitzero"` // derogations alone: what must hold of every person, for each transfer (Art. 49(1))
	From      string      `json:"from,omitempty"`
	Through   string      `json:"through,omitempty"`
}

// Transfers states what the controller allows at all. The zero value allows the EEA and no more.
type Transfers struct {
	Area       Area               `json:"area,omitempty"`
	Mechanisms []Mechanism        `json:"mechanisms,omitempty"` // empty: no transfer outside the area
	Adequacy   []AdequacyDecision `json:"adequacy,omitempty"`   // decisions relied on
	Only       []RecipientKind    `json:"only,omitempty"`       // kinds of recipient outside the area; empty: any
	Clause     string             `json:"clause,omitempty"`
}

// AdequacyDecision says that a country protects enough (GDPR Art. 45): data of the register, because decisions
// are limited in scope and time, and fall.
type AdequacyDecision struct {
	Country    string          `json:"country"`
	Reference  string          `json:"reference"`
	Only       []RecipientKind `json:"only,omitempty"`       // kinds of recipient in its scope; empty: any
	Recipients []string        `json:"recipients,omitempty"` // recipients in its scope, such as certified companies; empty: any
	From       string          `json:"from"`
	Through    string          `json:"through,omitempty"`
}

// Dataset is a body of data with a role of its own (the role belongs to the flow, not to the company).
type Dataset struct {
	Key        string   `json:"key"`
	Role       Role     `json:"role"`
	OnBehalfOf string   `json:"on_behalf_of,omitempty"` // who is controller, for a processor
	Contact    string   `json:"contact,omitempty"`      // how to reach them (Art. 30(2)(a))
	Purposes   []string `json:"purposes,omitempty"`     // nodes: a processor's instruction, a controller's scope
	Clause     string   `json:"clause,omitempty"`
}

// Activity is the unit of the record of processing (GDPR Art. 30): what is done, with what, why.
type Activity struct {
	Key         string        `json:"key"`
	Title       string        `json:"title,omitempty"`
	Purposes    []string      `json:"purposes"`              // nodes
	Capacities  []string      `json:"capacities"`            // of the data subjects; Anybody alone: whoever it is
	Categories  []string      `json:"categories"`            // nodes
	Sources     []string      `json:"sources,omitempty"`     // empty: nothing may be collected for it
	Actions     []Action      `json:"actions,omitempty"`     // empty: collect, read, use, store; share with recipients
	Claims      []basis.Claim `json:"claims"`                // any one, in order
	Overlays    []Overlay     `json:"overlays,omitempty"`    // extra grounds of special, criminal, national-id and third-party data
	Recipients  []Grant       `json:"recipients,omitempty"`  // empty: nobody
	Retention   []string      `json:"retention"`             // rule keys: may read until the rule for the category expires
	Conditions  []Condition   `json:"conditions,omitempty"`  // all must hold
	Provenance  bool          `json:"provenance,omitempty"`  // requests must state where the data came from and what for
	Bound       bool          `json:"bound,omitempty"`       // requests must state what the data was obtained for
	Automated   Automation    `json:"automated,omitempty"`   // solely automated decisions with significant effect
	Logic       string        `json:"logic,omitempty"`       // of its automated decisions: meaningful information, or where it is (Art. 13(2)(f), 15(1)(h))
	Effects     string        `json:"effects,omitempty"`     // their significance and envisaged consequences for the person
	Obligations []string      `json:"obligations,omitempty"` // returned with every permit
	Notices     []string      `json:"notices,omitempty"`     // versions it belongs to; empty: all
	Clause      string        `json:"clause"`
	// Registration is its entry in the register that the notice's law asks for.
	Registration string `json:"registration,omitempty"`
	Assumed      bool   `json:"assumed,omitempty"`
	Note         string `json:"note,omitempty"`
}

// Anyone reports whether the activity concerns whoever it is.
func (a *Activity) Anyone() bool { return len(a.Capacities) == 1 && a.Capacities[0] == Anybody }

// Overlay is the extra ground that a class of data needs beside the basis (GDPR Art. 9(2), 10, 87).
type Overlay struct {
	Class      Class       `json:"class"`
	Categories []string    `json:"categories,omitempty"` // nodes; empty: all of the class
	Ground     string      `json:"ground"`               // "gdpr:9-2-a", "gdpr:10", "dk.dbl.11.2.1", "attestation"
	Claim      basis.Claim `json:"claim,omitzero"`       // what must hold; not used for attestation
	Actions    []Action    `json:"actions,omitempty"`    // empty: every action
	Clause     string      `json:"clause,omitempty"`
}

// Grant lets a recipient have data of an activity.
type Grant struct {
	Recipient  string      `json:"recipient"`
	Categories []string    `json:"categories,omitempty"` // nodes; empty: those of the activity
	Via        string      `json:"via,omitempty"`        // a disclosure that the data must have been obtained for too
	Conditions []Condition `json:"conditions,omitempty"`
	Clause     string      `json:"clause,omitempty"`
}

// Lock is a statute that reserves data for named purposes.
type Lock struct {
	Key        string   `json:"key"`
	Categories []string `json:"categories"`
	Purposes   []string `json:"purposes"`
	Law        string   `json:"law"`
	Clause     string   `json:"clause,omitempty"`
}

// Compatible lets data obtained for one purpose serve another (GDPR Art. 6(4)); it is not
// transitive, opens no lock and gives no basis.
type Compatible struct {
	From       string   `json:"from"`
	To         string   `json:"to"`
	Categories []string `json:"categories,omitempty"`
	Assessment string   `json:"assessment"`
}
