package purpose

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxKey is the longest key, in bytes.
const MaxKey = 64

// maxDigits is the longest run of digits in what goes on record: account, phone and national numbers have longer ones.
const maxDigits = 5

// ValidKey reports whether s can name something in a register: words of lower-case letters and digits, joined by single
// dots, dashes and underscores, beginning with a letter, with no long run of digits. Keys go on record as they are.
func ValidKey(s string) bool {
	return s != "" && s[0] >= 'a' && s[0] <= 'z' && words(s, MaxKey, maxDigits, false)
}

// validClause reports whether s can name a clause: as a key, in either case, or a number.
func validClause(s string) bool { return words(s, 32, maxDigits, true) }

// validVersion reports whether s can name a notice version.
func validVersion(s string) bool { return words(s, 24, 8, true) }

// words reports whether s is words of letters and digits with single separators between them.
func words(s string, most, digits int, upper bool) bool {
	run, sep := 0, true
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			if run++; run > digits {
				return false
			}
			sep = false
		case c >= 'a' && c <= 'z', upper && c >= 'A' && c <= 'Z':
			run, sep = 0, false
		case (c == '.' || c == '-' || c == '_') && !sep:
			run, sep = 0, true
		default:
			return false
		}
	}
	return !sep && len(s) <= most
}

// validPath reports whether s can name a field: words as of Go, or with dashes, joined by dots, each with "[]" behind it for what is in a
// list or map.
func validPath(s string) bool {
	for word := range strings.SplitSeq(s, ".") {
		word = strings.TrimSuffix(word, "[]")
		run := 0
		for i, r := range word {
			switch {
			case r == '_', r == '-' && i > 0, unicode.IsLetter(r) && r != utf8.RuneError:
				run = 0
			case r >= '0' && r <= '9' && i > 0:
				if run++; run > maxDigits {
					return false
				}
			default:
				return false
			}
		}
		if word == "" {
			return false
		}
	}
	return utf8.RuneCountInString(s) <= 128
}

// Parent is the key above, empty for a root.
func Parent(key string) string {
	if i := strings.LastIndexByte(key, '.'); i >= 0 {
		return key[:i]
	}
	return ""
}

// under reports whether key is node or lies below it.
func under(key, node string) bool {
	return key == node || len(key) > len(node) && key[len(node)] == '.' && strings.HasPrefix(key, node)
}
