// Package plain writes texts that somebody else chose so that who reads them takes them for text: no formula in a table, no
// markup in Markdown.
package plain

import (
	"strings"
	"unicode"
)

// Cell is a cell of CSV that no spreadsheet takes for a formula, nor a program that skips what is not seen: one that begins like
// a formula, or with a tab or a line break, has an apostrophe before it. Numbers below zero have one too.
func Cell(c string) string {
	if c == "" {
		return c
	}
	seen := strings.TrimLeftFunc(c, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) })
	if strings.ContainsAny(c[:1], "\t\r\n") || seen != "" && strings.ContainsRune("=+-@＝＋－＠|%", []rune(seen)[0]) {
		return "'" + c
	}
	return c
}

// Markdown is a text that stands in Markdown, in a cell of a table too, as it is, on one line. What cannot be seen is left out.
func Markdown(text string) string {
	var b strings.Builder
	text = strings.Map(seen, text) // first, or what cannot be seen would part what is not to stand together
	for i, r := range text {
		switch {
		case r == ':' && strings.HasPrefix(text[i+1:], "//"): // no link
			b.WriteString(`\:`)
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case strings.ContainsRune("\\`*_{}[]()#+!|~$@", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// seen is a space for whatever parts words, and nothing for what cannot be seen.
func seen(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
		return -1
	}
	return r
}
