package basis_test

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
)

// oracle restates the meaning of a history one sentence at a time, without regard to cost, and
// without From and Until.
type oracle struct {
	vocab  basis.Vocabulary
	at     time.Time
	events []basis.Event // known and valid, in valid order
}

func newOracle(vocab basis.Vocabulary, events []basis.Event, at, knownAt time.Time) *oracle {
	o := &oracle{vocab: vocab, at: at}
	for _, e := range events {
		if !e.ValidAt.After(at) && (knownAt.IsZero() || !e.RecordedAt.After(knownAt)) {
			o.events = append(o.events, e)
		}
	}
	slices.SortFunc(o.events, func(a, b basis.Event) int {
		return cmp.Or(a.ValidAt.Compare(b.ValidAt), a.RecordedAt.Compare(b.RecordedAt), cmp.Compare(a.ID, b.ID))
	})
	return o
}

func each[B basis.Body](o *oracle, use func(e basis.Event, b B)) {
	for _, e := range o.events {
		if b, ok := e.Body.(B); ok {
			use(e, b)
		}
	}
}

func some[B basis.Body](o *oracle, is func(e basis.Event, b B) bool) (found bool) {
	each(o, func(e basis.Event, b B) { found = found || is(e, b) })
	return found
}

func (o *oracle) under(parents map[string]string, key string, nodes []string) bool {
	for key != "" {
		if slices.Contains(nodes, key) {
			return true
		}
		key = parents[key]
	}
	return false
}

func (o *oracle) consent(scope string) (basis.ConsentState, bool) {
	s := basis.ConsentState{Scope: scope}
	var last basis.ConsentGiven
	each(o, func(e basis.Event, b basis.ConsentGiven) {
		if b.Scope == scope {
			last, s.Given, s.Event, s.Since, s.Status = b, e.ValidAt, e.ID, e.ValidAt, basis.Standing
		}
	})
	wasGiven := s.Status == basis.Standing
	for i, n := range o.vocab.Notices {
		inForce := !s.Given.Before(n.From) && (n.Until.IsZero() || s.Given.Before(n.Until))
		if !wasGiven || last.Notice != n.Version && (last.Notice != "" || !inForce) {
			continue
		}
		s.Notice = n.Version
		for _, p := range o.vocab.Scopes[scope] {
			first := slices.IndexFunc(o.vocab.Notices, func(n basis.NoticeSpan) bool { return n.Version == p.Since })
			if p.Since == "" || first >= 0 && first <= i {
				s.Purposes = append(s.Purposes, p.Purpose)
			}
		}
		if s.Recipients = slices.Clone(o.vocab.ScopeRecipients[scope]); len(last.Recipients) > 0 {
			s.Recipients = slices.Clone(last.Recipients)
		}
		break
	}
	if s.Notice == "" {
		s.Recipients = slices.Clone(last.Recipients)
	}
	var out []string
	each(o, func(e basis.Event, b basis.ConsentNarrowed) {
		if b.Scope == scope && !e.ValidAt.Before(s.Given) {
			s.Purposes = slices.DeleteFunc(s.Purposes, func(p string) bool { return o.under(o.vocab.Purposes, p, b.Purposes) })
			s.Recipients = slices.DeleteFunc(s.Recipients, func(r string) bool { return slices.Contains(b.Recipients, r) })
			out = append(out, b.Categories...)
		}
	})
	for _, c := range slices.Sorted(maps.Keys(o.vocab.Categories)) {
		if o.under(o.vocab.Categories, c, out) {
			s.Without = append(s.Without, c)
		}
	}
	s.Explicit = last.Quality.Explicit
	q := last.Quality
	if !last.Until.IsZero() && !o.at.Before(last.Until) {
		s.Status, s.Since = basis.Expired, last.Until
		if last.Until.Before(s.Given) {
			s.Since = s.Given
		}
	}
	if !q.Affirmative || !q.Free || !q.Informed || !q.Specific {
		s.Status, s.Since = basis.Invalid, s.Given
	}
	withdrawn := false
	each(o, func(e basis.Event, b basis.ConsentWithdrawn) {
		if b.Scope == scope && !e.ValidAt.Before(s.Given) && !withdrawn {
			withdrawn, s.Status, s.Since, s.Event = true, basis.Withdrawn, e.ValidAt, e.ID
		}
	})
	if s.Status != basis.Standing {
		s.Purposes, s.Recipients, s.Without, s.Explicit = nil, nil, nil, false
	}
	return s, wasGiven || withdrawn
}

