package basis

import (
	"fmt"
	"time"
)

// Kept is what must stay when the person is erased at a time: the objections to marketing (GDPR Art.
// 17(3)(b), 21(3)). The error is ErrHeld while a hold or a
// restriction stands: erasing would end it.
func (t *Timeline) Kept(at time.Time) ([]Event, error) {
	if t.dataSubject == ControllerWide {
		return nil, fmt.Errorf("%w: concerns no single person", ErrHeld)
	}
	s, err := t.StateAt(at, time.Time{})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if len(s.Holds)+len(s.Restrictions) > 0 {
		return nil, ErrHeld
	}
	var kept []Event
	for _, e := range t.events {
		if o, ok := e.Body.(ObjectionRaised); ok && o.Ground == Marketing {
			kept = append(kept, e)
		}
	}
	return kept, nil
}
