package policy

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/purposebound/purposebound/internal/unseal"
	"github.com/purposebound/purposebound/purpose"
)

// bindingKey finds what was bound: a record type, or a view of one.
type bindingKey struct{ record, view reflect.Type }

// bound is what became of a type.
type bound struct {
	plan       *purpose.Plan
	cases      *planCases
	projection *projection

	names bool    // the record says in a text who is the main data subject
	id    uintptr // where
}

// whose is the main data subject of a record; it is empty where that is not seen at once, or denied.
func (b *bound) whose(record unsafe.Pointer, named string) string {
	switch {
	case record == nil:
		return ""
	case !b.names:
		if b.plan.Identifies(0) {
			return ""
		}
		return named
	}
	id := *(*string)(unsafe.Add(record, b.id))
	if named != "" && named != id {
		return ""
	}
	return id
}

// bindings is a list that is copied when it grows: types are few, look-ups are many.
type bindings struct {
	mu   sync.Mutex
	here atomic.Pointer[bindingList]
}

// bindingList is searched from the front while it is short.
type bindingList struct {
	keys  []bindingKey
	bound []bound
	index map[bindingKey]int
}

// fewTypes is how many are found sooner one by one.
const fewTypes = 8

func (l *bindingList) find(key bindingKey) *bound {
	if l == nil {
		return nil
	}
	for i := range min(len(l.keys), fewTypes) {
		if l.keys[i] == key {
			return &l.bound[i]
		}
	}
	if i, ok := l.index[key]; ok {
		return &l.bound[i]
	}
	return nil
}

// get is nil for what was not bound.
func (b *bindings) get(key bindingKey) *bound { return b.here.Load().find(key) }

// plans lists those of the record types.
func (b *bindings) plans() (list []*purpose.Plan) {
	if l := b.here.Load(); l != nil {
		for i := range l.bound {
			if l.bound[i].plan != nil {
				list = append(list, l.bound[i].plan)
			}
		}
	}
	return list
}

// put keeps the first that was put.
func (b *bindings) put(key bindingKey, v bound) *bound {
	b.mu.Lock()
	defer b.mu.Unlock()
	old := b.here.Load()
	if first := old.find(key); first != nil {
		return first
	}
	next := &bindingList{index: map[bindingKey]int{}}
	if old != nil {
		next.keys, next.bound, next.index = slices.Clip(old.keys), slices.Clip(old.bound), maps.Clone(old.index)
	}
	next.keys, next.bound, next.index[key] = append(next.keys, key), append(next.bound, v), len(next.keys)
	b.here.Store(next)
	return &next.bound[len(next.bound)-1]
}

// recordOf binds a record type once.
func recordOf[R any](g *Guard) (*bound, error) {
	return g.bindRecord(reflect.TypeFor[R]())
}

func (g *Guard) bindRecord(t reflect.Type) (*bound, error) {
	key := bindingKey{record: t}
	if b := g.bindings.get(key); b != nil {
		return b, nil
	}
	p, err := g.tables.reg.Bind(t)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBinding, err)
	}
	b := bound{plan: p, cases: g.tables.forPlan(p)}
	id, ok := p.MainField(t)
	b.names, b.id = ok, id.Offset
	return g.bindings.put(key, b), nil
}

// projection copies what a view needs out of a record.
type projection struct {
	plan  *purpose.Plan
	cases *planCases
	want  purpose.FieldSet // the fields of the view: the need to know
	root  []op

	listed *listing // of want
}

// op fills one field of a view.
type op struct {
	direct   unseal.Move // copies the field where it lies; nil: the long way
	to, from uintptr     // offsets in the enclosing structs
	field    int         // index in the plan; -1: not personal, or a struct of further fields

	view, record []int  // indexes from the enclosing structs
	path         string // of the record
	sealed       bool
	inner        *shape
}

// shape walks pointers, slices, arrays and maps down to structs.
type shape struct {
	kind reflect.Kind // Pointer, Slice, Array, Map, Struct
	auto bool         // the record has a pointer where the view has a value
	elem *shape
	ops  []op
}

// projectionOf binds a view type to a record type once. Every mismatch is reported, with both sides.
func projectionOf[V, R any](g *Guard) (*projection, error) {
	return g.projection(reflect.TypeFor[V](), reflect.TypeFor[R]())
}

