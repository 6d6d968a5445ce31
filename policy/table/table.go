package table

import (
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// Table is a decision table: a record, and requests for it with their answers.
type Table struct {
	Title    string   `json:"title,omitempty"`
	Record   string   `json:"record,omitempty"` // name of the record in explanations; empty: "record"
	Fields   []Field  `json:"fields"`           // tagged fields of the record; in a file a mapping of their paths to their categories
	Defaults Defaults `json:"defaults,omitzero"`
	Cases    []Case   `json:"cases"`

	origin *origin
}

// Field is one tagged field of the record.
type Field struct {
	Path        string        `json:"-"`
	Category    string        `json:"category"`
	Purposes    []string      `json:"purposes,omitempty"`     // nodes that its tag narrows it to
	Bases       []basis.Basis `json:"bases,omitempty"`        // bases that its tag narrows it to
	Retention   []string      `json:"retention,omitempty"`    // rules that its tag adds
	DataSubject string        `json:"data_subject,omitempty"` // role of another person whom the field is about, "guarantor"
}

// Defaults is what every case of a table begins with.
type Defaults struct {
	Now     time.Time `json:"now,omitzero"`
	Given   []Given   `json:"given,omitempty"`
	Request Request   `json:"request,omitzero"`
}

// Case is a request and its answer.
type Case struct {
	Name    string    `json:"name"`
	Note    string    `json:"note,omitempty"` // why it is so
	Now     time.Time `json:"now,omitzero"`   // what the clock shows
	Given   []Given   `json:"given,omitempty"`
	Omit    []string  `json:"omit,omitempty"` // of the defaults: "purpose", "facts.instructed", "principal.roles", "given", "given.<id>"
	Request Request   `json:"request,omitzero"`
	Expect  Expect    `json:"expect"`
}

// Given is an event of the ledger. In a file the members of the body stand beside these.
type Given struct {
	ID          string     `json:"id,omitempty"`           // for other events to refer to
	DataSubject string     `json:"data_subject,omitempty"` // empty: that of the request, or of the controller where the kind is controller-wide
	ValidAt     time.Time  `json:"valid_at"`               // since when it is true
	RecordedAt  time.Time  `json:"recorded_at,omitzero"`   // when the ledger learned it; zero: when it became valid
	Body        basis.Body `json:"-"`
}

// Request is a [policy.Request] about one record.
type Request struct {
	Principal    Principal                `json:"principal,omitzero"`
	Action       purpose.Action           `json:"action,omitempty"`
	Purpose      string                   `json:"purpose,omitempty"`
	DataSubject  string                   `json:"data_subject,omitempty"`
	DataSubjects map[string]string        `json:"data_subjects,omitempty"` // other people of the record, by role
	Fields       []string                 `json:"fields,omitempty"`        // paths; none: all of the table
	Recipient    string                   `json:"recipient,omitempty"`
	Country      string                   `json:"country,omitempty"`
	Mechanism    purpose.Mechanism        `json:"mechanism,omitempty"`
	Statute      string                   `json:"statute,omitempty"`
	Dataset      string                   `json:"dataset,omitempty"`
	Provenance   Provenance               `json:"provenance,omitzero"`
	Facts        map[string]purpose.Value `json:"facts,omitempty"`
	Reviewer     string                   `json:"reviewer,omitempty"` // who takes a decision
	Minor        *bool                    `json:"minor,omitempty"`    // the decision has no significant effect
	At           time.Time                `json:"at,omitzero"`        // to judge by, where it is not now
	KnownAt      time.Time                `json:"known_at,omitzero"`  // whose knowledge to use, where it is not now's
}

// Principal is who asks.
type Principal struct {
	ID           string   `json:"id,omitempty"`
	Roles        []string `json:"roles,omitempty"`
	Tasks        []string `json:"tasks,omitempty"`
	Organisation string   `json:"organisation,omitempty"`
	Country      string   `json:"country,omitempty"` // from where access is made
}

// Provenance says where the data came from.
type Provenance struct {
	Source      string    `json:"source,omitempty"`
	ObtainedFor []string  `json:"obtained_for,omitempty"` // purposes
	CollectedAt time.Time `json:"collected_at,omitzero"`
}

// Expect is how a request must be decided. What is nil or zero is not compared; one that states nothing is a problem.
type Expect struct {
	Outcome       Outcome                `json:"outcome,omitempty"`
	Reason        policy.Code            `json:"reason,omitempty"`         // the reason that matters most
	Permitted     []string               `json:"permitted,omitempty"`      // exactly these fields
	Denied        map[string]Codes       `json:"denied,omitempty"`         // these fields, and these among their reasons
	Redacted      map[string]policy.Mask `json:"redacted,omitempty"`       // exactly these fields, masked so
	Obligations   []string               `json:"obligations,omitempty"`    // exactly these
	Grounds       []string               `json:"grounds,omitempty"`        // exactly these activities carry the permit
	Basis         Bases                  `json:"basis,omitempty"`          // exactly these legal bases are relied on
	Clause        Texts                  `json:"clause,omitempty"`         // exactly these: of the grounds, or where nothing is permitted of the reason
	PersonDecides *bool                  `json:"person_decides,omitempty"` // a person must decide before more can be said
	ReferTo       string                 `json:"refer_to,omitempty"`       // another controller who answers for the data
}

// Outcome that is expected. The zero Outcome is none.
type Outcome uint8

// Outcomes, as those of package policy.
const (
	Denied Outcome = iota + 1
	Partial
	Permitted
)

// Codes are reasons of one field; one stands for a list of one in a file. An empty list is any reason.
type Codes []policy.Code

// Bases are legal bases; one stands for a list of one in a file.
type Bases []basis.Basis

// Texts are texts; one stands for a list of one in a file.
type Texts []string
