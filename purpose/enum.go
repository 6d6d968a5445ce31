package purpose

import (
	"fmt"
	"slices"
)

// Class of data: what extra ground it needs. The zero Class means "as the parent".
type Class uint8

// Classes of data.
const (
	Ordinary     Class = iota + 1
	Confidential       // handled with more care, no extra legal ground
	Special            // GDPR Art. 9(1)
	Criminal           // GDPR Art. 10
	NationalID         // GDPR Art. 87
	ThirdParty         // about someone other than who gave it
	Anonymous          // about no identifiable person (recital 26)
)

// Action is what is done with data. The zero Action is none and is denied.
type Action uint8

// Actions, after GDPR Art. 4(2).
const (
	Collect Action = iota + 1
	Read
	Use
	Store
	Share
	Decide
)

// Type of a declared fact.
type Type uint8

// Types of facts. The zero Type is not valid.
const (
	Bool Type = iota + 1
	Text
	Int
	Instant
	TextList
)

// RecipientKind says what a recipient is in law.
type RecipientKind uint8

// Kinds of recipient. The zero kind is not valid.
const (
	Processor       RecipientKind = iota + 1 // GDPR Art. 4(8)
	JointController                          // GDPR Art. 26
	SeparateController
	Authority
	Group // company of the same group; a controller of its own
)

// Mechanism of a transfer to a third country.
type Mechanism uint8

// Mechanisms of GDPR chapter V. The zero Mechanism is none.
const (
	Adequacy   Mechanism = iota + 1 // Art. 45
	SCC                             // Art. 46(2)(c)
	BCR                             // Art. 46(2)(b)
	Derogation                      // Art. 49(1)
)

// Area inside which data moves without a safeguard.
type Area uint8

// Areas. The zero Area is the EEA.
const (
	EEA Area = iota
	EU
)

// Role of the register's owner for a dataset. The zero Role is not valid.
type Role uint8

// Roles.
const (
	AsController Role = iota + 1
	AsJointController
	AsProcessor
)

// Automation is the ground for solely automated decisions with significant effect (GDPR Art. 22).
// The zero value forbids them.
type Automation uint8

// Grounds of GDPR Art. 22(2).
const (
	NotAutomated    Automation = iota
	ForContract                // Art. 22(2)(a)
	ByLaw                      // Art. 22(2)(b)
	ExplicitConsent            // Art. 22(2)(c)
	ByPerson                   // whether a machine may decide is left to a person: it may not on its own
)

var (
	classNames      = []string{"", "ordinary", "confidential", "special", "criminal", "national-id", "third-party", "anonymous"}
	actionNames     = []string{"", "collect", "read", "use", "store", "share", "decide"}
	typeNames       = []string{"", "bool", "text", "int", "instant", "text-list"}
	kindNames       = []string{"", "processor", "joint-controller", "controller", "authority", "group"}
	mechanismNames  = []string{"", "adequacy", "scc", "bcr", "derogation"}
	areaNames       = []string{"eea", "eu"}
	roleNames       = []string{"", "controller", "joint-controller", "processor"}
	automationNames = []string{"", "contract", "law", "explicit-consent", "person-decides"}
)

func name(names []string, i uint8) string {
	if int(i) < len(names) {
		return names[i]
	}
	return ""
}

// text is the name of i; a number without a name has no text.
func text[E ~uint8](names []string, i E) ([]byte, error) {
	if int(i) >= len(names) {
		return nil, fmt.Errorf("%T %d has no name", i, uint8(i))
	}
	return []byte(names[i]), nil
}

func parse[E ~uint8](what string, names []string, text []byte, to *E) error {
	i := slices.Index(names, string(text))
	if i < 0 {
		return fmt.Errorf("%q is no %s; known: %q", clip(string(text)), what, slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "" }))
	}
	*to = E(i)
	return nil
}

func (c Class) String() string         { return name(classNames, uint8(c)) }
func (a Action) String() string        { return name(actionNames, uint8(a)) }
func (t Type) String() string          { return name(typeNames, uint8(t)) }
func (k RecipientKind) String() string { return name(kindNames, uint8(k)) }
func (m Mechanism) String() string     { return name(mechanismNames, uint8(m)) }
func (a Area) String() string          { return name(areaNames, uint8(a)) }
func (r Role) String() string          { return name(roleNames, uint8(r)) }
func (a Automation) String() string    { return name(automationNames, uint8(a)) }

func (c Class) MarshalText() ([]byte, error)         { return text(classNames, c) }
func (a Action) MarshalText() ([]byte, error)        { return text(actionNames, a) }
func (t Type) MarshalText() ([]byte, error)          { return text(typeNames, t) }
func (k RecipientKind) MarshalText() ([]byte, error) { return text(kindNames, k) }
func (m Mechanism) MarshalText() ([]byte, error)     { return text(mechanismNames, m) }
func (a Area) MarshalText() ([]byte, error)          { return text(areaNames, a) }
func (r Role) MarshalText() ([]byte, error)          { return text(roleNames, r) }
func (a Automation) MarshalText() ([]byte, error)    { return text(automationNames, a) }

func (c *Class) UnmarshalText(b []byte) error         { return parse("class", classNames, b, c) }
func (a *Action) UnmarshalText(b []byte) error        { return parse("action", actionNames, b, a) }
func (t *Type) UnmarshalText(b []byte) error          { return parse("type", typeNames, b, t) }
func (k *RecipientKind) UnmarshalText(b []byte) error { return parse("kind", kindNames, b, k) }
func (m *Mechanism) UnmarshalText(b []byte) error     { return parse("mechanism", mechanismNames, b, m) }
func (a *Area) UnmarshalText(b []byte) error          { return parse("area", areaNames, b, a) }
func (r *Role) UnmarshalText(b []byte) error          { return parse("role", roleNames, b, r) }
func (a *Automation) UnmarshalText(b []byte) error {
	return parse("ground of automation", automationNames, b, a)
}
