package purposevet

import (
	"strings"
	"unicode/utf8"
)

// verbs says for each of n arguments of a format how it is printed: Prints, Dumps where the verb passes String methods over, or zero
// where its type or address is all that shows. It reads formats as package fmt does.
func verbs(format string, n int) []Kind {
	f := formatter{text: format, kinds: make([]Kind, n), mentioned: make([]bool, n)}
	for {
		at := strings.IndexByte(f.text, '%')
		if at < 0 {
			break
		}
		f.text = f.text[at+1:]
		f.verb()
	}
	for i := range f.kinds {
		if !f.mentioned[i] {
			f.kinds[i] = Dumps // fmt prints what is left over, type and value
		}
	}
	return f.kinds
}

// formatter goes through a format.
type formatter struct {
	text      string
	next      int // the argument whose turn it is
	bad       bool
	kinds     []Kind
	mentioned []bool
}

func (f *formatter) use(k Kind) {
	if f.next < len(f.kinds) {
		f.kinds[f.next], f.mentioned[f.next] = max(f.kinds[f.next], k), true
	}
	f.next++
}

// take cuts a prefix of the characters in set.
func (f *formatter) take(set string) string {
	rest := strings.TrimLeft(f.text, set)
	taken := f.text[:len(f.text)-len(rest)]
	f.text = rest
	return taken
}

// verb reads one verb with its flags, width, precision and index.
func (f *formatter) verb() {
	f.bad = false
	sharp := strings.Contains(f.take("+-# 0"), "#")
	f.index()
	f.number()
	if strings.HasPrefix(f.text, ".") {
		f.text = f.text[1:]
		f.index()
		f.number()
	}
	f.index()
	if f.text == "" {
		return
	}
	verb, size := utf8.DecodeRuneInString(f.text)
	f.text = f.text[size:]
	switch {
	case verb == '%' || f.bad:
	case verb == 'T' || verb == 'p':
		f.use(0)
	case !strings.ContainsRune("vsxXqw", verb) || sharp && verb == 'v':
		f.use(Dumps)
	default:
		f.use(Prints)
	}
}

// number reads a width or precision, which may be an argument.
func (f *formatter) number() {
	if strings.HasPrefix(f.text, "*") {
		f.text = f.text[1:]
		f.use(0) // an integer, or nothing of it shows
		return
	}
	f.take("0123456789")
}

// index reads which argument is next: "[2]".
func (f *formatter) index() {
	if !strings.HasPrefix(f.text, "[") {
		return
	}
	inside, rest, closed := strings.Cut(f.text[1:], "]")
	if !closed {
		f.text, f.bad = f.text[1:], true
		return
	}
	f.text = rest
	at := 0
	for _, c := range []byte(inside) {
		if c < '0' || c > '9' || at > len(f.kinds) {
			f.bad = true
			return
		}
		at = at*10 + int(c-'0')
	}
	if at < 1 || at > len(f.kinds) {
		f.bad = true
		return
	}
	f.next = at - 1
}
