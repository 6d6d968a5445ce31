package purpose

import "math/bits"

// MaxFields is the largest number of tagged fields in one struct type or schema.
const MaxFields = 256

// FieldSet is a set of the fields of one Plan, by their index. The zero FieldSet is empty.
type FieldSet [MaxFields / 64]uint64

// AllFields is the set of the first n fields.
func AllFields(n int) FieldSet {
	var f FieldSet
	for i := range f {
		switch {
		case n >= 64*(i+1):
			f[i] = ^uint64(0)
		case n > 64*i:
			f[i] = 1<<(n-64*i) - 1
		}
	}
	return f
}

// Has reports whether field i is in the set.
func (f FieldSet) Has(i int) bool {
	return uint(i) < MaxFields && f[i>>6]&(1<<(i&63)) != 0
}

// Add puts field i in; an index out of range is ignored.
func (f *FieldSet) Add(i int) {
	if uint(i) < MaxFields {
		f[i>>6] |= 1 << (i & 63)
	}
}

// Empty reports whether no field is in the set.
func (f FieldSet) Empty() bool { return f[0]|f[1]|f[2]|f[3] == 0 }

// Len counts the fields.
func (f FieldSet) Len() int {
	return bits.OnesCount64(f[0]) + bits.OnesCount64(f[1]) + bits.OnesCount64(f[2]) + bits.OnesCount64(f[3])
}

// And is the fields in both.
func (f FieldSet) And(g FieldSet) FieldSet {
	return FieldSet{f[0] & g[0], f[1] & g[1], f[2] & g[2], f[3] & g[3]}
}

// Or is the fields in either.
func (f FieldSet) Or(g FieldSet) FieldSet {
	return FieldSet{f[0] | g[0], f[1] | g[1], f[2] | g[2], f[3] | g[3]}
}

// Without is the fields of f that are not in g.
func (f FieldSet) Without(g FieldSet) FieldSet {
	return FieldSet{f[0] &^ g[0], f[1] &^ g[1], f[2] &^ g[2], f[3] &^ g[3]}
}

// All yields the fields in ascending order.
func (f FieldSet) All(yield func(int) bool) {
	for w, word := range f {
		for ; word != 0; word &= word - 1 {
			if !yield(w<<6 + bits.TrailingZeros64(word)) {
				return
			}
		}
	}
}
