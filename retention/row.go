package retention

import (
	"fmt"
	"time"
)

// Row is one row of a store, as its [Layout] says: what retention asks about it, and nothing else.
type Row struct {
	// Key finds the row again. It is not read, and must not be empty.
	Key string
	// Category is the category that the row holds, where the layout names a column for it.
	Category string
	// Values are the row's, in the order of [Layout.Columns].
	Values []Value
}

// Value is what one column of one row holds. The zero Value is NULL. It is comparable with ==.
type Value struct {
	kind valueKind
	nano int32
	n    int64
	text string
}

type valueKind uint8

const (
	null valueKind = iota
	instantValue
	dayValue
	periodValue
	answerValue
	textValue
)

var valueNames = []string{null: "null", instantValue: "instant", dayValue: "day", periodValue: "period", answerValue: "answer", textValue: "text"}

// InstantValue is an instant. The zero time is no instant and makes the row malformed: NULL is the zero Value.
func InstantValue(t time.Time) Value {
	return Value{kind: instantValue, n: t.Unix(), nano: int32(t.Nanosecond())}
}

// DayValue is a day; the zero Date is NULL.
func DayValue(d Date) Value {
	if d.IsZero() {
		return Value{}
	}
	return Value{kind: dayValue, n: d.number()}
}

// PeriodValue is a length; one that states nothing is NULL.
func PeriodValue(p Period) Value {
	if p.IsZero() {
		return Value{}
	}
	return Value{kind: periodValue, n: int64(p.months)<<32 | int64(p.days)}
}

// AnswerValue is whether a person found the data necessary.
func AnswerValue(necessary bool) Value {
	if necessary {
		return Value{kind: answerValue, n: 1}
	}
	return Value{kind: answerValue}
}

// TextValue is the reference of a hold or restriction; "" is NULL.
func TextValue(s string) Value {
	if s == "" {
		return Value{}
	}
	return Value{kind: textValue, text: s}
}

// IsNull reports whether v is NULL.
func (v Value) IsNull() bool { return v.kind == null }

// Format implements [fmt.Formatter]: every verb prints the kind of the value, never the value.
func (v Value) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(nameOf(valueNames, v.kind))) }

// instant returns an instant, or the start of a day in the zone. ok is false for anything else and out of range.
func (v *Value) instant(f *Facts) (t time.Time, ok bool) {
	switch v.kind {
	case instantValue:
		t = time.Unix(v.n, int64(v.nano))
	case dayValue:
		t = f.endOf(dateOfNumber(v.n - 1))
	default:
		return time.Time{}, false
	}
	return t, validInstant(t)
}

func (v *Value) date() (Date, bool) {
	if v.kind != dayValue {
		return Date{}, false
	}
	return dateOfNumber(v.n), true
}

func (v *Value) period() (Period, bool) {
	if v.kind != periodValue {
		return Period{}, false
	}
	return Period{months: uint16(v.n >> 32), days: uint32(v.n), stated: true}, true
}
