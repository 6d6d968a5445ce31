package gdpr

import (
	"context"
	"slices"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// Trail is a trail that a regulator can read.
type Trail interface {
	audit.Trail
	audit.LineReader
}

// service is a program with records in memory that reads them through a guard.
type service struct {
	now       time.Time
	register  *purpose.Register
	ledger    *basis.Memory
	trail     Trail
	guard     *policy.Guard
	plans     []*purpose.Plan // by time to live
	rules     [][]*retention.Rule
	records   []*entry // by key; nil: none
	byPerson  [][]int  // keys, ascending
	byPurpose map[string][]int
	erased    map[int]erasure // by key
}

// erasure is where the trail tells of one.
type erasure struct {
	seq   uint64
	order string
}

// patience is for busy machines: a disk that is slow is measured, not refused.
const patience = 5 * time.Minute

// newService makes a service with no records yet.
func newService(now time.Time, trail Trail) (*service, error) {
	register, err := purpose.Compile(spec())
	if err != nil {
		return nil, err
	}
	decider, err := rules(register)
	if err != nil {
		return nil, err
	}
	s := &service{now: now, register: register, trail: trail, byPurpose: map[string][]int{}, erased: map[int]erasure{}}
	s.ledger = basis.NewMemory(register.Vocabulary())
	if s.guard, err = policy.NewGuard(register, s.ledger, trail, decider,
		policy.WithTrailTimeout(patience), policy.WithStateTimeout(patience), policy.WithPolicyTimeout(patience)); err != nil {
		return nil, err
	}
	all := register.Spec().Retention
	for _, days := range lives {
		schema := purpose.Schema{Name: "Record" + rule(days), Fields: []purpose.SchemaField{{Name: "person", Tags: purpose.Tags{DataSubject: "id"}}}}
		for _, f := range fields {
			schema.Fields = append(schema.Fields, purpose.SchemaField{Name: f, Tags: purpose.Tags{Personal: "contact." + f, Retention: []string{rule(days)}}})
		}
		plan, err := s.guard.Schema(schema)
		if err != nil {
			return nil, err
		}
		s.plans = append(s.plans, plan)
		i := slices.IndexFunc(all, func(r retention.Rule) bool { return r.Key == rule(days) })
		s.rules = append(s.rules, []*retention.Rule{&all[i]})
	}
	return s, nil
}

// fill puts people on the ledger.
func (s *service) fill(people []wishes) error {
	since := s.now.AddDate(0, -1, 0)
	var events []basis.Event
	for i, w := range people {
		happened := func(b basis.Body) {
			events = append(events, basis.Event{DataSubject: person(i), ValidAt: since, Body: b})
		}
		happened(basis.Occurred{Event: "signed"})
		for _, p := range w.Objects {
			happened(objection(p))
		}
		if w.Scoring {
			happened(scoringConsent())
		}
		if len(w.Thirds) > 0 {
			happened(basis.ConsentGiven{Scope: partners, Recipients: w.Thirds, Quality: basis.GoodConsent()})
		}
		if len(events) > basis.MaxBatch-10 || i == len(people)-1 {
			if err := s.ledger.Record(context.Background(), events...); err != nil {
				return err
			}
			events = events[:0]
		}
	}
	return nil
}

func objection(p string) basis.Body {
	if p == ads {
		return basis.ObjectionRaised{Ground: basis.Marketing, Purposes: []string{p}}
	}
	return basis.ObjectionRaised{Ground: basis.OwnSituation, Purposes: []string{p}}
}

func scoringConsent() basis.Body {
	q := basis.GoodConsent()
	q.Explicit = true
	return basis.ConsentGiven{Scope: scoring, Quality: q}
}

// put adds a record; its key is the next.
func (s *service) put(e entry) {
	e.Key = len(s.records)
	s.records = append(s.records, &e)
	for len(s.byPerson) <= e.Person {
		s.byPerson = append(s.byPerson, nil)
	}
	s.byPerson[e.Person] = append(s.byPerson[e.Person], e.Key)
	for _, p := range e.Purposes {
		s.byPurpose[p] = append(s.byPurpose[p], e.Key)
	}
}

func (s *service) get(key int) *entry {
	if key < 0 || key >= len(s.records) {
		return nil
	}
	return s.records[key]
}

// having is up to n records with a purpose that fit, by key from start on and around.
func (s *service) having(p string, start, n int, fits func(*entry) bool) (keys []int) {
	index := s.byPurpose[p]
	at, _ := slices.BinarySearch(index, start)
	for i := range index {
		k := index[(at+i)%len(index)]
		if e := s.records[k]; e != nil && (fits == nil || fits(e)) {
			if keys = append(keys, k); len(keys) == n {
				break
			}
		}
	}
	return keys
}

// scan is up to n records of the next ones that fit.
func (s *service) scan(start, n, most int, fits func(*entry) bool) (keys []int) {
	for i := 0; i < most && i < len(s.records) && len(keys) < n; i++ {
		k := (start + i) % len(s.records)
		if e := s.records[k]; e != nil && fits(e) {
			keys = append(keys, k)
		}
	}
	return keys
}

// request asks about a record. What stands on the record is stated as its provenance.
func (s *service) request(e *entry, role, p string, action purpose.Action) policy.Request {
	req := policy.Request{Principal: policy.Principal{ID: "u-" + role, Roles: []string{role}}, Action: action, Purpose: p, DataSubject: person(e.Person),
		Provenance: policy.Provenance{Source: e.Source, ObtainedFor: e.Purposes, CollectedAt: e.Collected}}
	if p == access { // a right, whatever the data was obtained for
		req.Provenance.ObtainedFor = nil
	}
	return req
}

// expired asks the retention rules, not the guard: no purpose matters.
func (s *service) expired(e *entry) bool {
	facts := retention.Facts{Zone: s.register.Zone(), Events: []retention.Event{{Key: purpose.EventCollected, At: e.Collected}}}
	a, err := retention.Decide(s.rules[e.Live], &facts, s.now)
	return err == nil && a.Status == retention.MustErase
}
