package access

import (
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/index"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// Report answers Art. 15 for one person. Lists are in the order of the register or, of what happened, of the trail. It holds
// personal data where it holds values.
type Report struct {
	ID             string         `json:"id"` // of the case
	Made           time.Time      `json:"made"`
	Received       time.Time      `json:"received"` // of the request
	Notice         string         `json:"notice,omitempty"`
	RegisterDigest string         `json:"register_digest"`
	Controller     Controller     `json:"controller"`
	Copy           bool           `json:"copy"`                  // whether values were asked for
	Data           []Datum        `json:"data"`                  // Art. 15(1)(a), (b), (d), (g), 15(3)
	NotHeld        []Entry        `json:"not_held,omitempty"`    // categories that were asked about and of which nothing is held
	Recipients     []Recipient    `json:"recipients"`            // Art. 15(1)(c): who has received, or may have
	MayReceive     []Possible     `json:"may_receive,omitempty"` // Art. 15(1)(c): who else may, by the register
	Transfers      []Transfer     `json:"transfers"`             // Art. 15(2)
	Automated      []Automated    `json:"automated"`             // Art. 15(1)(h)
	Consultations  []Consultation `json:"consultations"`         // what was done with the data, and when
	LeftOut        []LeftOut      `json:"left_out,omitempty"`
	Rights         []Right        `json:"rights"` // Art. 15(1)(e)
	Authority      string         `json:"authority"`
	Known          index.Known    `json:"known"` // how far the trail was read
}

// Entry of the register, in words.
type Entry struct {
	Key    string `json:"key"`
	Title  string `json:"title"`
	Clause string `json:"clause,omitempty"`
}

// Controller is who answers.
type Controller struct {
	Name           string   `json:"name"`
	Contact        string   `json:"contact"`
	Officer        string   `json:"officer,omitempty"`
	Representative string   `json:"representative,omitempty"`
	Joint          []string `json:"joint,omitempty"`
}

// Datum is one datum, or a kind of data, that is held.
type Datum struct {
	Category  Entry         `json:"category"`
	Class     purpose.Class `json:"class,omitempty"`
	Field     string        `json:"field,omitempty"`
	Dataset   string        `json:"dataset,omitempty"`
	Origin    rights.Origin `json:"origin,omitempty"`
	Source    *Entry        `json:"source,omitempty"`   // Art. 15(1)(g); nil: not recorded
	Possible  []Entry       `json:"possible,omitempty"` // sources that the register allows, where none is recorded
	Collected time.Time     `json:"collected,omitzero"`
	Uses      []Use         `json:"uses"`
	Kept      Kept          `json:"kept"`
	Value     *string       `json:"value,omitempty"`    // the copy; nil: not in it
	Masked    bool          `json:"masked,omitempty"`   // the value is shown in part
	Withheld  string        `json:"withheld,omitempty"` // code of why the guard did not release the value
	Why       string        `json:"why,omitempty"`      // the same in words
}

// Use is a purpose that the datum is held for.
type Use struct {
	Purpose  Entry         `json:"purpose"`
	Activity Entry         `json:"activity"`
	Keeps    bool          `json:"keeps"`           // false: it reads or passes on what others keep
	Live     bool          `json:"live"`            // of what keeps: it may use the datum now; else it has ended, or keeps it only
	Bases    []basis.Basis `json:"bases,omitempty"` // that hold now
	Laws     []string      `json:"laws,omitempty"`  // titles
	Periods  []string      `json:"periods"`         // rules in words, Art. 15(1)(d)
}

// Kept says how long the datum is kept for all its purposes.
type Kept struct {
	Status        retention.Status `json:"status"`
	Reason        retention.Reason `json:"reason,omitempty"`
	Rule          string           `json:"rule,omitempty"` // that decides
	Law           string           `json:"law,omitempty"`  // title
	Clause        string           `json:"clause,omitempty"`
	Counted       string           `json:"counted,omitempty"` // day that the period counts from
	Period        retention.Period `json:"period,omitzero"`
	LastDay       string           `json:"last_day,omitempty"` // kept through; empty: the clock has not started, or nobody can tell
	FirstErasable time.Time        `json:"first_erasable,omitzero"`
}

// Recipient has received data of the person, or may have: nothing says that it did not.
type Recipient struct {
	Entry
	Kind      string     `json:"kind"`
	Country   string     `json:"country,omitempty"`
	Occasions []Occasion `json:"occasions"`
}

// Occasion is one disclosure.
type Occasion struct {
	Time       time.Time      `json:"time"`
	Purpose    Entry          `json:"purpose"`
	Basis      string         `json:"basis,omitempty"` // "gdpr:6-1-b"
	Categories []Entry        `json:"categories"`
	Delivery   index.Delivery `json:"delivery"`
}

// Possible may receive data by the register.
type Possible struct {
	Entry
	Kind       string   `json:"kind"`
	Countries  []string `json:"countries"`
	Activities []string `json:"activities"` // titles
}

// Transfer is a recipient outside the area, with the safeguards that the register has for it.
type Transfer struct {
	Recipient  Entry       `json:"recipient"`
	Country    string      `json:"country"`
	Happened   bool        `json:"happened"`   // the trail has it; else it may
	Safeguards []Safeguard `json:"safeguards"` // empty: none is in the register any more
}

// Safeguard makes a transfer lawful. Dates are "2006-01-02", both included.
type Safeguard struct {
	Mechanism purpose.Mechanism `json:"mechanism"`
	Reference string            `json:"reference"`
	From      string            `json:"from,omitempty"`
	Through   string            `json:"through,omitempty"`
}

// Automated says that a machine alone may decide about the person, or that a recipient draws strongly on a score.
type Automated struct {
	Activity  *Entry             `json:"activity,omitempty"`
	Ground    purpose.Automation `json:"ground,omitempty"`
	Logic     string             `json:"logic,omitempty"`     // or where it is found; empty: the register does not say
	Effects   string             `json:"effects,omitempty"`   // significance and envisaged consequences; empty: likewise
	Recipient *Entry             `json:"recipient,omitempty"` // that draws strongly on what it gets (C-634/21)
}

// Consultation is one thing that was done with the data.
type Consultation struct {
	Time       time.Time  `json:"time"`
	What       audit.Name `json:"what"`
	Purpose    *Entry     `json:"purpose,omitempty"`
	Basis      string     `json:"basis,omitempty"`
	Clause     string     `json:"clause,omitempty"`
	Categories []Entry    `json:"categories,omitempty"`
}

// LeftOut is a part of what was asked for that the report does not have, and why.
type LeftOut struct {
	Part    Entry       `json:"part"`
	Code    rights.Code `json:"code"`
	Why     string      `json:"why"`
	Law     string      `json:"law,omitempty"` // title
	ReferTo string      `json:"refer_to,omitempty"`
}

// Right of the person, as the notice words it.
type Right struct {
	Kind     purpose.RightKind `json:"kind"`
	Article  string            `json:"article"`
	Clause   string            `json:"clause,omitempty"`
	Identity bool              `json:"identity,omitempty"` // proof of identity is asked for
	Channels []string          `json:"channels,omitempty"` // empty: any
	States   []string          `json:"states,omitempty"`   // what the request must state
}
