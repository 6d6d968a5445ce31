package retention

import "time"

// Elapse returns the end of p as elapsed time from an instant: as many times 24 hours as p has days, or the same time of
// day so many days later where that comes sooner, because clocks went forward. So a maximum of days is kept however days
// are counted. A later start never ends earlier. p must have no months.
func (p Period) Elapse(from time.Time, zone *time.Location) time.Time {
	from = from.In(zone)
	end := p.elapse(from)
	offset, atEnd := utcOffset(from), utcOffset(end)
	if atEnd <= offset {
		return end
	}
	shown := from.Add(offset) // the time of day, as if of UTC
	if back, _ := from.ZoneBounds(); !back.IsZero() && back.After(from.Add(offset-atEnd)) {
		shown = later(shown, back.Add(utcOffset(back.Add(-1)))) // clocks have just gone back, and showed more before
	}
	stretch, _ := end.ZoneBounds() // a time of day that clocks left out is over when they went forward
	same := later(p.elapse(shown).Add(-atEnd), stretch)
	if same.Before(end) {
		return same
	}
	return end
}

// elapse adds the days of p as 24 hours each.
func (p Period) elapse(t time.Time) time.Time {
	return time.Unix(t.Unix()+int64(p.days)*secondsPerDay, int64(t.Nanosecond())).In(t.Location())
}

// utcOffset is how much the clocks of its zone are ahead of UTC at t.
func utcOffset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
