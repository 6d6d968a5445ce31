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
	join // + and / in the name of an engine
)

var class = classes()

func classes() (t [256]uint16) {
	for c := byte('a'); c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = lower, upper
	}
	for c := byte('0'); c <= '9'; c++ {
		t[c] = digit
	}
	t['.'], t['-'], t['_'], t[':'] = dot, dash, low, colon
	t['+'], t['/'] = join, join
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
			if run++; c != digit {
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
	for word := range strings.SplitSeq(s, ".") {
		if !isIdentifier(strings.TrimSuffix(word, "[]")) {
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
		case r < utf8.RuneSelf && class[r] == digit && i > 0:
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

// isEvidence accepts the id of a ledger entry: a ULID or what the ledger's caller chose.
func isEvidence(s string) bool {
	const any = lower | upper | digit | dot | dash | low | colon
	return len(s) > 0 && len(s) <= 64 && all(s, any)
}

func all(s string, of uint16) bool {
	for i := range len(s) {
		if class[s[i]]&of == 0 {
			return false
		}
	}
	return true
}

func isCountry(s string) bool { return len(s) == 2 && all(s, upper) }

func isHex(s string, n int) bool {
	if len(s) != n {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c-'0' > 9 && c-'a' > 5 { // bytes wrap round
			return false
		}
	}
	return true
}

func isDigest(s string) bool {
	hex, ok := strings.CutPrefix(s, "sha256:")
	return ok && isHex(hex, 64)
}

func isTrace(s string) bool {
	return isHex(s, 32) && strings.Trim(s, "0") != ""
}

// isULID accepts 26 characters of Crockford's base 32 that fit in 128 bits.
func isULID(s string) bool {
	if len(s) != 26 || s[0] > '7' {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case class[c] == digit:
		case class[c] != upper, c == 'I', c == 'L', c == 'O', c == 'U':
			return false
		}
	}
	return true
}

func isDecision(s string) bool { return isULID(s) || isHex(s, 32) }

func isDataSubject(s string) bool { return isAlias(s, DataSubject) }
func isPrincipal(s string) bool   { return isAlias(s, Principal) }

func isAlias(s string, of Class) bool {
	if len(s) != aliasLen || s[:3] != of.prefix() {
		return false
	}
	for i := 3; i < len(s); i++ {
		if c := s[i]; class[c] != lower && (c < '2' || c > '7') {
			return false
		}
	}
	switch s[aliasLen-1] { // 3 bits: 128 = 25*5 + 3
	case 'a', 'e', 'i', 'm', 'q', 'u', 'y', '4':
		return true
	}
	return false
}
