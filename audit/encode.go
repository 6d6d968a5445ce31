package audit

import (
	"math/bits"
	"strconv"
	"time"
)

// AppendLine appends the canonical form of a complete event, without a newline: fixed order of keys, no space, nothing
// escaped, nothing empty. On error, a [FieldError], it returns dst as it was.
func AppendLine(dst []byte, e *Event) ([]byte, error) {
	out, err := appendLedger(dst, e)
	if err == nil {
		out, err = appendBody(out, e)
	}
	if err == nil && len(out)-len(dst) >= MaxLine {
		err = errTooLong
	}
	if err != nil {
		return dst, err
	}
	return out, nil
}

var errTooLong = &FieldError{"line", "longer than 4 KiB; split the event"}

// Validate reports what keeps a trail from appending the event, as a [FieldError].
func (e *Event) Validate() error {
	_, err := NewDraft(e)
	return err
}

func appendLedger(dst []byte, e *Event) ([]byte, error) {
	switch {
	case e.V != Version:
		return dst, &FieldError{"v", "unknown version"}
	case !streamShape.ok(e.Stream):
		return dst, &FieldError{"stream", "malformed"}
	case e.Seq == 0:
		return dst, &FieldError{"seq", "missing"}
	case !isULID(e.ID):
		return dst, &FieldError{"id", "malformed"}
	}
	dst = append(dst, `{"v":1,"stream":"`...)
	dst = append(dst, e.Stream...)
	dst = append(dst, `","seq":`...)
	dst = strconv.AppendUint(dst, e.Seq, 10)
	dst = append(dst, `,"prev":"`...)
	dst = appendHash(dst, &e.Prev)
	dst = append(dst, `","id":"`...)
	dst = append(dst, e.ID...)
	dst = append(dst, `","time":"`...)
	dst, ok := appendTime(dst, e.Time)
	if !ok {
		return dst, &FieldError{"time", "before 1970, after 9999 or finer than a microsecond"}
	}
	return append(dst, '"'), nil
}

// maxLedger is the longest ledger part in bytes: stream of 64, seq of 20.
const maxLedger = len(`{"v":1,"stream":"","seq":,"prev":"","id":"","time":""`) + 64 + 20 + 64 + 26 + timeLen

// appendBody appends everything behind the ledger part.
func appendBody(dst []byte, e *Event) ([]byte, error) {
	var said uint64
	for i := range fields {
		f := &fields[i]
		before := len(dst)
		switch {
		case f.text != nil:
			if s := *f.text(e); s != "" {
				if !f.ok(s) {
					return dst, &FieldError{f.key, "malformed"}
				}
				dst = append(append(dst, f.lead...), '"')
				dst = append(append(dst, s...), '"')
			}
		case f.list != nil:
			var err error
			if dst, err = f.appendList(dst, *f.list(e)); err != nil {
				return dst, err
			}
		case f.key == keySpecial:
			if e.Special {
				dst = append(append(dst, f.lead...), "true"...)
			}
		case f.key == keyN:
			if e.N != 0 {
				dst = strconv.AppendUint(append(dst, f.lead...), e.N, 10)
			}
		}
		if len(dst) > before {
			said |= 1 << i
		}
	}
	if err := e.check(said); err != nil {
		return dst, err
	}
	return append(dst, '}'), nil
}

func (f *field) appendList(dst []byte, l []string) ([]byte, error) {
	if len(l) == 0 {
		return dst, nil
	}
	if len(l) > f.max {
		return dst, &FieldError{f.key, "too many entries"}
	}
	dst = append(append(dst, f.lead...), '[')
	for i, s := range l {
		if !f.ok(s) {
			return dst, &FieldError{f.key, "malformed entry"}
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, '"'), s...), '"')
	}
	return append(dst, ']'), nil
}

// check looks across fields; said has bit i for fields[i].
func (e *Event) check(said uint64) error {
	need, ok := needed[e.Name]
	if !ok {
		return &FieldError{"event.name", "missing"} // unknown names do not come this far
	}
	if missing := need &^ said; missing != 0 {
		return &FieldError{fields[bits.TrailingZeros64(missing)].key, "missing"}
	}
	if key := e.contradiction(); key != "" {
		return &FieldError{key, "contradicts event.name"}
	}
	return nil
}

func appendHash(dst []byte, h *Hash) []byte {
	const digits = "0123456789abcdef"
	for _, b := range h {
		dst = append(dst, digits[b>>4], digits[b&15])
	}
	return dst
}

const timeLen = len("2006-01-02T15:04:05.000000Z")

func appendTime(dst []byte, t time.Time) ([]byte, bool) {
	t = t.UTC()
	year, month, day := t.Date()
	micro := t.Nanosecond() / 1000
	if year < 1970 || year > 9999 || t.Nanosecond() != micro*1000 {
		return dst, false
	}
	hour, minute, second := t.Clock()
	dst = append(appendPair(appendPair(dst, year/100), year%100), '-')
	dst = append(appendPair(dst, int(month)), '-')
	dst = append(appendPair(dst, day), 'T')
	dst = append(appendPair(dst, hour), ':')
	dst = append(appendPair(dst, minute), ':')
	dst = append(appendPair(dst, second), '.')
	dst = appendPair(appendPair(appendPair(dst, micro/10000), micro/100%100), micro%100)
	return append(dst, 'Z'), true
}

func appendPair(dst []byte, n int) []byte {
	return append(dst, byte('0'+n/10), byte('0'+n%10))
}
