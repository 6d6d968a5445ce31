package index_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	_ "modernc.org/sqlite"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/audit/index"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func database(t testing.TB) *sql.DB {
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "index.db"))
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.Zero(t, db.Stats().InUse, "connections kept")
		assert.NoError(t, db.Close())
	})
	return db
}

func person(i int) string    { return audit.DataSubject.Alias([16]byte{1, byte(i)}) }
func principal(i int) string { return audit.Principal.Alias([16]byte{2, byte(i)}) }

var asker = index.Asker{Principal: principal(99), Purpose: "audit.review"}

// clock steps by minutes, and now and then back.
type clock struct {
	now  time.Time
	step func() time.Duration
}

func (c *clock) next() time.Time {
	c.now = c.now.Add(c.step())
	return c.now
}

func add(t testing.TB, trail audit.Trail, events ...audit.Event) {
	t.Helper()
	require.NoError(t, trail.Append(context.Background(), events))
}

func newIndex(t testing.TB, db *sql.DB, source index.Source, records index.Recorder) *index.Index {
	t.Helper()
	x, err := index.Open(context.Background(), db, source, records)
	require.NoError(t, err)
	return x
}

func update(t testing.TB, x *index.Index) {
	t.Helper()
	_, err := x.Update(context.Background())
	require.NoError(t, err)
}

// event draws an event of any kind, among few principals, persons and recipients, so that they meet.
func event(t *rapid.T) audit.Event {
	names := []audit.Name{
		audit.AccessRead, audit.AccessRead, audit.AccessShare, audit.AccessShare, audit.AccessDenied, audit.AccessBreakGlass,
		audit.ShareDelivered, audit.ShareDelivered, audit.ReleaseAborted, audit.RightsNotification, audit.RightsErasure,
		audit.TrailSuppressed, audit.TrailHeartbeat, audit.DataSubjectErased,
	}
	maybe := func(s string) string {
		if rapid.Bool().Draw(t, "said") {
			return s
		}
		return ""
	}
	e := audit.Event{
		Name:         rapid.SampledFrom(names).Draw(t, "name"),
		Outcome:      rapid.SampledFrom([]audit.Outcome{audit.Permitted, audit.Partial, audit.Denied, audit.Aborted, audit.Done, audit.Failed}).Draw(t, "outcome"),
		Mode:         rapid.SampledFrom([]audit.Mode{audit.Enforce, audit.Observe, audit.BreakGlass}).Draw(t, "mode"),
		Reason:       rapid.SampledFrom([]string{"some.reason", "release.delivery-failed", "release.delivery-unknown", "release.delivery-panic"}).Draw(t, "reason"),
		N:            uint64(rapid.IntRange(1, 5).Draw(t, "n")),
		PrincipalRef: principal(rapid.IntRange(0, 2).Draw(t, "principal")), PrincipalRoles: []string{"clerk"},
		RecipientID: fmt.Sprint("r", rapid.IntRange(0, 2).Draw(t, "recipient")), RecipientKind: "processor",
		RecipientCountry: maybe("NL"), Fields: []string{"Name"},
		Categories: rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 3, rapid.ID).Draw(t, "categories"),
		Special:    rapid.Bool().Draw(t, "special"), Purpose: rapid.SampledFrom([]string{"p1", "p2"}).Draw(t, "purpose"),
		Basis: maybe("gdpr:6-1-b"), Clause: maybe("FX-1"), DecisionID: fmt.Sprintf("%032x", rapid.IntRange(1, 12).Draw(t, "decision")),
	}
	for i := range 4 {
		if rapid.Bool().Draw(t, "about") {
			e.DataSubjectRefs = append(e.DataSubjectRefs, person(i))
		}
	}
	switch e.Name {
	case audit.AccessRead:
		e.RecipientID, e.RecipientKind, e.RecipientCountry = "", "", ""
	case audit.TrailSuppressed:
		e.PrincipalRef = maybe(e.PrincipalRef)
	case audit.AccessDenied:
		e.PrincipalRef, e.Purpose = maybe(e.PrincipalRef), maybe(e.Purpose)
	}
	return e
}

// randomTrail draws a trail whose clock also goes back.
func randomTrail(t *rapid.T) *audittest.Recorder {
	c := &clock{now: time.Date(2026, 3, 26, 12, 0, 0, 0, time.UTC)}
	c.step = func() time.Duration { return time.Duration(rapid.IntRange(-20, 40).Draw(t, "minutes")) * time.Minute }
	trail := audittest.NewRecorder(c.next)
	list := rapid.SliceOfN(rapid.Custom(event).Filter(func(e audit.Event) bool { return e.Validate() == nil }), 0, 40).Draw(t, "events")
	for _, e := range list {
		if err := trail.Append(context.Background(), []audit.Event{e}); err != nil {
			t.Fatal(err)
		}
	}
	return trail
}