func (g *Guard) projection(view, record reflect.Type) (*projection, error) {
	key := bindingKey{record, view}
	if b := g.bindings.get(key); b != nil {
		return b.projection, nil
	}
	if record.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%w: record %s is no struct: pass a pointer to one", ErrBinding, record)
	}
	r, err := g.bindRecord(record)
	if err != nil {
		return nil, err
	}
	if view.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%w: view %s is no struct", ErrBinding, view)
	}
	b := &viewBinder{p: &projection{plan: r.plan, cases: r.cases}, view: view, record: record}
	b.p.root = b.structs(view, record, "", 0)
	if b.p.want.Empty() && len(b.errs) == 0 {
		b.errs = append(b.errs, fmt.Errorf("%w: view %s has no personal field of %s", ErrBinding, view, record))
	}
	if len(b.errs) > 0 {
		return nil, errors.Join(b.errs...)
	}
	b.p.listed = listingOf(r.plan, b.p.want)
	return g.bindings.put(key, bound{projection: b.p}).projection, nil
}

type viewBinder struct {
	p            *projection
	view, record reflect.Type
	errs         []error
}

func (b *viewBinder) fail(v reflect.Type, field, path, format string, args ...any) {
	b.errs = append(b.errs, fmt.Errorf("%w: view %s.%s and record %s.%s: %s", ErrBinding, v, field, b.record, path, fmt.Sprintf(format, args...)))
}

const maxViewDepth = 16

// structs matches the fields of a view struct with those of a record struct, by name.
func (b *viewBinder) structs(view, record reflect.Type, prefix string, depth int) (ops []op) {
	if depth > maxViewDepth {
		b.fail(view, "", prefix, "nested more than %d deep", maxViewDepth)
		return nil
	}
	for i := range view.NumField() {
		v := view.Field(i)
		path := prefix + v.Name
		if !v.IsExported() {
			b.fail(view, v.Name, path, "the view's field is not exported and could not be filled")
			continue
		}
		r, ok := record.FieldByName(v.Name)
		if !ok || !r.IsExported() {
			b.fail(view, v.Name, path, "the record has no such field")
			continue
		}
		o := op{view: v.Index, record: r.Index, path: path, field: -1}
		if f, tagged := b.p.plan.Index(path); tagged {
			if !b.leaf(&o, view, v, r) {
				continue
			}
			o.field = f
			b.p.want.Add(f)
			o.shorten(v, record, r)
		} else if tags, ok, err := purpose.ParseTags(string(r.Tag)); err == nil && ok && tags.Personal == purpose.NotPersonal {
			if v.Type != r.Type {
				b.fail(view, v.Name, path, "the view has type %s, the record %s", v.Type, r.Type)
				continue
			}
		} else if o.inner = b.shape(view, v, v.Type, r.Type, path, depth); o.inner == nil {
			continue
		}
		ops = append(ops, o)
	}
	return ops
}

// leaf checks the type of a tagged field.
func (b *viewBinder) leaf(o *op, view reflect.Type, v, r reflect.StructField) bool {
	want := r.Type
	if op, ok := reflect.New(r.Type).Interface().(unseal.Opener); ok {
		o.sealed, want = true, unseal.ElemType(op)
	}
	if v.Type != want {
		b.fail(view, v.Name, o.path, "the view has type %s, the record %s", v.Type, r.Type)
		return false
	}
	return true
}

// shape matches containers of structs that hold tagged fields.
func (b *viewBinder) shape(view reflect.Type, f reflect.StructField, v, r reflect.Type, path string, depth int) *shape {
	switch {
	case v.Kind() == reflect.Struct && r.Kind() == reflect.Struct:
		before := b.p.want
		ops := b.structs(v, r, path+".", depth+1)
		if b.p.want == before && len(b.errs) == 0 {
			b.fail(view, f.Name, path, "the record's field is not tagged: tag what it holds, or mark it personal:\"-\"")
			return nil
		}
		return &shape{kind: reflect.Struct, ops: ops}
	case v.Kind() == reflect.Pointer && r.Kind() == reflect.Pointer:
		return wrap(reflect.Pointer, false, b.shape(view, f, v.Elem(), r.Elem(), path, depth))
	case r.Kind() == reflect.Pointer:
		return wrap(reflect.Pointer, true, b.shape(view, f, v, r.Elem(), path, depth))
	case v.Kind() == reflect.Slice && (r.Kind() == reflect.Slice || r.Kind() == reflect.Array):
		return wrap(reflect.Slice, false, b.shape(view, f, v.Elem(), r.Elem(), strings.TrimSuffix(path, "[]")+"[]", depth))
	case v.Kind() == reflect.Map && r.Kind() == reflect.Map && v.Key() == r.Key():
		return wrap(reflect.Map, false, b.shape(view, f, v.Elem(), r.Elem(), strings.TrimSuffix(path, "[]")+"[]", depth))
	}
	if v == r || strings.HasPrefix(r.PkgPath(), "time") {
		b.fail(view, f.Name, path, "the record's field is not tagged: give it a data category, or mark it personal:\"-\"")
	} else {
		b.fail(view, f.Name, path, "the view has type %s, the record %s", v, r)
	}
	return nil
}

