package gdpr

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// do is an operation and what comes out of it. An error is a failure, not a denial.
func (s *service) do(ctx context.Context, a args) ([]string, error) {
	switch a.kind {
	case createRecord:
		return s.create(ctx, a.entry)
	case deleteByPurpose:
		keys := s.having(a.purpose, a.key, pageSize, func(e *entry) bool { return len(e.Purposes) == 1 })
		return s.remove(ctx, "purpose-ended", keys)
	case deleteByTTL:
		return s.remove(ctx, "ttl-passed", s.scan(a.key, pageSize, ttlScan, s.expired))
	case deleteByUser:
		out, err := s.remove(ctx, "person-erased", s.of(a.person))
		if err == nil {
			_, err = s.ledger.Erase(ctx, person(a.person))
		}
		return out, err
	case updateByPurpose:
		return s.each(s.having(a.purpose, a.key, metaPage, nil), func(k int) (string, error) {
			return fmt.Sprint(k), s.object(ctx, s.records[k].Person, a.purpose)
		})
	case updateByThird:
		return s.byThird(ctx, a)
	case updateByUser, updateMetadata:
		return s.wish(ctx, a)
	case readByUser:
		return s.each(s.of(a.person), func(k int) (string, error) { return s.show(ctx, k, "rights-desk", access, "") })
	case readMetadata:
		return s.each([]int{a.key}, func(k int) (string, error) { return s.describe(ctx, k) })
	case metadataByUser:
		return s.each(s.of(a.person), func(k int) (string, error) { return s.describe(ctx, k) })
	case updateData:
		return s.update(ctx, a)
	case deleteRecord:
		if s.get(a.key) == nil {
			return []string{"removed []"}, nil
		}
		return s.remove(ctx, "person-asked", []int{a.key})
	case readData:
		return s.each([]int{a.key}, func(k int) (string, error) { return s.show(ctx, k, "processor", a.purpose, a.third) })
	case readByPurpose, readByObjection:
		return s.each(s.having(a.purpose, a.key, readPage, nil), func(k int) (string, error) { return s.show(ctx, k, "processor", a.purpose, a.third) })
	case readByDecision:
		return s.each(s.having(a.purpose, a.key, readPage, nil), func(k int) (string, error) {
			may, err := s.may(ctx, s.records[k], "processor", scoring, purpose.Decide)
			return fmt.Sprint(k, may), err
		})
	case systemLogs:
		return s.logs(ctx)
	case verifyDeletion:
		return s.verify(ctx, a.key)
	}
	return nil, fmt.Errorf("gdpr: no operation %q", a.kind)
}

func (s *service) each(keys []int, f func(int) (string, error)) (out []string, err error) {
	for _, k := range keys {
		line, err := f(k)
		if err != nil {
			return out, err
		}
		out = append(out, line)
	}
	return out, nil
}

// of is the records of a person that are there.
func (s *service) of(who int) (keys []int) {
	if who < len(s.byPerson) {
		for _, k := range s.byPerson[who] {
			if s.records[k] != nil {
				keys = append(keys, k)
			}
		}
	}
	return keys
}

// may decides without releasing anything.
func (s *service) may(ctx context.Context, e *entry, role, p string, action purpose.Action) (bool, error) {
	d, err := s.guard.DecidePlan(ctx, s.request(e, role, p, action), s.plans[e.Live], fields...)
	return err == nil && d.Outcome == policy.OutcomePermitted, err
}

// show reads a record through the guard.
func (s *service) show(ctx context.Context, key int, role, p, third string) (string, error) {
	e := s.get(key)
	if e == nil {
		return fmt.Sprint(key, " none"), nil
	}
	req := s.request(e, role, p, 0)
	req.Recipient = third
	values, err := policy.ReadFrom(ctx, s.guard, req, s.plans[e.Live], func(field string) (string, bool) {
		if field == "person" {
			return person(e.Person), true
		}
		i := slices.Index(fields, field)
		return e.Values[max(i, 0)], i >= 0
	}, fields...)
	var denied *policy.DeniedError
	if errors.As(err, &denied) && denied.Cause == nil {
		return fmt.Sprint(key, " denied"), nil
	}
	if err != nil {
		return "", err
	}
	var got [4]string
	for i, f := range fields {
		got[i] = values[f]
	}
	return fmt.Sprint(key, got), nil
}

func (s *service) create(ctx context.Context, e entry) ([]string, error) {
	st, err := s.ledger.StateAt(ctx, person(e.Person), time.Now(), time.Time{})
	if err != nil {
		return nil, err
	}
	if len(st.Capacities) == 0 {
		if err := s.ledger.Record(ctx, basis.Event{DataSubject: person(e.Person), Body: basis.Occurred{Event: "signed"}}); err != nil {
			return nil, err
		}
	}
	if may, err := s.may(ctx, &e, "controller", repair, purpose.Collect); err != nil || !may {
		return []string{"refused"}, err
	}
	s.put(e)
	return []string{fmt.Sprint("created ", len(s.records)-1)}, nil
}

// remove deletes records and puts it on record, with the number alone.
func (s *service) remove(ctx context.Context, why string, keys []int) ([]string, error) {
	if len(keys) > 0 {
		for _, k := range keys {
			s.records[k] = nil
		}
		order := fmt.Sprintf("%032x", len(s.erased)+1)
		err := s.trail.Append(ctx, []audit.Event{{Name: audit.RetentionErased, Outcome: audit.Done, Action: "erase", N: uint64(len(keys)),
			RetentionRule: why, DecisionID: order}})
		if err != nil {
			return nil, err
		}
		head, err := s.trail.Head(ctx)
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			s.erased[k] = erasure{head.Seq, order}
		}
	}
	return []string{fmt.Sprint("removed ", keys)}, nil
}
