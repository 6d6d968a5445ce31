package audit

import (
	"encoding/hex"
	"math/bits"
	"slices"
	"strconv"
	"time"
)

// AppendLine appends the canonical form of a complete event, without a newline: fixed order of keys, no space, nothing
// escaped, nothing empty. On error, a [FieldError], it returns dst as it was.
func AppendLine(dst []byte, e *Event) ([]byte, error) {
	out, err := appendLedger(dst, e)
	if err == nil {
		out, err = appendBody(out, e, nil)
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
	out := append(append(append(dst, ledgerLead...), e.Stream...), ledgerSeq...)
	out, ok := appendPlace(out, e.Seq, &e.Prev, e.ID, e.Time)
	if !ok {
		return dst, errTime
	}
	return out, nil
}

const (
	ledgerLead = `{"v":1,"stream":"`
	ledgerSeq  = `","seq":`
)

var errTime = &FieldError{"time", "before 1970, after 9999 or finer than a microsecond"}

// appendPlace appends the rest of the ledger part, behind the stream. ok is false for a time that no line can hold.
func appendPlace[ID string | []byte](dst []byte, seq uint64, prev *Hash, id ID, at time.Time) (out []byte, ok bool) {
	dst = strconv.AppendUint(dst, seq, 10)
	dst = append(dst, `,"prev":"`...)
	dst = appendHash(dst, prev)
	dst = append(dst, `","id":"`...)
	dst = append(dst, id...)
	dst = append(dst, `","time":"`...)
	dst, ok = appendTime(dst, at)
	return append(dst, '"'), ok
}

// maxLedger is the longest ledger part in bytes: stream of 64, seq of 20.
const maxLedger = len(`{"v":1,"stream":"","seq":,"prev":"","id":"","time":""`) + 64 + 20 + 64 + 26 + timeLen

// memo is what was encoded before, by field: what is the same again needs no second look. An empty one remembers nothing.
type memo []struct {
	out  []byte // `,"key":value`
	text string
	list []string
}

// appendBody appends everything behind the ledger part.
func appendBody(dst []byte, e *Event, m memo) ([]byte, error) {
	var said uint64
	for i := range fields {
		f := &fields[i]
		before := len(dst)
		remember := len(m) > 0 && !f.once
		switch {
		case f.text != nil:
			s := *f.text(e)
			switch {
			case s == "":
				continue
			case remember && s == m[i].text:
				dst = append(dst, m[i].out...)
			case !f.form.ok(s):
				return dst, &FieldError{f.key, "malformed"}
			default:
				dst = append(append(dst, f.lead...), '"')
				dst = append(append(dst, s...), '"')
				if remember {
					m[i].out, m[i].text = append(m[i].out[:0], dst[before:]...), s
				}
			}
		case f.list != nil:
			l := *f.list(e)
			switch {
			case len(l) == 0:
				continue
			case remember && slices.Equal(l, m[i].list):
				dst = append(dst, m[i].out...)
			default:
				var err error
				if dst, err = f.appendList(dst, l); err != nil {
					return dst, err
				}
				if remember {
					m[i].out, m[i].list = append(m[i].out[:0], dst[before:]...), append(m[i].list[:0], l...)
				}
			}
		case f.key == keySpecial && e.Special:
			dst = append(append(dst, f.lead...), "true"...)
		case f.key == keyN && e.N != 0:
			dst = strconv.AppendUint(append(dst, f.lead...), e.N, 10)
		default:
			continue
		}
		said |= 1 << i
	}
	if err := e.check(said); err != nil {
		return dst, err
	}
	return append(dst, '}'), nil
}

func (f *field) appendList(dst []byte, l []string) ([]byte, error) {
	if len(l) > f.max {
		return dst, &FieldError{f.key, "too many entries"}
	}
	dst = append(append(dst, f.lead...), '[')
	for i, s := range l {
		if !f.form.ok(s) {
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

func appendHash(dst []byte, h *Hash) []byte { return hex.AppendEncode(dst, h[:]) }

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
