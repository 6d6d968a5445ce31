package table

import "fmt"

var outcomeNames = [...]string{"", "denied", "partial", "permitted"}

// String is the name of the outcome.
func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return ""
}

// MarshalText writes the name.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads a name; anything else is an error.
func (o *Outcome) UnmarshalText(text []byte) error {
	for i, n := range outcomeNames {
		if n != "" && n == string(text) {
			*o = Outcome(i)
			return nil
		}
	}
	return fmt.Errorf("table: unknown outcome; known: %q", outcomeNames[1:])
}
