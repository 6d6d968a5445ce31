package purpose

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/internal/unseal"
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

// Bind makes the Plan of a struct type: its tags are checked against the register. All that is wrong
// is reported at once, each as a TagError. Untagged fields are walked for tagged ones inside; they
// are never released themselves.
func (r *Register) Bind(t reflect.Type) (*Plan, error) {
	if r == nil || t == nil {
		return nil, fmt.Errorf("%w: no register or no type to bind", ErrInvalid)
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%w: %s is no struct", ErrInvalid, t)
	}
	b := &binder{r: r, plan: &Plan{Register: r, Name: t.String(), Type: t, People: []Person{{}}}}
	b.walk(t, "", nil, 0)
	return b.finish()
}

// SchemaField is one field of a Schema.
type SchemaField struct {
	Name string
	Tags Tags
}

// Schema says of maps, rows, documents and messages what struct tags say of structs.
type Schema struct {
	Name   string
	Fields []SchemaField
}

// BindSchema makes the Plan of a schema.
func (r *Register) BindSchema(s Schema) (*Plan, error) {
	if r == nil || s.Name == "" {
		return nil, fmt.Errorf("%w: no register, or a schema without a name", ErrInvalid)
	}
	b := &binder{r: r, plan: &Plan{Register: r, Name: s.Name, People: []Person{{}}}}
	seen := make(map[string]bool, len(s.Fields))
	for i := range s.Fields {
		f := &s.Fields[i]
		switch {
		case f.Name == "":
			b.errs = append(b.errs, tagError(s.Name, fmt.Sprintf("[%d]", i), located1(0, "a field needs a name")))
			continue
		case seen[f.Name]:
			b.errs = append(b.errs, tagError(s.Name, f.Name, located1(0, "declared twice")))
			continue
		}
		seen[f.Name] = true
		b.field(f.Name, f.Tags, 0, nil)
	}
	return b.finish()
}

// binder collects fields and errors while a type is walked.
type binder struct {
	r     *Register
	plan  *Plan
	errs  []error
	stack []reflect.Type
}

const maxDepth = 32

func (b *binder) fail(path string, err error) {
	b.errs = append(b.errs, tagError(b.plan.Name, path, err))
}

// walk visits the fields of a struct. person is the index of whom the struct is about.
func (b *binder) walk(t reflect.Type, prefix string, steps []step, person int) {
	if len(b.stack) > maxDepth {
		b.fail(prefix, located1(0, "nested more than %d deep", maxDepth))
		return
	}
	if slices.Contains(b.stack, t) {
		return // the way back of a recursive type: nothing in it is released
	}
	b.stack = append(b.stack, t)
	defer func() { b.stack = b.stack[:len(b.stack)-1] }()
	if prefix != "" {
		person = b.own(t, prefix, steps, person)
	}
	for i := range t.NumField() {
		f := t.Field(i)
		path := prefix + f.Name
		tags, ok, err := ParseTags(string(f.Tag))
		if err != nil {
			b.fail(path, err)
			continue
		}
		here := append(slices.Clone(steps), step{f.Index})
		if ok && !f.IsExported() && tags.Personal != NotPersonal {
			b.fail(path, located1(0, "a tagged field must be exported"))
			continue
		}
		if ok && tags.identifies() && !identifier(f.Type) {
			b.fail(path, located1(0, "an id is a string or an integer, not %s", f.Type))
			continue
		}
		if ok && tags.Personal != "" || ok && tags.identifies() {
			b.field(path, tags, person, here)
			continue
		}
		if !f.IsExported() && !f.Anonymous {
			b.hidden(f.Type, path)
			continue
		}
		inner := person
		if ok { // a role for all that is inside
			inner = b.role(tags.role(), person)
		}
		b.enter(f, prefix, here, inner)
	}
}

// enter walks what an untagged field holds.
func (b *binder) enter(f reflect.StructField, prefix string, steps []step, person int) {
	t, path := f.Type, prefix+f.Name
	for {
		switch t.Kind() {
		case reflect.Pointer:
			t = t.Elem()
			continue
		case reflect.Slice, reflect.Array, reflect.Map:
			t = t.Elem()
			path += "[]"
			steps = append(steps, step{})
			continue
		case reflect.Struct:
			if isSealed(t) {
				b.fail(path, located1(0, "a sealed value without the tag %q could never be opened", tagPersonal))
				return
			}
			if !tagged(t, nil) {
				return
			}
			if f.Anonymous && t == indirect(f.Type) {
				b.walk(t, prefix, steps, person) // embedded: its fields are promoted
				return
			}
			b.walk(t, path+".", steps, person)
		}
		return
	}
}

// hidden refuses tagged data inside an unexported field, which no guard could reach.
func (b *binder) hidden(t reflect.Type, path string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() == reflect.Struct && (isSealed(t) || tagged(t, nil)) {
		b.fail(path, located1(0, "personal data inside an unexported field is out of the guard's reach"))
	}
}

func indirect(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// tagged reports whether a type has tagged or sealed fields, itself or inside.
func tagged(t reflect.Type, path []reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return tagged(t.Elem(), path)
	case reflect.Struct:
	default:
		return false
	}
	if isSealed(t) {
		return true
	}
	if slices.Contains(path, t) || len(path) > maxDepth {
		return false
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if _, ok, err := ParseTags(string(f.Tag)); ok || err != nil || tagged(f.Type, append(path, t)) {
			return true
		}
	}
	return false
}

