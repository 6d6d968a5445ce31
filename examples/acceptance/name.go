package acceptance

import (
	"maps"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/purpose"
)

// hasEvent reports whether the register declares an event.
func (w *World) hasEvent(key string) bool {
	return slices.ContainsFunc(w.Spec.Events, func(e purpose.Event) bool { return e.Key == key })
}

// hasFact reports whether the register declares a fact, or one below the key.
func (w *World) hasFact(key string) (itself bool, below []string) {
	for _, f := range w.Spec.Facts {
		if f.Key == key {
			itself = true
		} else if strings.HasPrefix(f.Key, key+".") {
			below = append(below, f.Key)
		}
	}
	return itself, below
}

// mean gives a stated key its meaning: that of the vocabulary, else a shared one, else the declared fact or the event
// of the register that bears its name. The parts of an object are facts below it.
func (w *World) mean(place, key string, v any) {
	if w.future(v) {
		v = nil
	}
	if m := w.Notice.Vocabulary.Facts[key]; m != nil {
		w.try(place, key, v, m)
		return
	}
	if m := w.Notice.shared[key]; m != nil {
		w.try(place, key, v, m)
		return
	}
	if !w.byName(place, key, v) {
		w.Unmapped("%s.%s", place, key)
	}
}

// future reports whether something is dated after the request: it has not happened yet.
func (w *World) future(v any) bool {
	o := object(v)
	for _, key := range []string{"at", "opened_at"} {
		if t, ok := instant(o[key], w.Zone); ok && t.After(w.At) {
			return true
		}
	}
	return false
}

func (w *World) try(place, key string, v any, m Meaning) {
	if err := m(w, key, v); err != nil {
		w.Unmapped("%s.%s: %v", place, key, err)
	}
}

// rest notes the keys of an object that are not among those known.
func (w *World) rest(place string, o Object, known ...string) {
	for _, key := range o.Keys() {
		if !slices.Contains(known, key) {
			w.Unmapped("%s.%s", place, key)
		}
	}
}

// aside are the parts of an object that tell which one it is and when it began.
var aside = []string{"ref", "at", "opened_at"}

// byName gives a key the meaning of what the register calls by its name.
func (w *World) byName(place, key string, v any) (known bool) {
	itself, below := w.hasFact(key)
	if itself {
		w.try(place, key, v, State)
		known = true
	}
	if o := object(v); len(below) > 0 {
		for _, f := range below {
			if part := strings.TrimPrefix(f, key+"."); o.Has(part) {
				w.try(place, f, o[part], State)
			}
		}
		parts := slices.Clone(aside)
		for _, f := range below {
			parts = append(parts, strings.TrimPrefix(f, key+"."))
		}
		w.rest(place+"."+key, o, parts...)
		known = true
	}
	if event := strings.TrimSuffix(key, "_at"); w.hasEvent(event) {
		w.try(place, event, v, Occurs(event))
		known = true
	}
	return known
}

// ready fills in what is left out and hands the facts over.
func (w *World) ready() {
	all := maps.Clone(defaults)
	maps.Copy(all, w.Notice.Vocabulary.Defaults)
	for _, key := range keysOf(all) {
		itself, _ := w.hasFact(key)
		switch own := w.Notice.Vocabulary.Facts[key]; {
		case w.Stated(key) || w.says(key):
		case own != nil:
			w.try("defaults", key, all[key], own)
		case itself:
			w.try("defaults", key, all[key], State)
		}
	}
	if w.unheard {
		w.facts["unmapped"] = purpose.True()
	}
	for _, key := range keysOf(w.facts) {
		w.Request.Facts = append(w.Request.Facts, purpose.NamedValue{Fact: key, Value: w.facts[key]})
	}
}

// says reports whether the case speaks of a key, if only to leave it open.
func (w *World) says(key string) bool {
	return w.Case.Given.Facts.Has(key) || w.Case.Request.Has(key)
}
