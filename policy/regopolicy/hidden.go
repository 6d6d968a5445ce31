package regopolicy

import (
	"strings"
	"unicode/utf8"
)

// hidden finds the line of a character by which a module reads otherwise than it looks: one that turns the direction of
// the text round, takes no room, or ends a line for people and not for the parser, so that a rule stands in a comment.
func hidden(text []byte) (line int, char rune) {
	line = 1
	for i, c := range string(text) {
		switch {
		case c == '\n':
			line++
		case c == '\r' && (i+1 == len(text) || text[i+1] != '\n'), c == '\v', c == '\f', c == 0,
			strings.ContainsRune("\u0085\u200b\u200e\u200f\u2028\u2029\u2060\ufeff", c), c >= '\u202a' && c <= '\u202e', c >= '\u2066' && c <= '\u2069':
			return line, c
		}
	}
	return 0, utf8.RuneError
}
