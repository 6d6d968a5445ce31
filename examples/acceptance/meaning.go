package acceptance

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// errValue says that a stated value makes no sense where it stands.
var errValue = errors.New("the value makes no sense here")

// State states the declared fact of the same key.
func State(w *World, key string, v any) error { return w.State(key, v) }

// Fact states a declared fact of another key.
func Fact(fact string) Meaning {
	return func(w *World, _ string, v any) error { return w.State(fact, v) }
}

// FactIs states a declared fact with a given value where the value is neither null nor false.
func FactIs(fact string, value any) Meaning {
	return func(w *World, _ string, v any) error {
		if !truthy(v) {
			return nil
		}
		return w.State(fact, value)
	}
}

// Says gives null and everything else a truth value, for facts that are there or are not: an incident, an order.
func Says(fact string) Meaning {
	return func(w *World, _ string, v any) error { return w.State(fact, truthy(v)) }
}

// Parts gives the parts of an object what the register calls by the key and their name, less those that describe it.
func Parts(describe ...string) Meaning {
	return func(w *World, key string, v any) error {
		o := maps.Clone(object(v))
		for _, part := range describe {
			delete(o, part)
		}
		if !w.byName("facts", key, map[string]any(o)) {
			return errValue
		}
		return nil
	}
}

// Nothing is for what the register has no word for because it changes no answer. why is for the reader.
func Nothing(why string) Meaning {
	_ = why
	return func(*World, string, any) error { return nil }
}

// Among is for one of some values that change no answer: the purpose says as much.
func Among(values ...string) Meaning {
	return func(_ *World, _ string, v any) error {
		if s, ok := v.(string); v != nil && (!ok || !slices.Contains(values, s)) {
			return errValue
		}
		return nil
	}
}

// All gives a key several meanings.
func All(list ...Meaning) Meaning {
	return func(w *World, key string, v any) error {
		for _, m := range list {
			if err := m(w, key, v); err != nil {
				return err
			}
		}
		return nil
	}
}

// Choose gives each text, or "true" and "false", a meaning of its own. Other values are errors, null means nothing.
func Choose(by map[string]Meaning) Meaning {
	return func(w *World, key string, v any) error {
		if v == nil {
			return nil
		}
		m, ok := by[fmt.Sprint(v)]
		if !ok {
			return fmt.Errorf("no meaning for this value of %s", key)
		}
		return m(w, key, v)
	}
}

// Occurs records that an event of the register happened: on the stated day or at the stated time, for true just before
// the request. Null and false record nothing.
func Occurs(event string) Meaning {
	return func(w *World, _ string, v any) error {
		at, ok := w.when(v, w.Just())
		if !ok {
			return nil
		}
		w.Happened(at, basis.Occurred{Event: event})
		return nil
	}
}

// Occurred records an event of the register before everything that the case dates, where the value is truthy.
func Occurred(event string) Meaning {
	return func(w *World, _ string, v any) error {
		if at, ok := w.when(v, w.Before()); ok {
			w.Happened(at, basis.Occurred{Event: event})
		}
		return nil
	}
}

// when is the time that a value states: its own, that of its "at" or "opened_at", else the default.
func (w *World) when(v any, otherwise time.Time) (time.Time, bool) {
	if o := object(v); o != nil {
		for _, k := range []string{"at", "opened_at"} {
			if t, ok := instant(o[k], w.Zone); ok {
				return t, true
			}
		}
	}
	if t, ok := instant(v, w.Zone); ok {
		return t, true
	}
	return otherwise, truthy(v)
}

// Judged answers the criterion rules, just before the request and for a year.
func Judged(rules ...string) Meaning {
	return func(w *World, _ string, v any) error {
		necessary, ok := v.(bool)
		if !ok && v != nil {
			return errValue
		}
		for _, r := range rules {
			if ok {
				w.Happened(w.Just(), basis.NecessityJudged{Rule: r, Necessary: necessary, ReviewAt: w.At.AddDate(1, 0, 0)})
			}
		}
		return nil
	}
}

// Held places a hold on categories, all of them where none are named: when the value says, else before everything that
// the case dates. It ends when the value says.
func Held(categories ...string) Meaning {
	return func(w *World, key string, v any) error {
		at, ok := w.when(v, w.Before())
		if !ok {
			return nil
		}
		id := w.Happened(at, basis.HoldPlaced{Categories: categories, Reason: key})
		o := object(v)
		for _, part := range o.Keys() {
			switch part {
			case "released_at", "lifted_at", "closed_at", "ended_at", "settled_at":
				if t, ok := instant(o[part], w.Zone); ok {
					w.Happened(t, basis.HoldReleased{Hold: id})
				} else if o[part] != nil {
					return errValue
				}
			default:
				if !slices.Contains(aside, part) {
					return fmt.Errorf("%s", part)
				}
			}
		}
		return nil
	}
}

// Attested records that who gave data about this person may do so.
func Attested(categories ...string) Meaning {
	return func(w *World, _ string, v any) error {
		if truthy(v) {
			w.Happened(w.Before(), basis.AttestationGiven{By: "giver", Categories: categories})
		}
		return nil
	}
}

// Edits changes the register with the value.
func Edits(edit func(s *purpose.Spec, v any) error) Meaning {
	return func(w *World, _ string, v any) (err error) {
		w.Edit(func(s *purpose.Spec) { err = edit(s, v) })
		return err
	}
}

// Document replaces a base document of the policies by an object that holds the value under the key.
func Document(name string) Meaning {
	return func(w *World, key string, v any) error { return w.Document(name, Object{key: v}) }
}

func truthy(v any) bool {
	switch x := v.(type) {
	case nil:
		return false
	case bool:
		return x
	case string:
		return x != ""
	case float64:
		return x != 0
	case []any:
		return len(x) > 0
	case map[string]any:
		return len(x) > 0
	}
	return true
}

// period reads {"years": 5}, one unit of whole numbers.
func period(v any) (retention.Period, error) {
	letters := map[string]string{"days": "D", "weeks": "W", "months": "M", "years": "Y"}
	o := object(v)
	if len(o) != 1 {
		return retention.Period{}, errValue
	}
	for unit, n := range o {
		f, ok := n.(float64)
		if letters[unit] == "" || !ok {
			return retention.Period{}, errValue
		}
		return retention.ParsePeriod(fmt.Sprintf("P%d%s", int(f), letters[unit]))
	}
	return retention.Period{}, errValue
}
