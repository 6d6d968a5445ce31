package steady

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
)

// kinds is a set of what a value can be.
type kinds uint16

const (
	isNull kinds = 1 << iota
	isBool
	isNumber
	isNanos // a number of nanoseconds since 1970 between the years 1700 and 2200
	isText
	isInstant // a text that is an RFC 3339 instant between those years
	isArray
	isSet
	isObject

	anything   = isNull | isBool | isNumber | isNanos | isText | isInstant | isArray | isSet | isObject
	number     = isNumber | isNanos
	text       = isText | isInstant
	listing    = isArray | isSet
	collection = listing | isObject
)

// shape is what is known of a value. The empty shape has no value: what is looked for is never defined.
type shape struct {
	can    kinds
	elem   *shape            // of elements; nil: unknown
	fields map[string]*shape // of an object all keys of which are known: those it may have
	named  bool              // an object whose keys are texts
}

var (
	unknown   = &shape{can: anything}
	undefined = &shape{}
)

func just(k kinds) *shape { return &shape{can: k} }

func arrayOf(s *shape) *shape { return &shape{can: isArray, elem: s} }

func setOf(s *shape) *shape { return &shape{can: isSet, elem: s} }

// maxFields of an object that are told from each other.
const maxFields = 64

// object is the shape of an object with known keys.
func object(fields map[string]*shape) *shape {
	o := &shape{can: isObject, named: true, fields: fields}
	if len(fields) > maxFields {
		return &shape{can: isObject, named: true, elem: o.element()}
	}
	return o
}

// within reports whether a value of the shape is sure to be one of k.
func (s *shape) within(k kinds) bool { return s.can&^k == 0 }

// element is the shape of any element.
func (s *shape) element() *shape {
	switch {
	case s.can&collection == 0:
		return undefined
	case s.fields != nil:
		all := undefined
		for _, f := range s.fields {
			all = join(all, f)
		}
		return all
	case s.elem == nil:
		return unknown
	}
	return s.elem
}

// at is the shape of what stands under a key.
func (s *shape) at(key *ast.Term) *shape {
	name, ok := key.Value.(ast.String)
	if !ok || s.fields == nil {
		return s.element()
	}
	if f := s.fields[string(name)]; f != nil {
		return f
	}
	return undefined
}

// key is the shape of the keys, which iteration binds.
func (s *shape) key() *shape {
	switch {
	case s.fields != nil, s.named:
		return just(isText)
	case s.can == isArray:
		return just(isNumber)
	case s.can == isSet:
		return s.element()
	}
	return unknown
}

// join is a shape of what has one of two.
func join(a, b *shape) *shape {
	switch {
	case a.can == 0 || a == b:
		return b
	case b.can == 0:
		return a
	}
	if a.fields != nil && b.fields != nil && a.can == isObject && b.can == isObject {
		fields := maps.Clone(a.fields)
		for name, s := range b.fields {
			if own := fields[name]; own != nil {
				s = join(own, s)
			}
			fields[name] = s
		}
		return object(fields)
	}
	j := &shape{can: a.can | b.can, named: a.named && b.named}
	if j.can&collection == 0 {
		return j
	}
	j.elem = undefined
	for _, s := range []*shape{a, b} {
		if s.can&collection == 0 {
			continue
		}
		e := s.element()
		if e.can == anything {
			j.elem = nil
			return j
		}
		j.elem = join(j.elem, e)
	}
	return j
}

// spell writes a shape, the same for equal ones.
func (s *shape) spell(b *strings.Builder) {
	fmt.Fprintf(b, "%x", uint16(s.can))
	if s.named {
		b.WriteByte('n')
	}
	if s.elem != nil {
		b.WriteByte('(')
		s.elem.spell(b)
		b.WriteByte(')')
	}
	for _, name := range slices.Sorted(maps.Keys(s.fields)) {
		fmt.Fprintf(b, "{%q:", name)
		s.fields[name].spell(b)
		b.WriteByte('}')
	}
}

// earliest and latest year of instants, so that arithmetic on their nanoseconds stays in 64 bits.
const earliest, latest = 1700, 2200

// shapeOf is the shape of a constant.
func shapeOf(v ast.Value) *shape {
	switch v := v.(type) {
	case ast.Null:
		return just(isNull)
	case ast.Boolean:
		return just(isBool)
	case ast.Number:
		return just(isNumber)
	case ast.String:
		if t, err := time.Parse(time.RFC3339, string(v)); err == nil && t.UTC().Year() >= earliest && t.UTC().Year() < latest {
			return just(isInstant)
		}
		return just(isText)
	case *ast.Array:
		all := undefined
		v.Foreach(func(t *ast.Term) { all = join(all, shapeOf(t.Value)) })
		return arrayOf(all)
	case ast.Set:
		all := undefined
		v.Foreach(func(t *ast.Term) { all = join(all, shapeOf(t.Value)) })
		return setOf(all)
	case ast.Object:
		named, fields, elem := true, map[string]*shape{}, undefined
		v.Foreach(func(key, t *ast.Term) {
			below := shapeOf(t.Value)
			elem = join(elem, below)
			if name, isText := key.Value.(ast.String); isText {
				fields[string(name)] = below
			} else {
				named = false
			}
		})
		if !named {
			return &shape{can: isObject, elem: elem}
		}
		return object(fields)
	}
	return unknown
}
