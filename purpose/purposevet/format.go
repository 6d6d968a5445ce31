package purposevet

import "strings"

// verbs says for each of n arguments of a format how it is printed: Prints, Dumps where the verb passes String methods over, or zero
// where its type or address is all that shows.
func verbs(format string, n int) []Kind {
	kinds, next, mentioned := make([]Kind, n), 0, make([]bool, n)
	use := func(k Kind) {
		if next < n {
			kinds[next], mentioned[next] = max(kinds[next], k), true
		}
		next++
	}
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		sharp := false
		for i++; i < len(format) && strings.IndexByte("+-# 0.*[]123456789", format[i]) >= 0; i++ {
			switch format[i] {
			case '#':
				sharp = true
			case '*':
				use(Prints) // a width
			case '[':
				at := 0
				for i++; i < len(format) && format[i] >= '0' && format[i] <= '9' && at < 1<<20; i++ {
					at = at*10 + int(format[i]-'0')
				}
				next = max(at-1, 0)
			}
		}
		if i >= len(format) {
			break
		}
		switch verb := format[i]; {
		case verb == '%':
		case verb == 'T' || verb == 'p':
			use(0)
		case strings.IndexByte("vsxXqw", verb) < 0 || sharp && verb == 'v':
			use(Dumps)
		default:
			use(Prints)
		}
	}
	for i := range kinds {
		if !mentioned[i] {
			kinds[i] = Dumps // fmt prints what is left over, type and value
		}
	}
	return kinds
}
