package purpose

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/internal/unseal"
)

// Bind makes the Plan of a struct type: its tags are checked against the register. All that is wrong
// is reported at once, each as a TagError. Untagged fields are walked for tagged ones inside; they
// are never released themselves, nor is what a recursive type holds of its own kind.
func (r *Register) Bind(t reflect.Type) (*Plan, error) {
	if r == nil || t == nil {
		return nil, fmt.Errorf("%w: no register or no type to bind", ErrInvalid)
	}
	for range maxDepth {
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
	}
	if t.Kind() != reflect.Struct || isSealed(t) {
		return nil, fmt.Errorf("%w: %s is no struct with fields to tag", ErrInvalid, t)
	}
	b := &binder{r: r, plan: &Plan{Register: r, Name: t.String(), Type: t, People: []Person{{}}}}
	b.walk(t, "", nil, 0)
	return b.finish()
}

const maxDepth = 32 // structs inside each other

// binder collects fields and errors while a type is walked.
type binder struct {
	r     *Register
	plan  *Plan
	errs  []error
	stack []reflect.Type
	tag   string // of the field at hand; empty in a schema
}

func (b *binder) fail(path string, offset int, format string, args ...any) {
	b.errs = append(b.errs, &TagError{b.plan.Name, path, offset, fmt.Sprintf(format, args...)})
}

func (b *binder) refuse(path string, err error) {
	b.errs = append(b.errs, tagError(b.plan.Name, path, err))
}

// offset of a key of the tag at hand, or of an item in its list.
func (b *binder) offset(key, item string) int { return offsetOf(b.tag, key, item) }

// full reports that more cannot help: the plan is refused already.
func (b *binder) full() bool {
	return len(b.plan.Fields) > MaxFields || len(b.plan.People) > MaxFields || len(b.errs) >= MaxProblems
}

// walk visits the fields of a struct, which is about a person.
func (b *binder) walk(t reflect.Type, prefix string, steps []step, person int) {
	if len(b.stack) > maxDepth {
		b.fail(strings.TrimSuffix(prefix, "."), 0, "nested more than %d deep", maxDepth)
		return
	}
	if slices.Contains(b.stack, t) {
		return // the way back of a recursive type
	}
	b.stack = append(b.stack, t)
	for i := range t.NumField() {
		if b.full() {
			break
		}
		f := t.Field(i)
		b.tag = string(f.Tag)
		tags, tagged, err := ParseTags(b.tag)
		here := append(slices.Clone(steps), step{f.Index})
		switch path := prefix + f.Name; {
		case err != nil:
			b.refuse(path, err)
		case tagged:
			b.tagged(f, tags, prefix, here, person)
		case f.IsExported() || f.Anonymous && indirect(f.Type).Kind() == reflect.Struct:
			b.enter(f, prefix, here, person, false)
		case holds(f.Type):
			b.fail(path, 0, "personal data inside an unexported field is out of the guard's reach")
		}
	}
	b.stack = b.stack[:len(b.stack)-1]
}

// tagged takes in a field with tags.
func (b *binder) tagged(f reflect.StructField, tags Tags, prefix string, here []step, person int) {
	path := prefix + f.Name
	switch {
	case tags.Personal == NotPersonal:
		if holds(f.Type) {
			b.fail(path, b.offset(tagPersonal, ""), "what holds personal data cannot be tagged %q", NotPersonal)
		}
	case !f.IsExported():
		b.fail(path, 0, "a tagged field must be exported")
	case tags.identifies() && !identifier(f.Type):
		b.fail(path, b.offset(tagSubject, ""), "an id is a string or an integer, not %s", f.Type)
	case tags.Personal != "" && holdsInside(f.Type):
		b.fail(path, b.offset(tagPersonal, ""), "a tagged field cannot hold tagged fields: tag the one or the others")
	case tags.Personal != "" || tags.identifies():
		b.field(path, tags, person, here)
	case !holds(f.Type):
		b.fail(path, b.offset(tagSubject, ""), "names a person, and holds nothing personal")
	default:
		b.enter(f, prefix, here, b.role(tags.role(), person), true)
	}
}

