package outbox

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/purposebound/purposebound/purpose"
)

// Case is a request whose recipients must be told.
type Case struct {
	ID          string // of the rights case, a ULID
	DataSubject string
	Kind        purpose.RightKind // rectification, erasure or restriction
	OpenedAt    time.Time
}

// Notice tells one recipient of one case. It holds the id of the data subject, which the recipient needs, and no value.
type Notice struct {
	ID               string // the same for the same case and recipient; who receives it twice knows it by this
	Case             string
	DataSubject      string
	Kind             purpose.RightKind
	Recipient        string // key
	RecipientKind    string
	RecipientCountry string
	Categories       []string  // of the changed data that the recipient received, sorted
	First, Last      time.Time // of what it received
	Silent           bool      // a law forbids to tell the person of this recipient

	State     State
	Attempts  int       // that were begun
	Next      time.Time // of the next attempt; zero where none is due
	Lease     time.Time // until which whoever began an attempt has it
	Reason    string    // key: why it is impossible or disproportionate, or begun again
	Reference string    // to where the reason is written down
	By        string    // pseudonym of who decided that
	CreatedAt time.Time
	ChangedAt time.Time
	Revision  uint64 // counts changes; a store writes over no other revision than this one
}

// State of a notice. The zero State is not valid.
type State uint8

// States.
const (
	Pending          State = iota + 1 // to be sent
	Retrying                          // an attempt failed, and another is due
	Sent                              // delivered, as the caller said
	Impossible                        // a person found that the recipient cannot be told
	Disproportionate                  // a person found that it takes disproportionate effort
)

var stateNames = []string{"", "pending", "retrying", "sent", "impossible", "disproportionate"}

// String is the name of the state.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return ""
}

// MarshalText writes the name.
func (s State) MarshalText() ([]byte, error) {
	if !s.Valid() {
		return nil, fmt.Errorf("outbox: state %d has no name", uint8(s))
	}
	return []byte(stateNames[s]), nil
}

// UnmarshalText reads a name.
func (s *State) UnmarshalText(text []byte) error {
	i := slices.Index(stateNames, string(text))
	if i < 1 {
		return fmt.Errorf("outbox: no state has this name")
	}
	*s = State(i)
	return nil
}

// Valid reports whether s is one of the states.
func (s State) Valid() bool { return s >= Pending && s <= Disproportionate }

// Open reports whether the recipient is still to be told.
func (s State) Open() bool { return s == Pending || s == Retrying }

// noticeID names the notice of a case to a recipient.
func noticeID(caseID, recipient, country string) string {
	h := sha256.Sum256([]byte(strings.Join([]string{caseID, recipient, country}, "\x00")))
	return hex.EncodeToString(h[:16])
}

// Same reports whether two notices are of the same case, person and recipient.
func (n *Notice) Same(o *Notice) bool {
	return n.ID == o.ID && n.Case == o.Case && n.DataSubject == o.DataSubject && n.Kind == o.Kind && n.Recipient == o.Recipient && n.RecipientCountry == o.RecipientCountry
}

// Clone shares no memory with n.
func (n *Notice) Clone() Notice {
	c := *n
	c.Categories = slices.Clone(n.Categories)
	return c
}
