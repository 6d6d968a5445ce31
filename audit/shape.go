package audit

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bytes that shapes are made of, as bits.
const (
	lower uint16 = 1 << iota
	upper
	digit
	dot
	dash
	low // underscore
	colon
	join     // + and / in the name of an engine
	hexDigit // in lower case
	ofAlias  // base 32 in lower case
	ofULID   // base 32 of Crockford
	token    // what names evidence
)

var class = classes()

func classes() (t [256]uint16) {
	const small, capital, digits = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
	for of, chars := range map[uint16]string{
		lower: small, upper: capital, digit: digits, dot: ".", dash: "-", low: "_", colon: ":", join: "+/",
		hexDigit: digits + "abcdef", ofAlias: small + "234567", ofULID: digits + "ABCDEFGHJKMNPQRSTVWXYZ",
		token: small + capital + digits + ".-_:",
	} {
		for _, c := range []byte(chars) {
			t[c] |= of
		}
	}
	return t
}

// shape is words of some bytes with single separators between them.
type shape struct {
	first, word, sep uint16
	max              int // bytes
	digits           int // in a row
}

// Register keys have no long runs of digits; phone, card, account and national numbers do.
const maxDigits = 5

var (
	keyShape       = shape{lower, lower | digit, dot | dash | low | colon, 64, maxDigits}
	codeShape      = shape{lower, lower | digit, dot | dash | low, 64, maxDigits}
	engineShape    = shape{lower, lower | digit, dot | dash | low | colon | join, 64, maxDigits}
	recipientShape = shape{lower, lower | digit, dot | dash | low | colon, 64, 64}
	streamShape    = shape{lower, lower | digit, dot | dash | low, 64, 64}
	clauseShape    = shape{lower | upper | digit, lower | upper | digit, dot | dash | low, 32, maxDigits}
	versionShape   = shape{lower | upper | digit, lower | upper | digit, dot | dash | low, 24, 8}
)

func (sh *shape) ok(s string) bool {
	if len(s) == 0 || len(s) > sh.max || class[s[0]]&sh.first == 0 {
		return false
	}
	run, sep := 0, false
	for i := range len(s) {
		switch c := class[s[i]]; {
		case c&sh.word != 0:
			if run++; c&digit == 0 {
				run = 0
			} else if run > sh.digits {
				return false
			}
			sep = false
		case c&sh.sep != 0 && !sep:
			run, sep = 0, true
		default:
			return false
		}
	}
	return !sep
}

// isPath accepts Go selectors such as Address.City, and names of columns and of documents' fields, which may have dashes; a
// word may end in [] for the elements of a list or map.
func isPath(s string) bool {
	if len(s) > 128 && utf8.RuneCountInString(s) > 128 {
		return false
	}
	for more := true; more; {
		var word string
		if word, s, more = strings.Cut(s, "."); !isIdentifier(strings.TrimSuffix(word, "[]")) {
			return false
		}
	}
	return true
}

func isIdentifier(s string) bool {
	run := 0
	for i, r := range s {
		switch {
		case r == '_', r == '-' && i > 0, r < utf8.RuneSelf && class[r]&(lower|upper) != 0:
			run = 0
		case r < utf8.RuneSelf && class[r]&digit != 0 && i > 0:
			if run++; run > maxDigits {
				return false
			}
		case r >= utf8.RuneSelf && r != utf8.RuneError && unicode.IsLetter(r):
			run = 0
		default:
			return false
		}
	}
	return s != ""
}

// isRejected accepts a basis, or a basis and why it did not hold: gdpr:6-1-a=basis.consent-withdrawn.
func isRejected(s string) bool {
	basis, reason, found := strings.Cut(s, "=")
	return keyShape.ok(basis) && (!found || codeShape.ok(reason))
}

// all reports whether all bytes of s are of a class. It looks at every one: a branch for each would be guessed wrong often.
func all[T string | []byte](s T, of uint16) bool {
	for i := range len(s) {
		of &= class[s[i]]
	}
	return of != 0
}

func isHex[T string | []byte](s T, n int) bool { return len(s) == n && all(s, hexDigit) }

func isDigest(s string) bool {
	hex, ok := strings.CutPrefix(s, "sha256:")
	return ok && isHex(hex, 64)
}

// isTrace accepts 128 bits that are not all zero.
func isTrace[T string | []byte](s T) bool {
	const none = "00000000000000000000000000000000"
	return isHex(s, len(none)) && string(s) != none
}

// isULID accepts 26 characters of Crockford's base 32 that fit in 128 bits.
func isULID[T string | []byte](s T) bool { return len(s) == 26 && s[0] <= '7' && all(s, ofULID) }

func isAlias[T string | []byte](s T, of Class) bool {
	if len(s) != aliasLen || string(s[:3]) != of.prefix() || !all(s[3:], ofAlias) {
		return false
	}
	switch s[aliasLen-1] { // 3 bits: 128 = 25*5 + 3
	case 'a', 'e', 'i', 'm', 'q', 'u', 'y', '4':
		return true
	}
	return false
}