var openerType = reflect.TypeFor[unseal.Opener]()

// isSealed reports whether t is a sealed.Value of something.
func isSealed(t reflect.Type) bool { return reflect.PointerTo(t).Implements(openerType) }

// identifier reports whether a type can hold the id of a person.
func identifier(t reflect.Type) bool {
	if isSealed(t) {
		o, ok := reflect.New(t).Interface().(unseal.Opener)
		return ok && unseal.ElemType(o).Kind() == reflect.String
	}
	return t.Kind() == reflect.String || t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64
}

// own gives a nested struct that identifies a person its own Person.
func (b *binder) own(t reflect.Type, prefix string, steps []step, person int) int {
	for i := range t.NumField() {
		if tags, ok, err := ParseTags(string(t.Field(i).Tag)); err == nil && ok && tags.DataSubject == "id" {
			b.plan.People = append(b.plan.People, Person{Role: prefix[:len(prefix)-1]})
			return len(b.plan.People) - 1
		}
	}
	return person
}

// role finds or adds the person that a name means inside a record.
func (b *binder) role(name string, person int) int {
	if name == "" {
		return person
	}
	if up := b.plan.People[person].Role; up != "" {
		name = up + "." + name
	}
	for i := range b.plan.People {
		if b.plan.People[i].Role == name {
			return i
		}
	}
	b.plan.People = append(b.plan.People, Person{Role: name})
	return len(b.plan.People) - 1
}

// field takes in one tagged field.
func (b *binder) field(path string, t Tags, person int, steps []step) {
	r := b.r
	if err := t.check(); err != nil {
		b.fail(path, err)
		return
	}
	whose := b.role(t.role(), person)
	if t.identifies() {
		p := &b.plan.People[whose]
		if p.path != nil {
			b.fail(path, located1(0, "%q is identified twice", t.DataSubject))
			return
		}
		if steps == nil {
			steps, p.idField = []step{{}}, path
		}
		p.path = steps
	}
	if t.Personal == "" || t.Personal == NotPersonal {
		return
	}
	id, ok := r.categories.ID(t.Personal)
	switch {
	case !ok:
		b.fail(path, located1(0, "%q is not among the data categories%s", clip(t.Personal), near(t.Personal, r.categories.ids)))
		return
	case !r.categories.Leaf(id):
		b.fail(path, located1(0, "%q has categories below it; tag the field with one of them", t.Personal))
		return
	}
	f := Field{Path: path, Category: id, Class: r.class[id], Person: whose}
	for _, k := range t.Purposes {
		if _, ok := r.purposes.ID(k); !ok {
			b.fail(path, located1(0, "%q is not among the purposes%s", clip(k), near(k, r.purposes.ids)))
		}
	}
	if len(t.Purposes) > 0 {
		f.Purposes = r.purposes.Below(t.Purposes...)
	}
	for _, x := range t.Bases {
		f.Bases |= 1 << x
	}
	for _, k := range t.Retention {
		if _, ok := r.rules[k]; !ok {
			b.fail(path, located1(0, "%q is not among the retention rules%s", clip(k), near(k, r.rules)))
			continue
		}
		f.Rules = append(f.Rules, k)
	}
	if _, dup := b.plan.Index(path); dup {
		b.fail(path, located1(0, "two embedded fields have this name"))
		return
	}
	b.plan.Fields = append(b.plan.Fields, f)
}

// check refuses tags that no struct tag could hold: a Schema is written by hand.
func (t *Tags) check() error {
	if t.Personal != "" && t.Personal != NotPersonal && !ValidKey(t.Personal) {
		return located1(0, "%q is no data category", clip(t.Personal))
	}
	if t.DataSubject != "" && !ValidKey(t.DataSubject) {
		return located1(0, "%q names no data subject", clip(t.DataSubject))
	}
	for _, x := range t.Bases {
		if !x.Valid() {
			return located1(0, "unknown legal basis")
		}
	}
	if t.Personal == "" && (len(t.Purposes) > 0 || len(t.Bases) > 0 || len(t.Retention) > 0 || t.DataSubject == "") {
		return located1(0, "the data category is missing")
	}
	return nil
}

func (b *binder) finish() (*Plan, error) {
	for i := range b.plan.Fields {
		f := &b.plan.Fields[i]
		if p := &b.plan.People[f.Person]; f.Person > 0 && p.path == nil {
			b.fail(f.Path, located1(0, "nothing identifies %q: tag its id with subject:%q", p.Role, p.Role+".id"))
		}
	}
	if n := len(b.plan.Fields); n > MaxFields {
		b.errs = append(b.errs, fmt.Errorf("%w: %s has %d tagged fields, at most %d", ErrInvalid, b.plan.Name, n, MaxFields))
	}
	if len(b.plan.Fields) == 0 && len(b.errs) == 0 {
		b.errs = append(b.errs, fmt.Errorf("%w: %s has no field tagged %q", ErrInvalid, b.plan.Name, tagPersonal))
	}
	if len(b.errs) > 0 {
		return nil, errors.Join(b.errs...)
	}
	return b.plan, nil
}