func wrap(kind reflect.Kind, auto bool, elem *shape) *shape {
	if elem == nil {
		return nil
	}
	return &shape{kind: kind, auto: auto, elem: elem}
}

// errShape means that a record is not as it was bound: a nil pointer where the view needs a value.
type errShape struct{ path string }

func (e *errShape) Error() string { return "policy: nil pointer at " + e.path }

// fill copies the fields in show from record to view, both addressable structs. mask is nil when nothing is redacted.
func fill(ops []op, view, record reflect.Value, show purpose.FieldSet, d *Decision) error {
	to, from := view.Addr().UnsafePointer(), record.Addr().UnsafePointer()
	masked := d != nil && !d.redacts.Empty()
	for i := range ops {
		o := &ops[i]
		if o.direct != nil && show.Has(o.field) && !(masked && d.redacts.Has(o.field)) {
			o.direct(unsafe.Add(to, o.to), unsafe.Add(from, o.from))
			continue
		}
		src, ok := byIndex(record, o.record)
		if !ok {
			if o.field >= 0 && show.Has(o.field) {
				return &errShape{o.path}
			}
			continue
		}
		dst := view.FieldByIndex(o.view)
		switch {
		case o.inner != nil:
			if err := o.inner.fill(dst, src, o.path, show, d); err != nil {
				return err
			}
		case o.field < 0:
			dst.Set(src)
		case !show.Has(o.field):
		case d != nil && d.redacts.Has(o.field):
			if err := o.copy(dst, src); err != nil {
				return err
			}
			redact(dst, d.maskAt(o.field))
		default:
			if err := o.copy(dst, src); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *op) copy(dst, src reflect.Value) error {
	if !o.sealed {
		dst.Set(src)
		return nil
	}
	if op, ok := src.Addr().Interface().(unseal.Opener); ok && unseal.OpenInto(op, dst.Addr().Interface()) {
		return nil
	}
	return &errShape{o.path}
}

// byIndex walks embedded structs; ok is false at a nil pointer.
func byIndex(v reflect.Value, index []int) (reflect.Value, bool) {
	for i, x := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return reflect.Value{}, false
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v, true
}

func (s *shape) fill(dst, src reflect.Value, path string, show purpose.FieldSet, d *Decision) error {
	switch s.kind {
	case reflect.Struct:
		if !src.CanAddr() {
			c := reflect.New(src.Type()).Elem()
			c.Set(src)
			src = c
		}
		return fill(s.ops, dst, src, show, d)
	case reflect.Pointer:
		if src.IsNil() {
			if s.auto {
				return &errShape{path}
			}
			return nil
		}
		if s.auto {
			return s.elem.fill(dst, src.Elem(), path, show, d)
		}
		dst.Set(reflect.New(dst.Type().Elem()))
		return s.elem.fill(dst.Elem(), src.Elem(), path, show, d)
	case reflect.Slice:
		if src.Kind() == reflect.Slice && src.IsNil() {
			return nil
		}
		dst.Set(reflect.MakeSlice(dst.Type(), src.Len(), src.Len()))
		for i := range src.Len() {
			if err := s.elem.fill(dst.Index(i), src.Index(i), path, show, d); err != nil {
				return err
			}
		}
	case reflect.Map:
		if src.IsNil() {
			return nil
		}
		dst.Set(reflect.MakeMapWithSize(dst.Type(), src.Len()))
		for it := src.MapRange(); it.Next(); {
			v := reflect.New(dst.Type().Elem()).Elem()
			if err := s.elem.fill(v, it.Value(), path, show, d); err != nil {
				return err
			}
			dst.SetMapIndex(it.Key(), v)
		}
	}
	return nil
}

var timeType = reflect.TypeFor[time.Time]()

// redact masks a value in place; what the mask does not fit is removed.
func redact(v reflect.Value, m Mask) {
	switch {
	case v.Kind() == reflect.String:
		v.SetString(m.Text(v.String()))
	case v.Type() == timeType && m == YearOnly:
		if t, ok := v.Interface().(time.Time); ok && !t.IsZero() {
			v.Set(reflect.ValueOf(time.Date(t.Year(), time.January, 1, 0, 0, 0, 0, t.Location())))
		}
	default:
		v.SetZero()
	}
}
