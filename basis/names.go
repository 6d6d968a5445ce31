package basis

import (
	"errors"
	"slices"
)

var (
	groundNames    = []string{"none", "marketing", "own-situation"}
	exceptionNames = []string{"none", "consent", "legal-claims", "rights-of-another", "public-interest"}
	stageNames     = []string{"none", "enquiry", "applied", "offered", "active", "ended", "settled"}
	consentNames   = []string{"not-given", "standing", "withdrawn", "expired", "invalid"}
	statusNames    = []string{"fails", "unknown", "holds"}
)

var errName = errors.New("basis: unknown name")

func name[T ~uint8](names []string, v T) string {
	if int(v) < len(names) {
		return names[v]
	}
	return "unknown"
}

// text is the name of a valid, non-zero v.
func text[T ~uint8](names []string, v T) ([]byte, error) {
	if v == 0 || int(v) >= len(names) {
		return nil, errName
	}
	return []byte(names[v]), nil
}

func parse[T ~uint8](names []string, text []byte, v *T) error {
	i := slices.Index(names, string(text))
	if i <= 0 {
		return errName
	}
	*v = T(i)
	return nil
}

// String is the name of the ground, as in stores and reports.
func (g Ground) String() string { return name(groundNames, g) }

// Valid reports whether g is one of the grounds.
func (g Ground) Valid() bool { return g == Marketing || g == OwnSituation }

// MarshalText writes the name.
func (g Ground) MarshalText() ([]byte, error) { return text(groundNames, g) }

// UnmarshalText reads the name.
func (g *Ground) UnmarshalText(b []byte) error { return parse(groundNames, b, g) }

// String is the name of the exception, as in stores and reports.
func (e Exception) String() string { return name(exceptionNames, e) }

// Valid reports whether e is one of the exceptions.
func (e Exception) Valid() bool { return e >= ByConsent && e <= PublicInterest }

// MarshalText writes the name.
func (e Exception) MarshalText() ([]byte, error) { return text(exceptionNames, e) }

// UnmarshalText reads the name.
func (e *Exception) UnmarshalText(b []byte) error { return parse(exceptionNames, b, e) }

// String is the name of the stage, as in register files and reports.
func (s Stage) String() string { return name(stageNames, s) }

// Valid reports whether s is one of the stages.
func (s Stage) Valid() bool { return s >= Enquiry && s <= Settled }

// MarshalText writes the name.
func (s Stage) MarshalText() ([]byte, error) { return text(stageNames, s) }

// UnmarshalText reads the name.
func (s *Stage) UnmarshalText(b []byte) error { return parse(stageNames, b, s) }

// String is the name of the status.
func (s ConsentStatus) String() string { return name(consentNames, s) }

// String is the name of the status.
func (s Status) String() string { return name(statusNames, s) }
