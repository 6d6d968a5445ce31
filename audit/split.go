package audit

// Split cuts an event that names too many data subjects or fields for one line into several, which share its decision.id
// and together name each data subject with each field. The id stays with the first. An event that fits, and one that no
// cut makes fit, come back as they are. The parts share memory with e.
func Split(e Event) []Event {
	out := []Event{e}
	if out[0].Fits() {
		return out
	}
	rest := e
	rest.DataSubjectRefs, rest.Fields = nil, nil
	room := MaxLine - maxLedger - 2 - size(&rest) // less the brace and the newline
	names := size(&Event{Fields: e.Fields})

	// Data subjects get what the fields leave, but at least half; fields get what is left then.
	refs := chunks("data_subject.refs", e.DataSubjectRefs, MaxRefs, max(room-names, room/2))
	left := room
	for _, r := range refs {
		left = min(left, room-size(&Event{DataSubjectRefs: r}))
	}
	paths := chunks("data.fields", e.Fields, maxFields, left)
	if refs == nil || paths == nil {
		return out
	}
	out = make([]Event, 0, len(refs)*len(paths))
	for _, r := range refs {
		for _, p := range paths {
			rest.DataSubjectRefs, rest.Fields = r, p
			out = append(out, rest)
			rest.ID = ""
		}
	}
	return out
}

// Fits reports whether a line has room for the event, whatever its stream: Split leaves such an event as it is.
func (e *Event) Fits() bool {
	return len(e.DataSubjectRefs) <= MaxRefs && size(e) <= MaxLine-maxLedger-2
}

// chunks cuts l into lists of at most n entries and room bytes; nil means that an entry has no room.
func chunks(key string, l []string, n, room int) [][]string {
	room -= len(key) + len(`,"":[]`) - 1 // one comma fewer than entries
	var out [][]string
	from, used := 0, 0
	for i, s := range l {
		cost := len(s) + len(`"",`)
		if cost > room {
			return nil
		}
		if i-from == n || used+cost > room {
			out = append(out, l[from:i:i])
			from, used = i, 0
		}
		used += cost
	}
	return append(out, l[from:len(l):len(l)])
}

// size is the length of the body in bytes without its closing brace.
func size(e *Event) (n int) {
	for i := range fields {
		f := &fields[i]
		switch {
		case f.text != nil:
			if s := *f.text(e); s != "" {
				n += len(f.lead) + len(s) + 2
			}
		case f.list != nil:
			if l := *f.list(e); len(l) > 0 {
				n += len(f.lead) + 1 // two brackets, one comma fewer than entries
				for _, s := range l {
					n += len(s) + 3
				}
			}
		case f.key == keySpecial && e.Special:
			n += len(f.lead) + len("true")
		case f.key == keyN && e.N != 0:
			n += len(f.lead) + 20
		}
	}
	return n
}
