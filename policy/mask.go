package policy

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Mask says how a redacted field is released. The zero Mask removes it: the view has the zero value.
type Mask uint8

// Masks. All but Remove work on text; Year works on text that begins with an ISO 8601 date too.
const (
	Remove   Mask = iota
	LastFour      // all but the last four characters are replaced
	YearOnly      // "1984-05-17" becomes "1984"
	Initials      // "Ada Lovelace" becomes "A. L."
)

var maskNames = [...]string{"remove", "last-four", "year", "initials"}

// String is the name of the mask.
func (m Mask) String() string {
	if int(m) < len(maskNames) {
		return maskNames[m]
	}
	return "remove"
}

// MarshalText writes the name.
func (m Mask) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads a name; anything else is an error.
func (m *Mask) UnmarshalText(text []byte) error {
	for i, n := range maskNames {
		if n == string(text) {
			*m = Mask(i)
			return nil
		}
	}
	return fmt.Errorf("policy: unknown mask %q; known: %q", text, maskNames)
}

// Text is the masked form of s. What a mask cannot show safely it hides altogether.
func (m Mask) Text(s string) string {
	switch m {
	case LastFour:
		n := utf8.RuneCountInString(s)
		if n <= 4 || !utf8.ValidString(s) {
			return strings.Repeat("*", min(n, 4))
		}
		runes := []rune(s)
		return strings.Repeat("*", n-4) + string(runes[n-4:])
	case YearOnly:
		if len(s) >= 10 && digits(s[:4]) && s[4] == '-' && digits(s[5:7]) && s[7] == '-' && digits(s[8:10]) {
			return s[:4]
		}
	case Initials:
		var b strings.Builder
		for word := range strings.FieldsSeq(s) {
			r, _ := utf8.DecodeRuneInString(word)
			if r == utf8.RuneError {
				return ""
			}
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteRune(r)
			b.WriteByte('.')
		}
		return b.String()
	}
	return ""
}

func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
