package rights

import (
	"slices"
	"time"

	"github.com/purposebound/purposebound/purpose"
)

// Outcome answers a request. The zero Outcome is a refusal.
type Outcome struct {
	ID     string            `json:"id"`
	Kind   purpose.RightKind `json:"right"`
	Result Result            `json:"result"`
	Clause string            `json:"clause,omitempty"` // of the notice
	Notice string            `json:"notice,omitempty"` // version in force
	At     time.Time         `json:"at"`
	// Reasons are those of the request as a whole; each item has its own.
	Reasons []Reason `json:"reasons,omitempty"`
	// Items answer datum by datum, purpose by purpose or scope by scope.
	Items []Item `json:"items,omitempty"`
	// Missing is what the person may still supply, as keys: "identity", "changes".
	Missing []string `json:"missing,omitempty"`
	// ReferTo are who answers instead, for the request or for some items.
	ReferTo []string `json:"refer_to,omitempty"`
	// Obligations come with the answer.
	Obligations []string `json:"obligations,omitempty"`
	// Clock is the time for the answer.
	Clock Clock `json:"clock"`
	// Authority and Officer are whom the person may turn to (GDPR Art. 12(4), 13(2)(d), 38(4)).
	Authority string `json:"authority,omitempty"`
	Officer   string `json:"officer,omitempty"`

	RegisterDigest string `json:"register_digest"`

	effects []effect
}

// Item answers one part of a request.
type Item struct {
	// Part is what the item is about: a category, a purpose, a scope, or "export" and "direct-transfer".
	Part    string   `json:"part"`
	Result  Result   `json:"result"`
	Reasons []Reason `json:"reasons,omitempty"`
	ReferTo string   `json:"refer_to,omitempty"`
	// Field and Dataset are those of the holding; Holding is its place in the request, -1 for what is none.
	Field   string `json:"field,omitempty"`
	Dataset string `json:"dataset,omitempty"`
	Holding int    `json:"-"`
	// Keeping is what retention says, where erasure was asked for.
	Keeping *Keeping `json:"-"`
	// Silent: the person must not be told that it is held. It is Outside, and Told leaves it out.
	Silent bool `json:"-"`
}

// Result of a request or of one item. The zero Result is Refused.
type Result uint8

// Results.
const (
	Refused   Result = iota
	Outside          // the right does not reach this item; it refuses nothing
	Escalated        // a person must decide
	Referred         // somebody else answers
	Partial          // some is granted and some is not; of requests only
	Granted
)

var resultNames = []string{"refused", "outside", "escalated", "referred", "partial", "granted"}

// String is the name.
func (r Result) String() string { return name(resultNames, uint8(r)) }

// MarshalText writes the name.
func (r Result) MarshalText() ([]byte, error) { return marshal(resultNames, uint8(r)) }

// UnmarshalText reads a name.
func (r *Result) UnmarshalText(b []byte) error { return unmarshal(resultNames, b, r) }

// Obligations that come with answers.
const (
	NotifyRecipients    = "notify-recipients"     // GDPR Art. 19
	InformBeforeLifting = "inform-before-lifting" // Art. 18(3)
	EraseDerived        = "erase-derived"         // what was worked out from erased data goes with it
	HumanIntervention   = "human-intervention"    // Art. 22(3)
	HearThePerson       = "hear-the-person"       // Art. 22(3): their point of view, and the contest
	TellReasons         = "tell-reasons"          // Art. 12(4): why nothing was done, complaint and judicial remedy
	ForwardRequest      = "forward-request"       // to the controller for whom the data is held (Art. 28(3)(e))
)

// Told is the outcome as the person may see it: without what the law forbids to tell.
func (o Outcome) Told() Outcome {
	o.Items = slices.DeleteFunc(slices.Clone(o.Items), func(i Item) bool { return i.Silent })
	o.effects = nil
	return o
}

// Of lists the parts with a result, in order, each once. What must not be told is not among them.
func (o *Outcome) Of(r Result) (parts []string) {
	for i := range o.Items {
		if x := &o.Items[i]; x.Result == r && !x.Silent {
			parts = appendNew(parts, x.Part)
		}
	}
	return parts
}

// Changed lists the categories of which the recipients must be told (GDPR Art. 19): what is rectified, erased or restricted.
func (o *Outcome) Changed() []string {
	if !slices.Contains(o.Obligations, NotifyRecipients) {
		return nil
	}
	return o.Of(Granted)
}

// because adds a reason to the request as a whole.
func (o *Outcome) because(c Code, param string) {
	o.Reasons = append(o.Reasons, Reason{Code: c, Param: param})
}

// settle makes the result of the request out of those of its items. Empty is the result when none of them counts.
func (o *Outcome) settle(empty Result) {
	var seen [Granted + 1]bool
	n := 0
	for i := range o.Items {
		if x := &o.Items[i]; x.Result != Outside {
			if !seen[x.Result] {
				n++
			}
			seen[x.Result] = true
		}
	}
	switch {
	case n == 0:
		o.Result = empty
	case n == 1:
		for r := range seen {
			if seen[r] {
				o.Result = Result(r)
			}
		}
	case seen[Granted]:
		o.Result = Partial
	case seen[Escalated]:
		o.Result = Escalated
	default:
		o.Result = Refused // and some is another's to answer
	}
}

// refers collects whom the items refer to.
func (o *Outcome) refers() {
	for i := range o.Items {
		if to := o.Items[i].ReferTo; to != "" {
			o.ReferTo = appendNew(o.ReferTo, to)
		}
	}
	if len(o.ReferTo) > 0 {
		slices.Sort(o.ReferTo)
	}
}
