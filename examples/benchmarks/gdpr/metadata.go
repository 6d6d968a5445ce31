package gdpr

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

func (s *service) state(ctx context.Context, who int) (*basis.State, error) {
	return s.ledger.StateAt(ctx, person(who), time.Now(), time.Time{})
}

func (s *service) note(ctx context.Context, who int, b basis.Body) error {
	return s.ledger.Record(ctx, basis.Event{DataSubject: person(who), Body: b})
}

// wished is what the ledger says of a person's wishes.
func wished(st *basis.State) (w wishes) {
	for _, o := range st.Objections {
		w.Objects = append(w.Objects, o.Purposes...)
	}
	slices.Sort(w.Objects)
	for _, c := range st.Consents {
		if c.Status != basis.Standing {
			continue
		}
		switch c.Scope {
		case scoring:
			w.Scoring = true
		case partners:
			w.Thirds = slices.Sorted(slices.Values(c.Recipients))
		}
	}
	return w
}

func (s *service) object(ctx context.Context, who int, p string) error {
	st, err := s.state(ctx, who)
	if err != nil || slices.Contains(wished(st).Objects, p) {
		return err
	}
	return s.note(ctx, who, objection(p))
}

// wish changes what one person wants: an objection, or whether a machine may decide.
func (s *service) wish(ctx context.Context, a args) ([]string, error) {
	var err error
	if a.kind == updateMetadata && a.purpose != "" {
		err = s.object(ctx, a.person, a.purpose)
	} else {
		var st *basis.State
		if st, err = s.state(ctx, a.person); err != nil {
			return nil, err
		}
		var b basis.Body = basis.ConsentWithdrawn{Scope: scoring}
		if !wished(st).Scoring {
			b = scoringConsent()
		}
		err = s.note(ctx, a.person, b)
	}
	if err != nil {
		return nil, err
	}
	st, err := s.state(ctx, a.person)
	if err != nil {
		return nil, err
	}
	w := wished(st)
	return []string{fmt.Sprint(w.Scoring, slices.Contains(w.Objects, ads))}, nil
}

// byThird takes a third party out of the consent of the next people who named it.
func (s *service) byThird(ctx context.Context, a args) ([]string, error) {
	var failed error
	keys := s.scan(a.key, metaPage, thirdScan, func(e *entry) bool {
		st, err := s.state(ctx, e.Person)
		if err != nil {
			failed = err
			return false
		}
		return slices.Contains(wished(st).Thirds, a.third)
	})
	if failed != nil {
		return nil, failed
	}
	return s.each(keys, func(k int) (string, error) {
		return fmt.Sprint(k), s.note(ctx, s.records[k].Person, basis.ConsentNarrowed{Scope: partners, Recipients: []string{a.third}})
	})
}

func (s *service) update(ctx context.Context, a args) ([]string, error) {
	e := s.get(a.key)
	if e != nil {
		may, err := s.may(ctx, e, "rights-desk", access, purpose.Store)
		if err != nil {
			return nil, err
		}
		if may {
			e.Values[1] = a.value
		}
	}
	return s.each([]int{a.key}, func(k int) (string, error) { return s.show(ctx, k, "rights-desk", access, "") })
}

// describe is the metadata of a record: its own and its person's.
func (s *service) describe(ctx context.Context, key int) (string, error) {
	e := s.get(key)
	if e == nil {
		return fmt.Sprint(key, " none"), nil
	}
	st, err := s.state(ctx, e.Person)
	if err != nil {
		return "", err
	}
	w := wished(st)
	return fmt.Sprint(key, e.Purposes, rule(lives[e.Live]), e.Source, w.Objects, w.Scoring, w.Thirds), nil
}

var errLog = errors.New("gdpr: the trail is not whole")

// lines reads up to n events of the trail, and checks that they follow each other.
func (s *service) lines(ctx context.Context, from uint64, n int) (events []audit.Event, err error) {
	for line, err := range s.trail.Lines(ctx, from) {
		if err != nil {
			return nil, err
		}
		e, err := audit.ParseLine(line)
		if err != nil {
			return nil, err
		}
		if e.Seq != from+uint64(len(events)) {
			return nil, errLog
		}
		if events = append(events, e); len(events) == n {
			break
		}
	}
	return events, nil
}

// logs reads the latest events.
func (s *service) logs(ctx context.Context) ([]string, error) {
	head, err := s.trail.Head(ctx)
	if err != nil {
		return nil, err
	}
	from := uint64(1)
	if head.Seq > logPage {
		from = head.Seq - logPage + 1
	}
	events, err := s.lines(ctx, from, logPage)
	if err != nil {
		return nil, err
	}
	if uint64(len(events)) != head.Seq-from+1 {
		return []string{"broken"}, nil
	}
	return []string{"whole"}, nil
}

// verify says whether a record is there, and whether the trail tells of its erasure.
func (s *service) verify(ctx context.Context, key int) ([]string, error) {
	told := false
	if at, ok := s.erased[key]; ok {
		events, err := s.lines(ctx, at.seq, 1)
		if err != nil {
			return nil, err
		}
		told = len(events) == 1 && events[0].Name == audit.RetentionErased && events[0].DecisionID == at.order
	}
	return []string{fmt.Sprint(s.get(key) != nil, told)}, nil
}