// stage is where a relation stands in one case, found by walking all events for this case alone.
func (o *oracle) stage(name, reference string) (r basis.Relation, found bool) {
	r = basis.Relation{Name: name, Reference: reference}
	each(o, func(e basis.Event, b basis.Occurred) {
		m := o.vocab.Events[b.Event]
		if m.Stage == 0 || m.Relation != name {
			return
		}
		direct := b.Reference == reference
		reaches := (b.Reference == "" || reference == "") && m.Stage >= basis.Ended && found && r.Stage < m.Stage
		if direct && r.Stage != m.Stage || !direct && reaches {
			r.Stage, r.Since, r.Event = m.Stage, e.ValidAt, e.ID
		}
		found = found || direct
	})
	return r, found
}

func (o *oracle) capacity(key string) (best basis.Capacity, held bool) {
	for reference := range o.references() {
		end := -1
		for i, e := range o.events {
			b, ok := e.Body.(basis.Occurred)
			if ok && slices.Contains(o.vocab.Events[b.Event].Ends, key) &&
				(b.Reference == reference || b.Reference == "" || reference == "") {
				end = i
			}
		}
		for i, e := range o.events {
			b, ok := e.Body.(basis.Occurred)
			if !ok || i <= end || b.Reference != reference || !slices.Contains(o.vocab.Events[b.Event].Gives, key) {
				continue
			}
			c := basis.Capacity{Key: key, Since: e.ValidAt, Event: e.ID}
			if !held || cmp.Or(c.Since.Compare(best.Since), cmp.Compare(c.Event, best.Event)) < 0 {
				best, held = c, true
			}
			break
		}
	}
	return best, held
}

func (o *oracle) references() map[string]bool {
	m := make(map[string]bool)
	each(o, func(_ basis.Event, b basis.Occurred) { m[b.Reference] = true })
	return m
}

func (o *oracle) state() *basis.State {
	s := &basis.State{}
	for scope := range o.vocab.Scopes {
		if c, ok := o.consent(scope); ok {
			s.Consents = append(s.Consents, c)
		}
	}
	names, capacities := make(map[string]bool), make(map[string]bool)
	for _, m := range o.vocab.Events {
		names[m.Relation] = true
		for _, g := range m.Gives {
			capacities[g] = true
		}
	}
	for name := range names {
		for reference := range o.references() {
			if r, ok := o.stage(name, reference); ok {
				s.Relations = append(s.Relations, r)
			}
		}
	}
	for key := range capacities {
		if c, ok := o.capacity(key); ok {
			s.Capacities = append(s.Capacities, c)
		}
	}
	happened := map[basis.Occurred]basis.Occurrence{}
	each(o, func(e basis.Event, b basis.Occurred) {
		occ, again := happened[b]
		if !again {
			occ = basis.Occurrence{Event: b.Event, Reference: b.Reference, First: e.ValidAt}
		}
		occ.Last, occ.ID = e.ValidAt, e.ID
		happened[b] = occ
	})
	for _, occ := range happened {
		s.Occurrences = append(s.Occurrences, occ)
	}
	each(o, func(e basis.Event, b basis.ObjectionRaised) {
		refused := some(o, func(_ basis.Event, r basis.ObjectionRefused) bool { return r.Objection == e.ID })
		upheld := some(o, func(_ basis.Event, u basis.ObjectionUpheld) bool { return u.Objection == e.ID })
		if b.Ground != basis.OwnSituation || upheld || !refused {
			s.Objections = append(s.Objections, basis.Objection{Ground: b.Ground, Purposes: b.Purposes, Since: e.ValidAt, Event: e.ID})
		}
	})
	ahead := func(until time.Time) bool { return until.IsZero() || until.After(o.at) }
	each(o, func(e basis.Event, b basis.RestrictionImposed) {
		if some(o, func(l basis.Event, b basis.RestrictionLifted) bool {
			return b.Restriction == e.ID && !b.InformedAt.IsZero() && !b.InformedAt.After(l.ValidAt)
		}) {
			return
		}
		r := basis.Restriction{Categories: b.Categories, Reason: b.Reason, Since: e.ValidAt, Event: e.ID}
		each(o, func(x basis.Event, b basis.RestrictionExcepted) {
			if b.Restriction == e.ID && ahead(b.Until) && b.Exception.Valid() && len(b.Purposes) > 0 {
				r.Exceptions = append(r.Exceptions, basis.RestrictionException{Exception: b.Exception, Purposes: b.Purposes, Event: x.ID})
			}
		})
		s.Restrictions = append(s.Restrictions, r)
	})
	each(o, func(e basis.Event, b basis.IncidentOpened) {
		if b.Until.After(o.at) && b.Until.Sub(e.ValidAt) <= 72*time.Hour {
			s.Incidents = append(s.Incidents, basis.Incident{Reference: b.Reference, Purposes: b.Purposes, Event: e.ID})
		}
	})
	each(o, func(e basis.Event, b basis.HoldPlaced) {
		if !some(o, func(_ basis.Event, r basis.HoldReleased) bool { return r.Hold == e.ID }) {
			s.Holds = append(s.Holds, basis.Hold{Categories: b.Categories, Since: e.ValidAt, Event: e.ID})
		}
	})
	for rule := range o.vocab.Rules {
		var j basis.Judgement
		each(o, func(e basis.Event, b basis.NecessityJudged) {
			if b.Rule == rule {
				j = basis.Judgement{Rule: rule, Necessary: b.Necessary, Since: e.ValidAt, ReviewAt: b.ReviewAt, Event: e.ID}
			}
		})
		if j.Event != "" {
			s.Judgements = append(s.Judgements, j)
		}
	}
	each(o, func(e basis.Event, b basis.AttestationGiven) {
		s.Attestations = append(s.Attestations, basis.Attestation{By: b.By, Categories: b.Categories, Since: e.ValidAt, Event: e.ID})
	})
	each(o, func(e basis.Event, b basis.AssessmentFiled) {
		if ahead(b.Until) {
			s.Assessments = append(s.Assessments, basis.Assessment{Key: b.Assessment, Purposes: b.Purposes, Event: e.ID})
		}
	})
	each(o, func(e basis.Event, b basis.AgreementSigned) {
		if ahead(b.Until) && !some(o, func(_ basis.Event, end basis.AgreementEnded) bool { return end.Agreement == e.ID }) {
			s.Agreements = append(s.Agreements, basis.Agreement{Recipient: b.Recipient, Purposes: b.Purposes, Categories: b.Categories, Actions: b.Actions, Countries: b.Countries, Event: e.ID})
		}
	})
	return s
}

