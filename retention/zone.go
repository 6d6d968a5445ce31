package retention

import (
	"errors"
	"time"
)

const secondsPerDay = 24 * 60 * 60

// ErrZone is the error of a zone that is missing, unknown, or depends on the machine.
var ErrZone = errors.New("retention: zone is missing, unknown or the machine's own")

// LoadZone returns the controller's zone by its name in the zone database, as "Europe/Copenhagen".
// "" and "Local" are refused: a period must not end on another day on another machine.
func LoadZone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, ErrZone
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, ErrZone
	}
	return zone, nil
}

// EndIn returns the instant at which the day is over in the zone: the following local midnight.
// Where clocks leap over midnight it is the leap; where they show midnight twice it is the second one, for
// a day ends with the expiry of its last hour (Reg. 1182/71 Art. 3(2)).
func (d Date) EndIn(zone *time.Location) time.Time {
	midnight := d.utc().Unix() + secondsPerDay // as a clock on the wall would count it
	t := time.Unix(midnight+secondsPerDay, 0).In(zone)
	for {
		start, end := t.ZoneBounds()
		_, offset := t.Zone()
		instant := time.Unix(midnight-int64(offset), 0).In(zone)
		if start.IsZero() || start.Before(instant) { // this stretch begins before midnight
			if _, after := end.Zone(); !end.IsZero() && end.Before(instant) && after != offset {
				return end
			}
			return instant // also where ZoneBounds says that a stretch ends though the clocks stay, as on 31 December 2040
		}
		t = start.Add(-1)
	}
}

// passed reports whether the day is over at the instant, as !at.Before(d.EndIn(f.Zone)) does,
// without asking the zone unless the instant is near.
func (f *Facts) passed(d Date, at time.Time) bool {
	switch ahead := dayNumber(at.Unix()) - d.number(); {
	case ahead >= 2: // offsets stay below 24 hours
		return true
	case ahead < 0:
		return false
	}
	return !at.Before(f.endOf(d))
}
