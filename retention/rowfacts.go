package retention

import "time"

// Suspended reports whether a hold or a restriction is in force on a row, and true for a malformed one.
func (s *Schedule) Suspended(row Row, at time.Time) bool {
	w := s.take()
	defer s.scratch.Put(w)
	f := &w.facts
	return s.columns.read(f, &row) != "" || inForce(f.Holds, at) != nil || inForce(f.Restrictions, at) != nil
}

// LatestEvent returns the latest occurrence of any event on a row up to an instant, zero for none.
func (s *Schedule) LatestEvent(row Row, at time.Time) (latest time.Time) {
	w := s.take()
	defer s.scratch.Put(w)
	f := &w.facts
	if s.columns.read(f, &row) != "" {
		return time.Time{}
	}
	for i := range f.Events {
		if t := f.Events[i].At; !t.After(at) && t.After(latest) {
			latest = t
		}
	}
	return latest
}

// RestrictedAt reports whether a row says that it is only stored by then ([Layout.Restricted]).
func (s *Schedule) RestrictedAt(row Row, at time.Time) bool {
	w := s.take()
	defer s.scratch.Put(w)
	f := &w.facts
	i := s.columns.restricted
	if s.columns.read(f, &row) != "" || i < 0 || row.Values[i].kind == null {
		return false
	}
	since, _ := row.Values[i].instant(f)
	return !since.After(at)
}
