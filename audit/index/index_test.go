package index_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/audit/index"
)

// share is an event with everything that leads to an employee.
func share() audit.Event {
	return audit.Event{
		Name: audit.AccessShare, Outcome: audit.Permitted, Mode: audit.Enforce, Reason: "canary.reason",
		PrincipalRef: principal(7), PrincipalRoles: []string{"canary-role"}, RecipientID: "acme-bank", RecipientKind: "controller",
		RecipientCountry: "NL", DataSubjectRefs: []string{person(1), person(2)}, Fields: []string{"Income"}, Categories: []string{"finance"},
		Purpose: "credit", Basis: "gdpr:6-1-b", BasisRef: "canary-evidence", Clause: "FX-2.3.1", DecisionID: strings.Repeat("c0", 16),
		PolicyEngine: "canary-engine", PolicyDigest: "sha256:" + strings.Repeat("ca", 32), TraceID: strings.Repeat("cb", 16),
	}
}

func heartbeats(t testing.TB, n int) *audittest.Recorder {
	trail := audittest.NewRecorder(nil)
	for range n {
		add(t, trail, audit.Event{Name: audit.TrailHeartbeat})
	}
	return trail
}

func TestUpdatesAreIdempotentAndMayCompete(t *testing.T) {
	trail := heartbeats(t, 2500)
	db := database(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	total := 0
	for range 4 {
		x := newIndex(t, db, trail, trail)
		wg.Go(func() {
			n, err := x.Update(context.Background())
			assert.NoError(t, err)
			mu.Lock()
			defer mu.Unlock()
			total += n
		})
	}
	wg.Wait()
	assert.Equal(t, 2500, total)
	var rows int
	require.NoError(t, db.QueryRow("SELECT count(*) FROM index_event").Scan(&rows))
	assert.Equal(t, 2500, rows)
	x := newIndex(t, db, trail, trail)
	n, err := x.Update(t.Context())
	require.NoError(t, err)
	assert.Zero(t, n)
	n, err = x.Rebuild(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 2500, n)
	at, err := x.At(t.Context())
	require.NoError(t, err)
	head, err := trail.Head(t.Context())
	require.NoError(t, err)
	assert.Equal(t, head, at)
}

func TestAnIndexOfAnotherHistoryIsRefused(t *testing.T) {
	db, trail := database(t), heartbeats(t, 5)
	update(t, newIndex(t, db, trail, trail))
	for name, other := range map[string]index.Source{
		"shorter": heartbeats(t, 3), "rewritten": heartbeats(t, 5), "renamed": renamed{trail},
	} {
		_, err := index.Open(t.Context(), db, other, trail)
		require.ErrorIs(t, err, index.ErrForked, name)
	}
	longer := heartbeats(t, 9)
	x, err := index.Open(t.Context(), db, longer, trail)
	require.NoError(t, err, "its chain tells only when it is read")
	_, err = x.Update(t.Context())
	require.ErrorIs(t, err, index.ErrForked)
	n, err := x.Rebuild(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 9, n)
}

type renamed struct{ *audittest.Recorder }

func (r renamed) Head(ctx context.Context) (audit.Head, error) {
	h, err := r.Recorder.Head(ctx)
	h.Stream = "another"
	return h, err
}

type failing struct {
	*audittest.Recorder
	err error
}

func (f failing) Read(context.Context, uint64) iter.Seq2[audit.Event, error] {
	return func(yield func(audit.Event, error) bool) { yield(audit.Event{}, f.err) }
}

func TestATrailThatCannotBeReadIsNamed(t *testing.T) {
	for want, cause := range map[error]error{index.ErrGap: audit.ErrPruned, index.ErrSource: errors.New("jane@example.com")} {
		trail := heartbeats(t, 1)
		_, err := newIndex(t, database(t), failing{trail, cause}, trail).Update(t.Context())
		require.ErrorIs(t, err, want)
		assert.NotContains(t, err.Error(), "jane")
	}
}

// TestWhatIsPrunedFromTheTrailLeavesTheIndex, persons included.
func TestWhatIsPrunedFromTheTrailLeavesTheIndex(t *testing.T) {
	trail, db := audittest.NewRecorder(nil), database(t)
	add(t, trail, share(), share(), share())
	x := newIndex(t, db, trail, trail)
	update(t, x)
	whole, err := x.AboutPerson(t.Context(), asker, []string{person(9)})
	require.NoError(t, err)
	assert.EqualValues(t, 1, whole.Known.From)
	assert.False(t, whole.Known.Pruned())
	add(t, trail, audit.Event{Name: audit.TrailPruned, N: 2})
	update(t, x)
	got, err := x.AboutPerson(t.Context(), asker, []string{person(1)})
	require.NoError(t, err)
	require.Len(t, got.Entries, 1)
	assert.EqualValues(t, 3, got.Entries[0].Event.Seq)
	assert.EqualValues(t, 3, got.Known.From, "the answer says where it begins")
	assert.True(t, got.Known.Pruned())
	assert.True(t, got.Known.Since.Equal(got.Entries[0].Event.Time))
	var text strings.Builder
	require.NoError(t, got.WriteText(&text))
	assert.Contains(t, text.String(), "from seq 3 on, what came before was pruned")
	var left int
	require.NoError(t, db.QueryRow("SELECT count(*) FROM index_person WHERE seq <= 2").Scan(&left))
	assert.Zero(t, left)
}

func TestADamagedIndexGivesNoAnswer(t *testing.T) {
	trail, db := audittest.NewRecorder(nil), database(t)
	add(t, trail, share())
	x := newIndex(t, db, trail, trail)
	update(t, x)
	_, err := db.Exec("UPDATE index_event SET line = CAST(replace(CAST(line AS TEXT), 'access.share', 'jane@x') AS BLOB)")
	require.NoError(t, err)
	_, err = x.AboutPerson(t.Context(), asker, []string{person(1)})
	require.ErrorIs(t, err, index.ErrDamaged)
	_, err = db.Exec("DROP TABLE index_person")
	require.NoError(t, err)
	_, err = x.AboutPerson(t.Context(), asker, []string{person(1)})
	require.ErrorIs(t, err, index.ErrDatabase)
	assert.Equal(t, "index: report: the database failed", err.Error())
	_, err = db.Exec("UPDATE index_meta SET version = 2")
	require.NoError(t, err)
	_, err = index.Open(t.Context(), db, trail, trail)
	require.ErrorIs(t, err, index.ErrSchema)
}

func TestAContextThatEndedIsSaid(t *testing.T) {
	trail := heartbeats(t, 3)
	x := newIndex(t, database(t), trail, trail)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := x.Update(ctx)
	require.ErrorIs(t, err, context.Canceled)
	for name, ask := range questions(x) {
		_, err := ask(ctx, asker)
		require.Error(t, err, name)
	}
}

func TestTablesForPeople(t *testing.T) {
	now := time.Date(2026, 3, 26, 12, 0, 0, 0, time.UTC)
	trail := audittest.NewRecorder(func() time.Time { return now })
	delivered := share()
	delivered.Name, delivered.Outcome = audit.ShareDelivered, audit.Done
	add(t, trail, share(), delivered)
	for i := range 3 {
		add(t, trail, audit.Event{Name: audit.AccessDenied, Outcome: audit.Denied, Mode: audit.Enforce, Reason: "no.basis", PrincipalRef: principal(7), Purpose: "credit", DecisionID: fmt.Sprintf("%032x", i)})
	}
	x := newIndex(t, database(t), trail, audittest.NewRecorder(nil))
	update(t, x)
	var b strings.Builder
	notify, err := x.ToNotify(t.Context(), asker, []string{person(2)})
	require.NoError(t, err)
	require.NoError(t, notify.WriteText(&b))
	totals, err := x.Totals(t.Context(), asker, index.Period{})
	require.NoError(t, err)
	require.NoError(t, totals.WriteText(&b))
	odd, err := x.Anomalies(t.Context(), asker, index.Period{}, index.Thresholds{Denials: 3, Breadth: 2})
	require.NoError(t, err)
	require.NoError(t, odd.WriteText(&b))
	assert.Equal(t, squeeze(`RECIPIENT       KIND        FIRST                 LAST                  DELIVERED  UNKNOWN  NOTIFIED  CATEGORIES
acme-bank (NL)  controller  2026-03-26 12:00:00Z  2026-03-26 12:00:00Z  1          0        no        finance
1 rows, of stream recorder up to seq 5
PURPOSE  BASIS       READS  SHARES  BREAK GLASS  DENIED  ABORTED  DATA SUBJECTS  RECIPIENTS  COUNTRIES  CATEGORIES
credit   -           0      0       0            3       0        0              -           -          -
credit   gdpr:6-1-b  0      1       0            0       0        2              acme-bank   NL         finance
2 rows, of stream recorder up to seq 5
WHAT      WHEN                  PRINCIPAL  COUNT  PURPOSE
denials   2026-03-26 12:00:00Z  PRINCIPAL  3      -
breadth   2026-03-26 12:00:00Z  PRINCIPAL  2      -
new pair  2026-03-26 12:00:00Z  PRINCIPAL  -      credit
3 rows, of stream recorder up to seq 5
`), squeeze(strings.ReplaceAll(b.String(), principal(7), "PRINCIPAL")))
}

// squeeze makes one space of several: columns are as wide as names are long.
func squeeze(s string) string { return regexp.MustCompile(" +").ReplaceAllString(s, " ") }
