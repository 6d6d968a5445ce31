package rights

import (
	"fmt"
	"slices"
)

// names is the text form of a small closed list; the empty name is the zero value's.
func name(names []string, i uint8) string {
	if int(i) < len(names) {
		return names[i]
	}
	return ""
}

func marshal(names []string, i uint8) ([]byte, error) {
	if int(i) >= len(names) {
		return nil, fmt.Errorf("%w: value outside its list", ErrRequest)
	}
	return []byte(names[i]), nil
}

func unmarshal[T ~uint8](names []string, text []byte, to *T) error {
	i := slices.Index(names, string(text))
	if i < 0 {
		return fmt.Errorf("%w: not one of %q", ErrRequest, names)
	}
	*to = T(i)
	return nil
}
