package purpose

import "strings"

// MaxKey is the longest key, in bytes.
const MaxKey = 128

// ValidKey reports whether s can name something in a register: lower-case words of letters,
// digits, '-' and '_', each beginning with a letter or digit, joined by dots.
func ValidKey(s string) bool {
	if s == "" || len(s) > MaxKey {
		return false
	}
	start := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			start = false
		case c == '.' || c == '-' || c == '_':
			if start {
				return false
			}
			start = c == '.'
		default:
			return false
		}
	}
	return !start
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
