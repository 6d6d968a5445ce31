package basis

import (
	"errors"
	"fmt"
)

// Basis is a legal basis of GDPR Art. 6(1). The zero Basis is none and never holds.
type Basis uint8

// The six legal bases of GDPR Art. 6(1), in the order of its points.
const (
	Consent             Basis = iota + 1 // Art. 6(1)(a)
	Contract                             // Art. 6(1)(b), with steps before the contract
	LegalObligation                      // Art. 6(1)(c)
	VitalInterests                       // Art. 6(1)(d)
	PublicTask                           // Art. 6(1)(e)
	LegitimateInterests                  // Art. 6(1)(f)
)

var basisNames = [...]string{"none", "consent", "contract", "legal-obligation", "vital-interests", "public-task", "legitimate-interests"}

var basisIDs = [...]string{"", "gdpr:6-1-a", "gdpr:6-1-b", "gdpr:6-1-c", "gdpr:6-1-d", "gdpr:6-1-e", "gdpr:6-1-f"}

// ErrUnknown is returned by Parse for anything that is not the name or id of a basis.
var ErrUnknown = errors.New("basis: unknown legal basis")

// Parse reads the name ("legal-obligation") or the id ("gdpr:6-1-c") of a basis.
func Parse(s string) (Basis, error) {
	for b := Consent; b <= LegitimateInterests; b++ {
		if s == basisNames[b] || s == basisIDs[b] {
			return b, nil
		}
	}
	return 0, fmt.Errorf("%w %q", ErrUnknown, s)
}

// String is the name of the basis, as in tags and register files.
func (b Basis) String() string {
	if int(b) < len(basisNames) {
		return basisNames[b]
	}
	return basisNames[0]
}

// ID is the identifier used in audit events, "gdpr:6-1-b"; empty for no basis.
func (b Basis) ID() string {
	if int(b) < len(basisIDs) {
		return basisIDs[b]
	}
	return ""
}

// Valid reports whether b is one of the six bases.
func (b Basis) Valid() bool { return b >= Consent && b <= LegitimateInterests }

// Objectable reports whether a data subject may object to processing on this basis for reasons of
// their own situation (GDPR Art. 21(1)).
func (b Basis) Objectable() bool { return b == PublicTask || b == LegitimateInterests }

// MarshalText writes the name.
func (b Basis) MarshalText() ([]byte, error) {
	if !b.Valid() {
		return nil, ErrUnknown
	}
	return []byte(b.String()), nil
}

// UnmarshalText reads what Parse reads.
func (b *Basis) UnmarshalText(text []byte) error {
	v, err := Parse(string(text))
	if err != nil {
		return err
	}
	*b = v
	return nil
}
