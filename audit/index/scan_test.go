package index_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/audit/index"
)

// scan answers by looking at every event: the oracle, written from the documentation alone.
type scan []audit.Event

func (s scan) where(keep func(audit.Event) bool) (out scan) {
	for _, e := range s {
		if keep(e) {
			out = append(out, e)
		}
	}
	return out
}

func meets(a, b []string) bool {
	for _, x := range a {
		if slices.Contains(b, x) {
			return true
		}
	}
	return false
}

func isRelease(e audit.Event) bool {
	return strings.HasPrefix(string(e.Name), "access.") && e.Name != "access.denied"
}

// delivery ranks what the events of the decision say: delivered, not delivered, aborted, unknown.
func (s scan) delivery(e audit.Event, refs []string) index.Delivery {
	if !isRelease(e) {
		return ""
	}
	of := s.where(func(f audit.Event) bool {
		return f.DecisionID == e.DecisionID && (len(f.DataSubjectRefs) == 0 || meets(f.DataSubjectRefs, refs))
	})
	has := func(n audit.Name, o audit.Outcome) bool {
		return len(of.where(func(f audit.Event) bool {
			return f.Name == n && f.Outcome == o && (n != audit.ShareDelivered || f.RecipientID == e.RecipientID)
		})) > 0
	}
	named := e.RecipientID != ""
	switch {
	case named && has(audit.ShareDelivered, audit.Done):
		return index.Delivered
	case named && slices.ContainsFunc(of, func(f audit.Event) bool {
		return f.Name == audit.ShareDelivered && f.Outcome == audit.Failed && f.RecipientID == e.RecipientID && strings.HasPrefix(f.Reason, "release.delivery-") && f.Reason != "release.delivery-failed"
	}):
		return index.Unknown
	case named && has(audit.ShareDelivered, audit.Failed):
		return index.NotDelivered
	case has(audit.ReleaseAborted, audit.Aborted):
		return index.Aborted
	case named:
		return index.Unknown
	}
	return ""
}

func (s scan) entries(keep func(audit.Event) bool) []index.Entry {
	out := []index.Entry{}
	for _, e := range s.where(keep) {
		out = append(out, index.Entry{Event: e, Delivery: s.delivery(e, e.DataSubjectRefs)})
	}
	return out
}

func in(p index.Period, e audit.Event) bool {
	return (p.From.IsZero() || !e.Time.Before(p.From)) && (p.To.IsZero() || e.Time.Before(p.To))
}

