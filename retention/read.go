package retention

// read turns a row into facts, reusing the lists of f. It returns the name of what is malformed, or "".
func (c *columns) read(f *Facts, row *Row) string {
	f.Events, f.Days, f.Lengths = f.Events[:0], f.Days[:0], f.Lengths[:0]
	f.Answers, f.Holds, f.Restrictions = f.Answers[:0], f.Holds[:0], f.Restrictions[:0]
	switch {
	case row.Key == "":
		return "key"
	case len(row.Values) != len(c.columns):
		return "values"
	}
	for i := range c.events {
		v := &row.Values[c.events[i].at]
		if v.kind == null {
			continue
		}
		at, ok := v.instant(f)
		if !ok {
			return c.columns[c.events[i].at]
		}
		n := len(f.Events)
		f.Events = f.Events[:n+1] // a place for every column
		f.Events[n].Key, f.Events[n].At = c.events[i].key, at
	}
	for i := range c.days {
		if v := &row.Values[c.days[i].at]; v.kind != null {
			day, ok := v.date()
			if !ok {
				return c.columns[c.days[i].at]
			}
			f.Days = append(f.Days, GivenDay{c.days[i].key, day})
		}
	}
	for i := range c.lengths {
		if v := &row.Values[c.lengths[i].at]; v.kind != null {
			length, ok := v.period()
			if !ok {
				return c.columns[c.lengths[i].at]
			}
			f.Lengths = append(f.Lengths, GivenLength{c.lengths[i].key, length})
		}
	}
	for i := range c.answers {
		if bad := c.answer(f, row.Values, &c.answers[i]); bad != "" {
			return bad
		}
	}
	var bad string
	if f.Holds, bad = c.readSpans(f, f.Holds, row.Values, c.holds); bad != "" {
		return bad
	}
	if f.Restrictions, bad = c.readSpans(f, f.Restrictions, row.Values, c.restrictions); bad != "" {
		return bad
	}
	if i := c.restricted; i >= 0 && row.Values[i].kind != null {
		if _, ok := row.Values[i].instant(f); !ok {
			return c.columns[i]
		}
	}
	return ""
}

func (c *columns) answer(f *Facts, values []Value, p *answerPlaces) string {
	at, necessary := &values[p.at], &values[p.necessary]
	if at.kind == null {
		if necessary.kind != null { // an answer that nobody knows the time of
			return c.columns[p.at]
		}
		return ""
	}
	n := Necessity{Question: p.question, Necessary: necessary.n == 1}
	ok := false
	if n.At, ok = at.instant(f); !ok {
		return c.columns[p.at]
	}
	if necessary.kind != answerValue {
		return c.columns[p.necessary]
	}
	if p.reviewBy >= 0 && values[p.reviewBy].kind != null {
		if n.ReviewBy, ok = values[p.reviewBy].date(); !ok {
			return c.columns[p.reviewBy]
		}
	}
	f.Answers = append(f.Answers, n)
	return ""
}

func (c *columns) readSpans(f *Facts, list []Span, values []Value, places []spanPlaces) ([]Span, string) {
	for i := range places {
		p := &places[i]
		if values[p.from].kind == null {
			if p.until >= 0 && values[p.until].kind != null { // an end of what never began
				return list, c.columns[p.from]
			}
			continue
		}
		var span Span
		ok := false
		if span.From, ok = values[p.from].instant(f); !ok {
			return list, c.columns[p.from]
		}
		if p.until >= 0 && values[p.until].kind != null {
			if span.Until, ok = values[p.until].instant(f); !ok || span.Until.Before(span.From) {
				return list, c.columns[p.until]
			}
		}
		if p.ref >= 0 && values[p.ref].kind != null {
			if values[p.ref].kind != textValue {
				return list, c.columns[p.ref]
			}
			span.Ref = values[p.ref].text
		}
		list = append(list, span)
	}
	return list, ""
}