// generator makes histories in which everything collides: few instants, few keys, references that
// fit, do not fit, or come from nowhere.
type generator struct {
	*rand.Rand
	vocab basis.Vocabulary
}

func newGenerator(seed uint64) generator {
	return generator{rand.New(rand.NewPCG(seed, 7)), vocabulary()}
}

func pick[V any](g generator, m map[string]V) string {
	return slices.Sorted(maps.Keys(m))[g.IntN(len(m))]
}

func several[V any](g generator, m map[string]V) (keys []string) {
	for range g.IntN(3) {
		keys = append(keys, pick(g, m))
	}
	return keys
}

func (g generator) instant() time.Time { return day(g.IntN(14)) }

func (g generator) end() time.Time {
	if g.IntN(2) == 0 {
		return time.Time{}
	}
	return g.instant()
}

func (g generator) body(earlier []string) basis.Body {
	id := "nowhere"
	if len(earlier) > 0 {
		id = earlier[g.IntN(len(earlier))]
	}
	reference := []string{"", "A", "B"}[g.IntN(3)]
	switch g.IntN(24) {
	case 0, 1, 2:
		q := basis.GoodConsent()
		q.Explicit, q.Free = g.IntN(2) == 0, g.IntN(6) > 0
		return basis.ConsentGiven{Scope: pick(g, g.vocab.Scopes), Notice: []string{"", "", "v1", "v2", "v7"}[g.IntN(5)], Recipients: several(g, g.vocab.Recipients), Until: g.end(), Quality: q}
	case 3, 4:
		return basis.ConsentWithdrawn{Scope: pick(g, g.vocab.Scopes)}
	case 5:
		return basis.ConsentNarrowed{Scope: pick(g, g.vocab.Scopes), Purposes: several(g, g.vocab.Purposes), Recipients: several(g, g.vocab.Recipients), Categories: several(g, g.vocab.Categories)}
	case 6, 7:
		return basis.ObjectionRaised{Ground: basis.Ground(1 + g.IntN(2)), Purposes: several(g, g.vocab.Purposes)}
	case 8:
		return basis.ObjectionRefused{Objection: id, Reference: "r"}
	case 9:
		return basis.ObjectionUpheld{Objection: id}
	case 10:
		return basis.RestrictionImposed{Categories: several(g, g.vocab.Categories), Reason: "unlawful"}
	case 11:
		return basis.RestrictionLifted{Restriction: id, InformedAt: g.end()}
	case 12:
		return basis.RestrictionExcepted{Restriction: id, Exception: basis.Exception(g.IntN(6)), Purposes: several(g, g.vocab.Purposes), Reference: "r", Until: g.end()}
	case 13:
		return basis.HoldPlaced{Categories: several(g, g.vocab.Categories), Reason: "claim"}
	case 14:
		return basis.HoldReleased{Hold: id}
	case 15:
		return basis.NecessityJudged{Rule: pick(g, g.vocab.Rules), Necessary: g.IntN(2) == 0}
	case 16:
		return basis.IncidentOpened{Reference: "r", Purposes: several(g, g.vocab.Purposes), Until: g.end()}
	case 17:
		return basis.AttestationGiven{By: "giver", Categories: several(g, g.vocab.Categories)}
	case 18:
		return basis.AssessmentFiled{Assessment: "lia", Purposes: several(g, g.vocab.Purposes), Until: g.end()}
	case 19:
		return basis.AgreementSigned{Recipient: pick(g, g.vocab.Recipients), Purposes: several(g, g.vocab.Purposes), Until: g.end()}
	case 20:
		return basis.AgreementEnded{Agreement: id}
	default:
		return basis.Occurred{Event: pick(g, g.vocab.Events), Reference: reference}
	}
}

