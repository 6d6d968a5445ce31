package regopolicy

import (
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// fewRefs is how many answers are searched one after the other.
const fewRefs = 24

// found keeps what one evaluation found rules and functions to be, so that none is evaluated twice. The engine's own cache
// is a tree of maps, which most evaluations pay for without need; beyond fewRefs it takes over. The zero found is ready.
type found struct {
	terms  []*ast.Term // of all references, one after the other
	kept   []finding
	frames []int // where outer frames begin, in kept
	base   int   // where the innermost begins
	many   topdown.VirtualCache
}

// finding is what a reference led to.
type finding struct {
	from, to  int // in terms
	value     *ast.Term
	undefined bool
}

var _ topdown.VirtualCache = (*found)(nil)

// reset forgets everything, and lets go of it.
func (c *found) reset() {
	clear(c.terms)
	clear(c.kept)
	c.terms, c.kept, c.frames, c.base, c.many = c.terms[:0], c.kept[:0], c.frames[:0], 0, nil
}

// Push implements [topdown.VirtualCache].
func (c *found) Push() {
	if c.many != nil {
		c.many.Push()
		return
	}
	c.frames = append(c.frames, c.base)
	c.base = len(c.kept)
}

// Pop implements [topdown.VirtualCache].
func (c *found) Pop() {
	if c.many != nil {
		c.many.Pop()
		return
	}
	clear(c.kept[c.base:])
	c.kept = c.kept[:c.base]
	last := len(c.frames) - 1
	c.base, c.frames = c.frames[last], c.frames[:last]
}

// Get implements [topdown.VirtualCache].
func (c *found) Get(ref ast.Ref) (value *ast.Term, undefined bool) {
	if c.many != nil {
		return c.many.Get(ref)
	}
	if f := c.at(ref); f != nil {
		if f.undefined {
			return nil, true
		}
		return f.value, false
	}
	return nil, false
}

// Put implements [topdown.VirtualCache]. The engine goes on to change the reference, so it is copied.
func (c *found) Put(ref ast.Ref, value *ast.Term) {
	if c.many == nil && len(c.kept) == fewRefs {
		c.grow()
	}
	if c.many != nil {
		c.many.Put(ref, value)
		return
	}
	f := c.at(ref)
	if f == nil {
		from := len(c.terms)
		c.terms = append(c.terms, ref...)
		c.kept = append(c.kept, finding{from: from, to: len(c.terms)})
		f = &c.kept[len(c.kept)-1]
	}
	if value != nil {
		f.value = value
	} else {
		f.undefined = true
	}
}

// at finds a reference in the innermost frame. The last terms differ most.
func (c *found) at(ref ast.Ref) *finding {
search:
	for i := c.base; i < len(c.kept); i++ {
		f := &c.kept[i]
		if f.to-f.from != len(ref) {
			continue
		}
		own := c.terms[f.from:f.to]
		for k := len(ref) - 1; k >= 0; k-- {
			if own[k] != ref[k] && !own[k].Equal(ref[k]) {
				continue search
			}
		}
		return f
	}
	return nil
}

// grow hands all over to the engine's own cache.
func (c *found) grow() {
	many := topdown.NewVirtualCache()
	frames := append(c.frames, c.base)
	for i := range c.kept {
		for len(frames) > 1 && frames[1] <= i {
			many.Push()
			frames = frames[1:]
		}
		f := &c.kept[i]
		ref := ast.Ref(c.terms[f.from:f.to])
		if f.value != nil {
			many.Put(ref, f.value)
		}
		if f.undefined {
			many.Put(ref, nil)
		}
	}
	for range frames[1:] {
		many.Push()
	}
	c.many = many
}

// Keys implements [topdown.VirtualCache].
func (c *found) Keys() (refs []ast.Ref) {
	if c.many != nil {
		return c.many.Keys()
	}
	for i := c.base; i < len(c.kept); i++ {
		if f := &c.kept[i]; f.value != nil {
			refs = append(refs, ast.Ref(c.terms[f.from:f.to]))
		}
	}
	return refs
}
