package audit

import (
	"strconv"
	"strings"
	"time"
)

// ParseLine reads what [AppendLine] writes, and nothing else: a line is given without its newline, and any other byte
// sequence is a [LineError]. It keeps nothing of line.
func ParseLine(line []byte) (Event, error) {
	if len(line) >= MaxLine {
		return Event{}, &LineError{MaxLine - 1, "", "line is longer than 4 KiB"}
	}
	p := parser{s: string(line)}
	var e Event
	p.ledger(&e)
	p.body(&e)
	if p.err != nil {
		return Event{}, p.err
	}
	return e, nil
}

// parser stops at its first error; all methods are then without effect.
type parser struct {
	s   string
	pos int
	err error
}

func (p *parser) fail(at int, key, problem string) {
	if p.err == nil {
		p.err = &LineError{at, key, problem}
	}
}

// skip expects lit, which belongs to key.
func (p *parser) skip(lit, key string) {
	if p.err != nil {
		return
	}
	if !strings.HasPrefix(p.s[p.pos:], lit) {
		p.fail(p.pos, key, "missing, out of order or not canonical")
		return
	}
	p.pos += len(lit)
}

func (p *parser) has(lit string) bool {
	if p.err != nil || !strings.HasPrefix(p.s[p.pos:], lit) {
		return false
	}
	p.pos += len(lit)
	return true
}

// quoted reads up to and over the next quotation mark. No shape accepts a mark, a backslash or a control character.
func (p *parser) quoted(key string, ok func(string) bool) string {
	if p.err != nil {
		return ""
	}
	n := strings.IndexByte(p.s[p.pos:], '"')
	if n < 0 || !ok(p.s[p.pos:p.pos+n]) {
		p.fail(p.pos, key, "malformed")
		return ""
	}
	s := p.s[p.pos : p.pos+n]
	p.pos += n + 1
	return s
}

// number reads a decimal without sign or leading zero, and not 0.
func (p *parser) number(key string) uint64 {
	if p.err != nil {
		return 0
	}
	end := p.pos
	for end < len(p.s) && class[p.s[end]]&digit != 0 {
		end++
	}
	n, err := strconv.ParseUint(p.s[p.pos:end], 10, 64)
	if err != nil || p.s[p.pos] == '0' {
		p.fail(p.pos, key, "malformed")
		return 0
	}
	p.pos = end
	return n
}

func (p *parser) ledger(e *Event) {
	p.skip(`{"v":1,`, "v")
	e.V = Version
	p.skip(`"stream":"`, "stream")
	e.Stream = p.quoted("stream", streamShape.ok)
	p.skip(`,"seq":`, "seq")
	e.Seq = p.number("seq")
	p.skip(`,"prev":"`, "prev")
	if h := p.quoted("prev", isHash); p.err == nil {
		e.Prev = parseHash(h)
	}
	p.skip(`,"id":"`, "id")
	e.ID = p.quoted("id", isULID)
	p.skip(`,"time":"`, "time")
	at := p.pos
	if s := p.quoted("time", isTime); p.err == nil {
		var ok bool
		if e.Time, ok = parseTime(s); !ok {
			p.fail(at, "time", "no such instant")
		}
	}
}

func (p *parser) body(e *Event) {
	next := 0
	var said uint64
	for p.err == nil && p.pos < len(p.s) && p.s[p.pos] == ',' {
		i := next
		for i < len(fields) && !strings.HasPrefix(p.s[p.pos:], fields[i].lead) {
			i++
		}
		if i == len(fields) {
			p.fail(p.pos, "", p.unknown(next))
			return
		}
		p.pos += len(fields[i].lead)
		p.value(e, &fields[i])
		said |= 1 << i
		next = i + 1
	}
	p.skip("}", "")
	if p.err == nil && p.pos != len(p.s) {
		p.fail(p.pos, "", "bytes behind the event")
	}
	if p.err == nil {
		if err := e.check(said); err != nil {
			fe := err.(*FieldError)
			p.fail(p.pos, fe.Key, fe.Problem)
		}
	}
}

// unknown says what is wrong with a key that is none of those from fields[next] on.
func (p *parser) unknown(next int) string {
	for i := range fields[:next] {
		if strings.HasPrefix(p.s[p.pos:], fields[i].lead) {
			return "key out of order or there twice"
		}
	}
	return "unknown key"
}

func (p *parser) value(e *Event, f *field) {
	switch {
	case f.text != nil:
		p.skip(`"`, f.key)
		*f.text(e) = p.quoted(f.key, f.form.ok)
	case f.list != nil:
		*f.list(e) = p.array(f)
	case f.key == keySpecial:
		p.skip("true", f.key)
		e.Special = true
	case f.key == keyN:
		e.N = p.number(f.key)
	}
}

func (p *parser) array(f *field) []string {
	p.skip("[", f.key)
	if p.err != nil {
		return nil
	}
	end := max(0, strings.IndexByte(p.s[p.pos:], ']')) // may be too low, as paths hold []: only a first guess
	l := make([]string, 0, 1+strings.Count(p.s[p.pos:p.pos+end], ","))
	for {
		at := p.pos
		p.skip(`"`, f.key)
		s := p.quoted(f.key, f.form.ok)
		if p.err == nil && len(l) == f.max {
			p.fail(at, f.key, "too many entries")
		}
		if p.err != nil {
			return nil
		}
		l = append(l, s)
		if !p.has(",") {
			break
		}
	}
	p.skip("]", f.key)
	return l
}

func isHash(s string) bool { return isHex(s, 2*len(Hash{})) }

func parseHash(s string) (h Hash) {
	for i := range h {
		h[i] = nibble(s[2*i])<<4 | nibble(s[2*i+1])
	}
	return h
}

func nibble(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c - 'a' + 10
}

func isTime(s string) bool {
	const form = "0000-00-00T00:00:00.000000Z"
	if len(s) != len(form) {
		return false
	}
	for i := range len(s) {
		if form[i] == '0' && class[s[i]]&digit == 0 || form[i] != '0' && form[i] != s[i] {
			return false
		}
	}
	return true
}

// parseTime takes what isTime accepts and refuses what the calendar has not, leap seconds included.
func parseTime(s string) (time.Time, bool) {
	pair := func(i int) int { return int(s[i]-'0')*10 + int(s[i+1]-'0') }
	year, month, day := pair(0)*100+pair(2), pair(5), pair(8)
	hour, minute, second := pair(11), pair(14), pair(17)
	micro := pair(20)*10000 + pair(22)*100 + pair(24)
	t := time.Date(year, time.Month(month), day, hour, minute, second, micro*1000, time.UTC)
	ok := year >= 1970 && int(t.Month()) == month && t.Day() == day && hour < 24 && minute < 60 && second < 60
	return t, ok
}
