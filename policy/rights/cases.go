package rights

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// Status is where a case stands, as the trail tells. It knows the person by the trail's alias alone.
type Status struct {
	ID         string            `json:"id"`
	Kind       purpose.RightKind `json:"right"`
	Ref        string            `json:"data_subject_ref"`
	Timing     Timing            `json:"-"`
	Clock      Clock             `json:"clock"`
	Progress   Progress          `json:"progress"` // at the time of asking
	Waiting    bool              `json:"waiting"`  // for a person to decide
	Granted    bool              `json:"granted"`
	CarriedOut bool              `json:"carried_out"`
}

// Cases reads from the trail how every case stands, the most urgent first: the overdue, those about to be, and so on. Reading
// is itself recorded, by who reads.
func (d *Desk) Cases(ctx context.Context, trail audit.Reader, reader string) ([]Status, error) {
	if ctx == nil || isNil(trail) || reader == "" {
		return nil, fmt.Errorf("%w: context, trail or reader: missing", ErrRequest)
	}
	now := d.now()
	if err := d.recordReading(ctx, reader); err != nil {
		return nil, err
	}
	cases := map[string]*Status{}
	for e, err := range trail.Read(ctx, 1) {
		if err != nil {
			return nil, &failure{ErrRecord, err}
		}
		if kind, ok := kindOf(&e); ok {
			s := cases[e.DecisionID]
			if s == nil {
				s = &Status{ID: e.DecisionID, Kind: kind, Ref: first1(e.DataSubjectRefs)}
				cases[e.DecisionID] = s
			}
			s.apply(&e)
		}
	}
	list := make([]Status, 0, len(cases))
	for _, s := range cases {
		clock, err := d.Due(s.Kind, s.Timing)
		if err != nil {
			return nil, err
		}
		s.Clock, s.Progress = clock, clock.Progress(now)
		list = append(list, *s)
	}
	slices.SortFunc(list, func(a, b Status) int {
		return cmp.Or(-cmp.Compare(urgency[a.Progress], urgency[b.Progress]), a.Clock.DueAt.Compare(b.Clock.DueAt), cmp.Compare(a.ID, b.ID))
	})
	return list, nil
}

// urgency of what is left to do.
var urgency = map[Progress]int{Overdue: 5, Warned: 4, AimMissed: 3, Open: 2}

func first1(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// kindOf is the right that an event of a case is about.
func kindOf(e *audit.Event) (kind purpose.RightKind, ok bool) {
	if e.DecisionID == "" || !strings.HasPrefix(string(e.Name), "rights.") || e.Name == audit.RightsNotification {
		return 0, false
	}
	for _, kind := range slices.Sorted(maps.Keys(eventNames)) {
		if e.Action == kind.String() {
			return kind, true
		}
	}
	return 0, false
}

// apply takes in one event of the case, in their order.
func (s *Status) apply(e *audit.Event) {
	at := time.Unix(int64(e.N), 0)
	if e.Reason == string(CodeExtended) && e.Outcome == audit.Done {
		s.Timing.Told = at
		for _, o := range e.Obligations {
			if length, ok := strings.CutPrefix(o, extensionKey); ok {
				if p, err := retention.ParsePeriod(strings.ToUpper(length)); err == nil {
					s.Timing.Extension = p
				}
			}
		}
		return
	}
	if e.N > 0 && (s.Timing.Received.IsZero() || at.Before(s.Timing.Received)) && Code(e.Reason) != CodeExtensionLate && Code(e.Reason) != CodeExtensionLong {
		s.Timing.Received = at
	}
	switch e.Outcome {
	case audit.Permitted, audit.Partial, audit.Denied:
		s.Granted = s.Granted || e.Outcome != audit.Denied
		if s.Waiting || s.Timing.Answered.IsZero() {
			s.Timing.Answered = e.Time
		}
		s.Waiting = false
	case audit.Aborted:
		s.Waiting, s.Timing.Answered = true, time.Time{}
	case audit.Done:
		s.CarriedOut = s.CarriedOut || e.Reason == string(CodeCarriedOut) || e.Reason == string(CodeTaken)
	}
}

// recordReading puts on record who reads the cases.
func (d *Desk) recordReading(ctx context.Context, reader string) error {
	_, err := apart(context.WithoutCancel(ctx), d.trailTimeout, func(ctx context.Context) (none struct{}, err error) {
		alias, err := d.alias(ctx, audit.Principal, reader)
		if err != nil {
			return none, err
		}
		return none, d.trail.Append(ctx, []audit.Event{{Name: audit.TrailRead, PrincipalRef: alias}})
	})
	if err != nil {
		return &failure{ErrRecord, err}
	}
	return nil
}
