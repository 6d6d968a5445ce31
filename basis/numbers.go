package basis

import "slices"

// numbers gives strings the numbers 1, 2, 3. Copies share what they have until one of them goes on;
// only one may, the others take a copy of their own first.
type numbers struct {
	list  []string
	index map[string]int32 // nil while the list is short
}

// short is up to how many strings a list is searched without an index.
const short = 8

func (n *numbers) number(s string) int32 {
	if n.index == nil && len(n.list) > short {
		n.index = make(map[string]int32, 2*len(n.list))
		for i, s := range n.list {
			n.index[s] = int32(i + 1)
		}
	}
	i, ok := n.index[s]
	if n.index == nil {
		i = int32(slices.Index(n.list, s) + 1)
		ok = i > 0
	}
	if ok {
		return i
	}
	n.list = append(n.list, s)
	i = int32(len(n.list))
	if n.index != nil {
		n.index[s] = i
	}
	return i
}

// own is a copy that may go on.
func (n numbers) own() numbers { return numbers{list: slices.Clip(n.list)} }

// name is the string of a number.
func (n numbers) name(i int32) string { return n.list[i-1] }
