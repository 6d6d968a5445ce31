package audit

import (
	"bytes"
	"crypto/sha256"
	"strconv"
)

// scanner looks at lines that follow one another, and spares most of what [ParseLine] costs: it keeps no event, and what
// stood at the same key of an earlier line needs no second look. Where it has any doubt, ParseLine decides.
type scanner struct {
	want   []byte     // start of the line that would follow, up to the id
	second []byte     // 2026-03-26T12:00:00, as it was accepted last
	seen   [64][]byte // by field: `,"key":value` as it was accepted last; but for what hardly ever comes twice
	said   uint64     // of the last accepted line
	event  Event      // name, outcome, mode and n of the last accepted line
	stale  bool       // event.check has not looked at event and said
	hashed []byte     // a zero byte and the line
}

// hash is [HashLine].
func (s *scanner) hash(line []byte) Hash {
	s.hashed = append(append(s.hashed[:0], 0), line...)
	return sha256.Sum256(s.hashed)
}

// parsed tells the scanner of a line that ParseLine accepted.
func (s *scanner) parsed(e *Event) {
	s.event, s.stale = Event{Name: e.Name, Outcome: e.Outcome, Mode: e.Mode, N: e.N}, true
	for i := range kinds {
		s.seen[i] = nil
	}
}

// follows reports whether line is canonical and the one behind head. False means that it is not, or not known to be.
func (s *scanner) follows(line []byte, head *Head) bool {
	if head.Stream == "" || len(line) >= MaxLine {
		return false
	}
	s.want = append(append(append(s.want[:0], `{"v":1,"stream":"`...), head.Stream...), `","seq":`...)
	s.want = append(strconv.AppendUint(s.want, head.Seq+1, 10), `,"prev":"`...)
	s.want = append(appendHash(s.want, &head.Hash), `","id":"`...)
	rest, ok := bytes.CutPrefix(line, s.want)
	const id, behind = 26, `","time":"`
	if !ok || len(rest) < id+len(behind)+timeLen+1 || !isULID(rest[:id]) || string(rest[id:id+len(behind)]) != behind {
		return false
	}
	rest = rest[id+len(behind):]
	return s.time(rest[:timeLen]) && rest[timeLen] == '"' && s.body(rest[timeLen+1:])
}

func (s *scanner) time(t []byte) bool {
	const n = len("2026-03-26T12:00:00")
	if string(t[:n]) == string(s.second) { // one that differs in its fraction was parsed
		return t[n] == '.' && all(t[n+1:timeLen-1], digit) && t[timeLen-1] == 'Z'
	}
	if !isTime(string(t)) {
		return false
	}
	if _, ok := parseTime(string(t)); !ok {
		return false
	}
	s.second = append(s.second[:0], t[:n]...)
	return true
}

func (s *scanner) body(rest []byte) bool {
	var said uint64
	for i := range fields {
		f := &fields[i]
		lead := len(f.lead)
		if len(rest) < lead || rest[2] != f.lead[2] {
			continue // most keys differ in their first letter
		}
		if seen := s.seen[i]; seen != nil && bytes.HasPrefix(rest, seen) {
			rest = rest[len(seen):]
			said |= 1 << i
			continue
		}
		if string(rest[:lead]) != f.lead {
			continue
		}
		n := s.value(i, rest[lead:])
		if n == 0 {
			return false
		}
		if !f.once {
			s.seen[i] = append(s.seen[i][:0], rest[:lead+n]...)
		}
		rest = rest[lead+n:]
		said |= 1 << i
	}
	if len(rest) != 1 || rest[0] != '}' {
		return false
	}
	if s.stale || said != s.said {
		e := s.event
		for i, at := range []*string{(*string)(&e.Name), (*string)(&e.Outcome), (*string)(&e.Mode)} {
			if said>>i&1 == 0 {
				*at = ""
			}
		}
		if e.check(said) != nil {
			return false
		}
		s.said, s.stale = said, false
	}
	return true
}

// value returns the length of a value that fields[i] accepts at the start of b, or 0.
func (s *scanner) value(i int, b []byte) int {
	switch f := &fields[i]; {
	case f.text != nil:
		if len(b) == 0 || b[0] != '"' {
			return 0
		}
		n := bytes.IndexByte(b[1:], '"')
		if n < 0 {
			return 0
		}
		if !has(b[1:1+n], f.form) {
			return 0
		}
		if i < len(kinds) {
			*f.text(&s.event), s.stale = string(b[1:1+n]), true
		}
		return n + 2
	case f.list != nil:
		return f.entries(b)
	case f.key == keySpecial && bytes.HasPrefix(b, []byte("true")):
		return len("true")
	case f.key == keyN:
		p := parser{s: string(b[:min(len(b), 21)])}
		s.event.N = p.number(keyN)
		return p.pos
	}
	return 0
}

// kinds are the first three fields, by which [Event.check] judges.
var kinds = [...]string{"event.name", "outcome", "mode"}

// entries returns the length of a list that the field accepts at the start of b, or 0.
func (f *field) entries(b []byte) int {
	for pos, count := 0, 0; ; count++ {
		lead := byte(',')
		if count == 0 {
			lead = '['
		}
		if count == f.max || len(b) < pos+2 || b[pos] != lead || b[pos+1] != '"' {
			return 0
		}
		pos += 2
		n := bytes.IndexByte(b[pos:], '"')
		if n < 0 || !has(b[pos:pos+n], f.form) {
			return 0
		}
		if pos += n + 1; pos < len(b) && b[pos] == ']' {
			return pos + 1
		}
	}
}