// enter walks what a field holds. named says that the person is named for it by its tag.
func (b *binder) enter(f reflect.StructField, prefix string, steps []step, person int, named bool) {
	if !holds(f.Type) {
		return
	}
	t, path := f.Type, prefix+f.Name
	for t.Kind() != reflect.Struct {
		if t.Kind() == reflect.Map && holds(t.Key()) {
			b.fail(path, 0, "personal data in the keys of a map is out of the guard's reach")
			return
		}
		if t.Kind() != reflect.Pointer {
			path = strings.TrimSuffix(path, "[]") + "[]" // a list of lists is one list
			steps = append(steps, step{})
		}
		t = t.Elem()
	}
	switch {
	case isSealed(t):
		b.fail(path, 0, "a sealed value without the tag %q could never be opened", tagPersonal)
	case f.Anonymous && t == indirect(f.Type): // embedded: its fields are promoted
		b.walk(t, prefix, steps, person)
	case !named && identifiesItself(t, nil):
		b.plan.People = append(b.plan.People, Person{Role: path})
		b.walk(t, path+".", steps, len(b.plan.People)-1)
	default:
		b.walk(t, path+".", steps, person)
	}
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

// field takes in one field by its tags. steps is nil in a schema.
func (b *binder) field(path string, t Tags, person int, steps []step) {
	r := b.r
	if t.Personal == NotPersonal {
		return
	}
	if t.Personal != "" && !validPath(path) {
		b.fail(path, 0, "the name cannot go on record: letters, digits and underscores joined by dots, no more than %d digits in a row", maxDigits)
		return
	}
	whose := b.role(t.role(), person)
	if t.identifies() {
		p := &b.plan.People[whose]
		if p.path != nil {
			b.fail(path, b.offset(tagSubject, ""), "%q is identified twice", clip(t.DataSubject))
			return
		}
		if steps == nil {
			steps, p.idField = []step{{}}, path
		}
		p.path = steps
		if t.Personal == "" {
			return
		}
	}
	id, ok := r.Categories().ID(t.Personal)
	switch {
	case t.Personal == "":
		b.fail(path, 0, "the data category is missing")
		return
	case !ok:
		b.fail(path, b.offset(tagPersonal, ""), "%q is not among the data categories%s", clip(t.Personal), near(t.Personal, r.Categories().ids))
		return
	case !r.categories.Leaf(id):
		b.fail(path, b.offset(tagPersonal, ""), "%q has categories below it; tag the field with one of them", clip(t.Personal))
		return
	}
	if _, dup := b.plan.Index(path); dup {
		b.fail(path, 0, "two embedded fields have this name")
		return
	}
	f := Field{Path: path, Category: id, Class: r.class[id], Person: whose, Rules: slices.Clone(t.Retention)}
	for _, k := range t.Purposes {
		if _, ok := r.purposes.ID(k); !ok {
			b.fail(path, b.offset(tagPurpose, k), "%q is not among the purposes%s", clip(k), near(k, r.purposes.ids))
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
			b.fail(path, b.offset(tagRetention, k), "%q is not among the retention rules%s", clip(k), near(k, r.rules))
		}
	}
	b.plan.Fields = append(b.plan.Fields, f)
}

func (b *binder) finish() (*Plan, error) {
	for i := range b.plan.Fields {
		f := &b.plan.Fields[i]
		if p := &b.plan.People[f.Person]; f.Person > 0 && p.path == nil {
			b.fail(f.Path, 0, "nothing identifies %q: tag its id with subject:%q", clip(p.Role), clip(p.Role)+".id")
		}
	}
	switch {
	case len(b.plan.Fields) > MaxFields || len(b.plan.People) > MaxFields:
		b.errs = append(b.errs, fmt.Errorf("%w: %s has more than %d tagged fields or people", ErrInvalid, b.plan.Name, MaxFields))
	case len(b.plan.Fields) == 0 && len(b.errs) == 0:
		b.errs = append(b.errs, fmt.Errorf("%w: %s has no field tagged %q", ErrInvalid, b.plan.Name, tagPersonal))
	}
	if len(b.errs) > 0 {
		return nil, errors.Join(b.errs...)
	}
	return b.plan, nil
}

func indirect(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// holds reports whether a type is sealed, or has tagged or sealed fields, at any depth.
func holds(t reflect.Type) bool { return search(t, false, make(map[reflect.Type]bool)) }

// holdsInside reports whether a type has tagged fields, or sealed ones, inside what it seals itself.
func holdsInside(t reflect.Type) bool { return search(t, true, make(map[reflect.Type]bool)) }

func search(t reflect.Type, open bool, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Map:
		return search(t.Key(), open, seen) || search(t.Elem(), open, seen)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return search(t.Elem(), open, seen)
	case reflect.Struct:
	default:
		return false
	}
	if isSealed(t) {
		return !open || search(sealedType(t), false, seen)
	}
	for i := range t.NumField() {
		f := t.Field(i)
		tags, ok, err := ParseTags(string(f.Tag))
		if err != nil || ok && tags.Personal != NotPersonal || search(f.Type, false, seen) {
			return true
		}
	}
	return false
}

var openerType = reflect.TypeFor[unseal.Opener]()

// isSealed reports whether t is a sealed.Value of something.
func isSealed(t reflect.Type) bool { return reflect.PointerTo(t).Implements(openerType) }

// sealedType is what a sealed type seals.
func sealedType(t reflect.Type) reflect.Type {
	o, _ := reflect.New(t).Interface().(unseal.Opener)
	return unseal.ElemType(o)
}

// identifier reports whether a type can hold the id of a person.
func identifier(t reflect.Type) bool {
	if isSealed(t) {
		return sealedType(t).Kind() == reflect.String
	}
	return t.Kind() == reflect.String || t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64
}

// identifiesItself reports whether a struct has the id of whom it is about, itself or embedded.
func identifiesItself(t reflect.Type, path []reflect.Type) bool {
	if slices.Contains(path, t) {
		return false
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if tags, ok, err := ParseTags(string(f.Tag)); err == nil && ok {
			if tags.DataSubject == "id" {
				return true
			}
			continue
		}
		if in := indirect(f.Type); f.Anonymous && in.Kind() == reflect.Struct && identifiesItself(in, append(path, t)) {
			return true
		}
	}
	return false
}
