package purpose

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Value of a fact: a truth value, text, whole number, instant or list of texts. The zero Value is
// none and equals nothing.
type Value struct {
	kind Type
	text string
	num  int64 // bool as 0 or 1
	at   time.Time
	list []string
}

// True and False are the values of a bool fact.
func True() Value { return Value{kind: Bool, num: 1} }

// False is the value of a bool fact that does not hold.
func False() Value { return Value{kind: Bool} }

// BoolValue makes a bool value.
func BoolValue(b bool) Value {
	if b {
		return True()
	}
	return False()
}

// TextValue makes a text value: a key, never personal data.
func TextValue(s string) Value { return Value{kind: Text, text: s} }

// IntValue makes a whole number.
func IntValue(n int64) Value { return Value{kind: Int, num: n} }

// InstantValue makes an instant; its zone is not kept.
func InstantValue(t time.Time) Value { return Value{kind: Instant, at: t.Round(0).UTC()} }

// TextsValue makes a list of texts; the list is copied.
func TextsValue(s ...string) Value { return Value{kind: TextList, list: append([]string(nil), s...)} }

// Type of the value; zero for none.
func (v Value) Type() Type { return v.kind }

// Bool is the truth of a bool value, else false.
func (v Value) Bool() bool { return v.kind == Bool && v.num == 1 }

// Text is the text of a text value, else empty.
func (v Value) Text() string { return v.text }

// Int is the number of an int value, else 0.
func (v Value) Int() int64 {
	if v.kind != Int {
		return 0
	}
	return v.num
}

// Instant is the instant of an instant value, else the zero time.
func (v Value) Instant() time.Time { return v.at }

// Texts is the list of a text-list value, else nil. It must not be changed.
func (v Value) Texts() []string { return v.list }

// Truthy reports whether v is stated and neither false, zero nor empty.
func (v Value) Truthy() bool {
	switch v.kind {
	case Bool, Int:
		return v.num != 0
	case Text:
		return v.text != ""
	case Instant:
		return !v.at.IsZero()
	case TextList:
		return len(v.list) > 0
	}
	return false
}

// Equal reports whether both are stated, of one type and the same; lists in the same order.
func (v Value) Equal(w Value) bool {
	return v.kind != 0 && v.kind == w.kind && v.text == w.text && v.num == w.num && v.at.Equal(w.at) && slices.Equal(v.list, w.list)
}

// MarshalJSON writes the plain JSON form: true, "text", 3, an RFC 3339 instant as {"instant": ...}, ["a"].
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.kind {
	case Bool:
		return json.Marshal(v.num == 1)
	case Text:
		return json.Marshal(v.text)
	case Int:
		return json.Marshal(v.num)
	case Instant:
		return json.Marshal(struct {
			Instant time.Time `json:"instant"`
		}{v.at})
	case TextList:
		if v.list == nil {
			return []byte("[]"), nil
		}
		return json.Marshal(v.list)
	}
	return nil, errors.New("purpose: value without type")
}

// UnmarshalJSON reads what MarshalJSON writes.
func (v *Value) UnmarshalJSON(b []byte) error {
	var plain struct {
		Instant time.Time `json:"instant"`
	}
	var list []string
	var text string
	var num int64
	var yes bool
	switch {
	case string(b) == "null":
		return errors.New("purpose: a value cannot be null")
	case json.Unmarshal(b, &yes) == nil:
		*v = BoolValue(yes)
	case json.Unmarshal(b, &text) == nil:
		*v = TextValue(text)
	case json.Unmarshal(b, &num) == nil:
		*v = IntValue(num)
	case json.Unmarshal(b, &list) == nil:
		*v = TextsValue(list...)
	case json.Unmarshal(b, &plain) == nil && !plain.Instant.IsZero():
		*v = InstantValue(plain.Instant)
	default:
		return errors.New("purpose: a value is true, false, a text, a whole number, a list of texts or an instant")
	}
	return nil
}

// NamedValue states a declared fact in a request.
type NamedValue struct {
	Fact  string
	Value Value
}

// Named states a fact.
func Named(fact string, v Value) NamedValue { return NamedValue{fact, v} }

// Facts that a request states.
type Facts []NamedValue

// Equal reports whether both state the same in the same order; a fact without a value is equal to none.
func (f Facts) Equal(g Facts) bool {
	if len(f) != len(g) {
		return false
	}
	for i := range f {
		v, w := &f[i].Value, &g[i].Value
		if v.kind == 0 || v.kind != w.kind || v.num != w.num || f[i].Fact != g[i].Fact || v.text != w.text || !v.at.Equal(w.at) || !slices.Equal(v.list, w.list) {
			return false
		}
	}
	return true
}

// Lookup finds a fact.
func (f Facts) Lookup(key string) (Value, bool) {
	for i := range f {
		if f[i].Fact == key {
			return f[i].Value, true
		}
	}
	return Value{}, false
}

// Holds reports whether the condition is met. stated is false when the fact is missing.
func (c *Condition) Holds(facts Facts) (holds, stated bool) {
	v, ok := facts.Lookup(c.Fact)
	if !ok {
		return false, false
	}
	if len(c.Is) == 0 {
		return v.Truthy(), true
	}
	for i := range c.Is {
		if v.Equal(c.Is[i]) {
			return true, true
		}
	}
	return false, true
}

// String says the condition in words.
func (c Condition) String() string {
	if len(c.Is) == 0 {
		return c.Fact
	}
	b, err := json.Marshal(c.Is)
	if err != nil {
		return c.Fact + " is ?"
	}
	return fmt.Sprintf("%s is one of %s", c.Fact, b)
}
