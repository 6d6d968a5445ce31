package purpose

import (
	"reflect"

	"github.com/purposebound/purposebound/basis"
)

// Plan is what one struct type or schema means under one register: its tagged fields with their
// interned categories, and whom each is about. It is immutable and safe for concurrent use.
type Plan struct {
	Register *Register
	Name     string       // of the type or schema
	Type     reflect.Type // nil for a schema
	Fields   []Field
	People   []Person // the first is the main data subject
}

// Field is one tagged field.
type Field struct {
	Path     string // "Address.City", "Household[].Name"; the name in a schema
	Category ID
	Class    Class
	Person   int      // index in Plan.People
	Purposes Set      // leaves the tags narrow to; nil: not narrowed
	Bases    uint8    // bit b set: basis b may be relied on; 0: not narrowed
	Rules    []string // retention rules that the tags add
}

// AllowsBasis reports whether the tags let the field rest on b.
func (f *Field) AllowsBasis(b basis.Basis) bool { return f.Bases == 0 || f.Bases&(1<<b) != 0 }

// Person that fields of a plan are about.
type Person struct {
	Role    string // empty: the main data subject; else a name or the path of a nested record
	path    []step // where the id is; nil: the record does not say
	idField string // in a schema: the name of the field that holds the id
}

// step into a value: a field, or every element of a slice, array or map.
type step struct {
	field []int // index of a struct field; nil for elements
}

// Index finds a field by its path.
func (p *Plan) Index(path string) (int, bool) {
	for i := range p.Fields {
		if p.Fields[i].Path == path {
			return i, true
		}
	}
	return 0, false
}