func set(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

func (s scan) distinct(keep func(audit.Event) bool, of func(audit.Event) []string) []string {
	var all []string
	for _, e := range s.where(keep) {
		all = append(all, of(e)...)
	}
	all = slices.DeleteFunc(all, func(x string) bool { return x == "" })
	if len(all) == 0 {
		return nil
	}
	return set(all)
}

func decision(e audit.Event) []string { return []string{e.DecisionID} }

// TestEveryAnswerEqualsAScan of all events, on random trails, however the index came about.
func TestEveryAnswerEqualsAScan(t *testing.T) {
	db := database(t)
	rapid.Check(t, func(rt *rapid.T) {
		trail := randomTrail(rt)
		s := scan(trail.Events())
		_, err := db.Exec("DROP TABLE IF EXISTS index_person; DROP TABLE IF EXISTS index_event; DROP TABLE IF EXISTS index_meta")
		require.NoError(rt, err)
		records := audittest.NewRecorder(nil)
		x := newIndex(t, db, trail, records)
		update(t, x)
		ctx := t.Context()
		p := index.Period{}
		start := time.Date(2026, 3, 26, 12, 0, 0, 0, time.UTC)
		if rapid.Bool().Draw(rt, "from") {
			p.From = start.Add(time.Duration(rapid.IntRange(-60, 600).Draw(rt, "from at")) * time.Minute)
		}
		if rapid.Bool().Draw(rt, "to") {
			p.To = start.Add(time.Duration(rapid.IntRange(0, 900).Draw(rt, "to at")) * time.Minute)
		}
		refs := []string{person(0)}
		if rapid.Bool().Draw(rt, "two aliases") {
			refs = append(refs, person(2))
		}

		l, err := x.AboutPerson(ctx, asker, refs)
		require.NoError(rt, err)
		assert.Equal(rt, s.entries(func(e audit.Event) bool { return meets(e.DataSubjectRefs, refs) }), l.Entries)
		l, err = x.ByRecipient(ctx, asker, "r1")
		require.NoError(rt, err)
		assert.Equal(rt, s.entries(func(e audit.Event) bool { return e.RecipientID == "r1" }), l.Entries)
		l, err = x.ByPrincipal(ctx, asker, principal(1))
		require.NoError(rt, err)
		assert.Equal(rt, s.entries(func(e audit.Event) bool { return e.PrincipalRef == principal(1) }), l.Entries)
		id := "00000000000000000000000000000003"
		l, err = x.ByDecision(ctx, asker, id)
		require.NoError(rt, err)
		assert.Equal(rt, s.entries(func(e audit.Event) bool { return e.DecisionID == id }), l.Entries)

		s.checkPerson(rt, x, refs)
		s.checkNotices(rt, x, refs)
		s.checkTotals(rt, x, p)
		s.checkAnomalies(rt, x, p)
		assert.Len(rt, records.Events(), 8, "each question is on record")
	})
}

func (s scan) checkPerson(t *rapid.T, x *index.Index, refs []string) {
	got, err := x.ForPerson(t.Context(), asker, refs)
	require.NoError(t, err)
	want := []index.Consultation{}
	for _, e := range s {
		if !meets(e.DataSubjectRefs, refs) || e.Name == audit.AccessDenied || e.Name == audit.ShareDelivered ||
			e.Name == audit.ReleaseAborted || strings.HasPrefix(string(e.Name), "trail.") {
			continue
		}
		c := index.Consultation{
			Time: e.Time, Name: e.Name, Purpose: e.Purpose, Basis: e.Basis, Clause: e.Clause, Fields: e.Fields,
			Categories: e.Categories, Special: e.Special,
		}
		var own []string
		for _, r := range e.DataSubjectRefs {
			if slices.Contains(refs, r) {
				own = append(own, r)
			}
		}
		if c.Delivery = s.delivery(e, own); e.RecipientID != "" {
			c.Recipient = &index.Recipient{ID: e.RecipientID, Kind: e.RecipientKind, Country: e.RecipientCountry}
		}
		want = append(want, c)
	}
	assert.Equal(t, want, got.Consultations)
}

func (s scan) checkNotices(t *rapid.T, x *index.Index, refs []string) {
	got, err := x.ToNotify(t.Context(), asker, refs)
	require.NoError(t, err)
	want := []index.Notice{}
	for _, id := range []string{"r0", "r1", "r2"} {
		var own []string
		has := func(e audit.Event) bool {
			own = own[:0]
			for _, r := range e.DataSubjectRefs {
				if slices.Contains(refs, r) {
					own = append(own, r)
				}
			}
			d := s.delivery(e, own)
			return len(own) > 0 && e.RecipientID == id && (d == index.Delivered || d == index.Unknown)
		}
		given := s.where(has)
		if len(given) == 0 {
			continue
		}
		last := given[len(given)-1]
		n := index.Notice{
			Recipient: index.Recipient{ID: id, Kind: last.RecipientKind, Country: last.RecipientCountry},
			First:     given[0].Time, Last: last.Time,
			Categories: s.distinct(has, func(e audit.Event) []string { return e.Categories }),
		}
		for _, e := range given {
			has(e)
			if s.delivery(e, own) == index.Delivered {
				n.Delivered++
			} else {
				n.Unknown++
			}
		}
		n.Notified = len(s.where(func(e audit.Event) bool {
			return e.Name == audit.RightsNotification && e.Outcome == audit.Done && e.RecipientID == id && e.Seq > last.Seq && meets(e.DataSubjectRefs, refs)
		})) > 0
		want = append(want, n)
	}
	assert.Equal(t, want, got.Notices)
}

func (s scan) checkTotals(t *rapid.T, x *index.Index, p index.Period) {
	got, err := x.Totals(t.Context(), asker, p)
	require.NoError(t, err)
	want := []index.Total{}
	for _, purpose := range []string{"", "p1", "p2"} {
		for _, basis := range []string{"", "gdpr:6-1-b"} {
			named := func(names ...audit.Name) func(audit.Event) bool {
				return func(e audit.Event) bool {
					return in(p, e) && e.Purpose == purpose && e.Basis == basis && slices.Contains(names, e.Name)
				}
			}
			all := []audit.Name{audit.AccessRead, audit.AccessShare, audit.AccessBreakGlass, audit.AccessDenied, audit.ReleaseAborted}
			if len(s.where(named(all...))) == 0 {
				continue
			}
			count := func(n audit.Name) int { return len(s.distinct(named(n), decision)) }
			out := named(all[:3]...)
			want = append(want, index.Total{
				Purpose: purpose, Basis: basis, Reads: count(all[0]), Shares: count(all[1]), BreakGlass: count(all[2]),
				Denied: count(all[3]), Aborted: count(all[4]),
				DataSubjects: len(s.distinct(out, func(e audit.Event) []string { return e.DataSubjectRefs })),
				Recipients:   s.distinct(out, func(e audit.Event) []string { return []string{e.RecipientID} }),
				Countries:    s.distinct(out, func(e audit.Event) []string { return []string{e.RecipientCountry} }),
				Categories:   s.distinct(out, func(e audit.Event) []string { return e.Categories }),
				Special:      len(s.where(func(e audit.Event) bool { return out(e) && e.Special })) > 0,
			})
		}
	}
	assert.Equal(t, want, got.Totals)
}

func (s scan) checkAnomalies(t *rapid.T, x *index.Index, p index.Period) {
	th := index.Thresholds{Denials: rapid.IntRange(1, 4).Draw(t, "denials"), Breadth: rapid.IntRange(1, 4).Draw(t, "breadth")}
	got, err := x.Anomalies(t.Context(), asker, p, th)
	require.NoError(t, err)
	denials, breadth, pairs := []index.Hour{}, []index.Hour{}, []index.Pair{}
	for h := time.Date(2026, 3, 25, 0, 0, 0, 0, time.UTC); h.Year() == 2026 && h.Month() < 4; h = h.Add(time.Hour) {
		for _, who := range append([]string{""}, set([]string{principal(0), principal(1), principal(2)})...) {
			here := func(e audit.Event) bool {
				return in(p, e) && e.PrincipalRef == who && e.Time.Truncate(time.Hour).Equal(h)
			}
			n := len(s.distinct(func(e audit.Event) bool { return here(e) && e.Name == audit.AccessDenied }, decision))
			for _, e := range s.where(func(e audit.Event) bool { return here(e) && e.Name == audit.TrailSuppressed }) {
				n += int(e.N)
			}
			if n >= th.Denials {
				denials = append(denials, index.Hour{Principal: who, Hour: h, Count: n})
			}
			n = len(s.distinct(func(e audit.Event) bool { return here(e) && isRelease(e) }, func(e audit.Event) []string { return e.DataSubjectRefs }))
			if n >= th.Breadth {
				breadth = append(breadth, index.Hour{Principal: who, Hour: h, Count: n})
			}
		}
	}
	seen := map[[2]string]bool{}
	for _, e := range s {
		if key := [2]string{e.PrincipalRef, e.Purpose}; isRelease(e) && e.PrincipalRef != "" && e.Purpose != "" && !seen[key] {
			seen[key] = true
			if in(p, e) {
				pairs = append(pairs, index.Pair{Principal: e.PrincipalRef, Purpose: e.Purpose, Seq: e.Seq, Time: e.Time})
			}
		}
	}
	assert.Equal(t, denials, got.Denials)
	assert.Equal(t, breadth, got.Breadth)
	assert.Equal(t, pairs, got.NewPairs)
}