// history has strictly increasing recorded times, as ledgers assign them.
func (g generator) history(n int) (events []basis.Event) {
	var ids []string
	for i := range n {
		id := number("e", 100+i)
		events = append(events, basis.Event{ID: id, DataSubject: person, ValidAt: g.instant(), RecordedAt: day(0).Add(time.Duration(i) * 7 * time.Hour), Body: g.body(ids)})
		ids = append(ids, id)
	}
	return events
}

// plain is a state without what the oracle does not compute, its lists in an order of their own.
func plain(s *basis.State) *basis.State {
	p := *s
	p.DataSubject, p.KnownAt, p.From, p.Until, p.Version = "", time.Time{}, time.Time{}, time.Time{}, 0
	p.Consents = sorted(p.Consents, func(c basis.ConsentState) string { return c.Scope })
	for i := range p.Consents {
		c := &p.Consents[i]
		if len(c.Purposes) == 0 {
			c.Purposes = nil
		}
		if len(c.Recipients) == 0 {
			c.Recipients = nil
		}
	}
	p.Relations = sorted(p.Relations, func(r basis.Relation) string { return r.Name + "\x00" + r.Reference })
	p.Capacities = sorted(p.Capacities, func(c basis.Capacity) string { return c.Key })
	p.Occurrences = sorted(p.Occurrences, func(o basis.Occurrence) string { return o.Event + " " + o.Reference })
	p.Objections = sorted(p.Objections, func(o basis.Objection) string { return o.Event })
	p.Restrictions = sorted(p.Restrictions, func(r basis.Restriction) string { return r.Event })
	p.Incidents = sorted(p.Incidents, func(i basis.Incident) string { return i.Event })
	p.Holds = sorted(p.Holds, func(h basis.Hold) string { return h.Event })
	p.Judgements = sorted(p.Judgements, func(j basis.Judgement) string { return j.Rule })
	p.Attestations = sorted(p.Attestations, func(a basis.Attestation) string { return a.Event })
	p.Assessments = sorted(p.Assessments, func(a basis.Assessment) string { return a.Event })
	p.Agreements = sorted(p.Agreements, func(a basis.Agreement) string { return a.Event })
	return &p
}

func sorted[T any](list []T, key func(T) string) []T {
	if len(list) == 0 {
		return nil
	}
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
	return list
}

func TestFoldAgreesWithTheNaiveOracle(t *testing.T) {
	statuses := make(map[basis.ConsentStatus]int)
	for seed := range nightly(2_000, 100_000) {
		g := newGenerator(uint64(seed))
		events := g.history(g.IntN(40))
		shuffled := slices.Clone(events)
		g.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		for range 4 {
			at := g.instant().Add(time.Duration(g.IntN(3)-1) * time.Microsecond)
			knownAt := time.Time{}
			if g.IntN(2) == 0 && len(events) > 0 {
				knownAt = events[g.IntN(len(events))].RecordedAt
			}
			got, err := basis.Fold(&g.vocab, person, shuffled, at, knownAt)
			require.NoError(t, err)
			want := newOracle(g.vocab, events, at, knownAt).state()
			if !assert.Equal(t, plain(want), plain(got), "seed %d at %v known %v", seed, at, knownAt) {
				for _, e := range events {
					t.Logf("%s %s %s %T%+v", e.ID, e.ValidAt.Format("02.15"), e.RecordedAt.Format("02.15"), e.Body, e.Body)
				}
				t.FailNow()
			}
			for _, c := range got.Consents {
				statuses[c.Status]++
			}
		}
	}
	for _, s := range []basis.ConsentStatus{basis.Standing, basis.Withdrawn, basis.Expired, basis.Invalid} {
		assert.Greater(t, statuses[s], 100, "the generator must reach %v", s)
	}
}
