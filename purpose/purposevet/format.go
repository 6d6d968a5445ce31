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
	indexed := f.index()
	if f.star() {
		indexed = false
	} else if f.number() && indexed {
		f.bad = true // "%[3]2d"
	}
	if len(f.text) > 1 && f.text[0] == '.' {
		f.text = f.text[1:]
		f.bad = f.bad || indexed // "%[3].2d"
		if indexed = f.index(); f.star() {
			indexed = false
		} else {
			f.number()
		}
	}
	if !indexed {
		f.index()
	}
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

// star reads a width or precision that is an argument.
func (f *formatter) star() bool {
	if !strings.HasPrefix(f.text, "*") {
		return false
	}
	f.text = f.text[1:]
	f.use(0) // an integer, or nothing of it shows
	return true
}

// number reads a width or precision. Of one that is too large fmt reads no further, and prints the arguments that are left over.
func (f *formatter) number() (found bool) {
	for num := 0; f.text != "" && '0' <= f.text[0] && f.text[0] <= '9'; f.text = f.text[1:] {
		if num > 1e6 {
			f.text = ""
			return false
		}
		num, found = num*10+int(f.text[0]-'0'), true
	}
	return found
}

// index reads which argument is next: "[2]". It reports whether there was a number, even one that no argument has.
func (f *formatter) index() (found bool) {
	if !strings.HasPrefix(f.text, "[") {
		return false
	}
	inside, rest, closed := strings.Cut(f.text[1:], "]")
	if !closed || len(f.text) < 3 {
		f.text, f.bad = f.text[1:], true
		return false
	}
	f.text = rest
	at := 0
	for _, c := range []byte(inside) {
		if c < '0' || c > '9' || at > 1e6 {
			f.bad = true
			return false
		}
		at = at*10 + int(c-'0')
	}
	if at < 1 || at > len(f.kinds) {
		f.bad = true
		return inside != ""
	}
	f.next = at - 1
	return true
}
