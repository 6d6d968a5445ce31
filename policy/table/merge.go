package table

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/purposebound/purposebound/purpose"
)

// whole is a case with its defaults.
type whole struct {
	now   time.Time
	given []placed
	Request
}

// placed is an event and its path in the table.
type placed struct {
	path string
	Given
}

// whole puts a case on top of the defaults. What it cannot omit is reported.
func (t *Table) whole(i int, fail func(code, path, format string, args ...any)) whole {
	c := &t.Cases[i]
	w := whole{now: c.Now, Request: t.Defaults.Request.copy()}
	if w.now.IsZero() {
		w.now = t.Defaults.Now
	}
	for j, g := range t.Defaults.Given {
		w.given = append(w.given, placed{index("defaults.given", j), g})
	}
	for j, o := range c.Omit {
		if !w.omit(o) {
			fail("case.omit", index(casePath(i)+".omit", j), "the defaults state nothing of that name")
		}
	}
	for j, g := range c.Given {
		w.given = append(w.given, placed{index(casePath(i)+".given", j), g})
	}
	lay(reflect.ValueOf(&w.Request).Elem(), reflect.ValueOf(c.Request))
	return w
}

// copy shares no map with r, and no list that is changed.
func (r Request) copy() Request {
	r.Facts, r.DataSubjects = maps.Clone(r.Facts), maps.Clone(r.DataSubjects)
	return r
}

// lay puts what over states on what is under it; maps are joined.
func lay(under, over reflect.Value) {
	switch {
	case over.Kind() == reflect.Struct && over.Type() != timeType:
		for i := range over.NumField() {
			lay(under.Field(i), over.Field(i))
		}
	case !stated(over):
	case over.Kind() == reflect.Map && !under.IsNil():
		for it := over.MapRange(); it.Next(); {
			under.SetMapIndex(it.Key(), it.Value())
		}
	default:
		under.Set(over)
	}
}

// omit takes out what the defaults state; it reports whether there was such a thing.
func (w *whole) omit(name string) bool {
	if name == "given" {
		found := len(w.given) > 0
		w.given = nil
		return found
	}
	if id, ok := strings.CutPrefix(name, "given."); ok {
		n := len(w.given)
		w.given = slices.DeleteFunc(w.given, func(p placed) bool { return p.ID == id })
		return len(w.given) < n
	}
	v := reflect.ValueOf(&w.Request).Elem()
	for v.Kind() == reflect.Struct && v.Type() != timeType {
		step, rest, deeper := strings.Cut(name, ".")
		field, ok := byKey(v, step)
		if !ok {
			return false
		}
		if v = field; !deeper {
			found := !v.IsZero()
			v.SetZero()
			return found
		}
		name = rest
	}
	key := reflect.ValueOf(name)
	if v.Kind() != reflect.Map || !v.MapIndex(key).IsValid() {
		return false
	}
	v.SetMapIndex(key, reflect.Value{})
	return true
}

// byKey finds a field by its key in the file.
func byKey(v reflect.Value, key string) (reflect.Value, bool) {
	for i := range v.NumField() {
		if name, _ := keyOf(v.Type().Field(i)); name != "" && name == key {
			return v.Field(i), true
		}
	}
	return reflect.Value{}, false
}

// facts in the order of their keys.
func (r *Request) facts() (list purpose.Facts) {
	for _, key := range slices.Sorted(maps.Keys(r.Facts)) {
		list = append(list, purpose.Named(key, r.Facts[key]))
	}
	return list
}
