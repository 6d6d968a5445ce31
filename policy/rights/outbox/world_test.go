package outbox_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/aliastable"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/audit/index"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/policy/rights/outbox"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

const person = "customer-4711-canary"

func lender() purpose.Spec {
	law := []basis.Claim{{Basis: basis.LegalObligation, Laws: []string{"hvl"}}}
	run := retention.Rule{Key: "run", Clause: "5.1", Anchor: retention.Anchor{Kind: retention.OnCaseEnd, Events: []string{"ended"}, Reopened: []string{"signed"}}, Ceiling: retention.MustPeriod("P0D")}
	recipient := func(key, title string) purpose.Recipient {
		return purpose.Recipient{Key: key, Title: title, Kind: purpose.SeparateController, Countries: []string{"DK"}}
	}
	return purpose.Spec{
		Controller: purpose.Controller{Name: "Lender A/S", Contact: "Harbour 1", Authority: "Datatilsynet", Country: "DK", Zone: "Europe/Copenhagen"},
		Notices:    []purpose.Notice{{Version: "1", From: "2018-06-01", ObjectionClause: "6.6"}},
		Purposes:   []purpose.Purpose{{Key: "loan"}, {Key: "suspect"}},
		Categories: []purpose.Category{{Key: "contact.name", Title: "Name"}, {Key: "contact.email", Title: "E-mail"}, {Key: "finance.income", Title: "Income"}},
		Capacities: []purpose.Capacity{{Key: "customer"}},
		Events: []purpose.Event{{Key: "signed", Relation: "loan", Stage: basis.Active, Gives: []string{"customer"}},
			{Key: "ended", Relation: "loan", Stage: basis.Ended, Ends: []string{"customer"}}},
		Laws:       []purpose.Law{{Key: "hvl"}},
		Recipients: []purpose.Recipient{recipient("bank", "The bank"), recipient("insurer", "Insurers"), recipient("workshop", "Workshops"), recipient("fiu", "Financial intelligence unit"), recipient("court", "Courts")},
		Retention:  []retention.Rule{run, {Key: "law", Law: "hvl", Clause: "5.2", Anchor: retention.After("signed"), Ceiling: retention.MustPeriod("P0D")}},
		Activities: []purpose.Activity{
			{Key: "lend", Purposes: []string{"loan"}, Capacities: []string{"customer"}, Categories: []string{"contact", "finance"}, Claims: []basis.Claim{{Basis: basis.Contract, Relation: "loan"}}, Retention: []string{"run"}, Clause: "2.1",
				Recipients: []purpose.Grant{{Recipient: "bank"}, {Recipient: "insurer"}, {Recipient: "workshop"}, {Recipient: "court"}}},
			{Key: "suspect", Purposes: []string{"suspect"}, Capacities: []string{"customer"}, Categories: []string{"contact.name"}, Claims: law, Retention: []string{"run"}, Clause: "2.4",
				Recipients: []purpose.Grant{{Recipient: "fiu"}, {Recipient: "court"}}},
		},
		Rights: []purpose.Right{{Kind: purpose.AccessRight, Clause: "6.1", Except: []purpose.RightException{{Purposes: []string{"suspect"}, Law: "hvl", Silent: true}}},
			{Kind: purpose.RectificationRight, Clause: "6.3"}, {Kind: purpose.RestrictionRight, Clause: "6.4"}},
	}
}

// Loan is the record of the person.
type Loan struct {
	ID     string `subject:"id"`
	Name   string `personal:"contact.name"`
	Email  string `personal:"contact.email"`
	Income string `personal:"finance.income"`
}

type permitAll struct{}

func (permitAll) Name() string   { return "all" }
func (permitAll) Digest() string { return "sha256:" + strings.Repeat("0", 64) }
func (permitAll) Decide(_ context.Context, in *policy.Input) (policy.Verdict, error) {
	return policy.Verdict{Permit: in.Fields}, nil
}

// clock that the test holds; it ticks with every look.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) look() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Millisecond)
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type world struct {
	t        testing.TB
	clock    *clock
	register *purpose.Register
	ledger   *basis.Memory
	trail    *audittest.Recorder
	names    *aliastable.Table
	index    *index.Index
	guard    *policy.Guard
	desk     *rights.Desk
	store    outbox.Store
	box      *outbox.Outbox
}

func open(t testing.TB, file string) *sql.DB {
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), file))
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func newWorld(t testing.TB) *world {
	t.Helper()
	ctx := context.Background()
	register, err := purpose.Compile(lender())
	require.NoError(t, err)
	w := &world{t: t, register: register, clock: &clock{now: time.Date(2024, 1, 10, 9, 0, 0, 0, time.UTC)}, store: outbox.NewMemory()}
	now := w.clock.look
	w.ledger = basis.NewMemory(register.Vocabulary(), basis.WithClock(now))
	w.trail = audittest.NewRecorder(now)
	key, err := audit.NewKey("2024", []byte(strings.Repeat("k", audit.MinKey)))
	require.NoError(t, err)
	keys, err := audit.NewKeys(key)
	require.NoError(t, err)
	w.names, err = aliastable.OpenSQLite(ctx, open(t, "names.db"), keys, w.trail, aliastable.Options{})
	require.NoError(t, err)
	w.index, err = index.Open(ctx, open(t, "index.db"), w.trail, w.trail)
	require.NoError(t, err)
	w.guard, err = policy.NewGuard(register, w.ledger, w.trail, permitAll{}, policy.WithClock(now), policy.WithPseudonyms(w.names))
	require.NoError(t, err)
	w.desk, err = rights.NewDesk(register, w.ledger, w.trail, rights.WithClock(now), rights.WithPseudonyms(w.names))
	require.NoError(t, err)
	w.box = w.outbox(w.index)
	require.NoError(t, w.ledger.Record(ctx, basis.Event{DataSubject: person, Body: basis.Occurred{Event: "signed"}}))
	return w
}

func (w *world) outbox(d outbox.Disclosures, more ...outbox.Option) *outbox.Outbox {
	w.t.Helper()
	b, err := outbox.New(w.register, w.store, w.trail, d, w.names, append([]outbox.Option{outbox.WithClock(w.clock.look), outbox.WithTimeout(time.Second), outbox.WithDelivery(time.Second), outbox.WithPatience(3)}, more...)...)
	require.NoError(w.t, err)
	return b
}

type nameView struct{ Name string }
type incomeView struct{ Income string }

func (w *world) request(purposeKey, recipient string) policy.Request {
	return policy.Request{Principal: policy.Principal{ID: "clerk-1", Roles: []string{"clerk"}}, Purpose: purposeKey, DataSubject: person, Recipient: recipient}
}

// work shares the name with bank and court, the income with the insurer; the workshop refuses; an authority hears of a suspicion.
func (w *world) work() {
	t, ctx := w.t, context.Background()
	loan := &Loan{ID: person, Name: "canary-name", Email: "canary-mail", Income: "canary-income"}
	require.NoError(t, policy.Send(ctx, w.guard, w.request("loan", "bank"), loan, func(context.Context, nameView) error { return nil }))
	_, err := policy.Share[incomeView](ctx, w.guard, w.request("loan", "bank"), loan)
	require.NoError(t, err)
	_, err = policy.Share[incomeView](ctx, w.guard, w.request("loan", "insurer"), loan)
	require.NoError(t, err)
	require.Error(t, policy.Send(ctx, w.guard, w.request("loan", "workshop"), loan, func(context.Context, nameView) error { return errors.New("refused") }))
	for _, to := range []string{"fiu", "court"} {
		_, err = policy.Share[nameView](ctx, w.guard, w.request("suspect", to), loan)
		require.NoError(t, err)
	}
	_, err = policy.Share[nameView](ctx, w.guard, w.request("loan", "court"), loan)
	require.NoError(t, err)
}

// grant has the desk grant a right about some categories.
func (w *world) grant(kind purpose.RightKind, categories ...string) (rights.Case, rights.Outcome) {
	w.t.Helper()
	req := rights.Request{Kind: kind, DataSubject: person, Received: w.clock.look(), Identity: rights.Proven, Ground: rights.Inaccurate, Stated: []string{"changes"}}
	for _, c := range categories {
		req.Holdings = append(req.Holdings, rights.Holding{Category: c})
	}
	o, err := w.desk.Serve(context.Background(), req)
	require.NoError(w.t, err)
	require.Equal(w.t, rights.Granted, o.Result, "%v %v", o.Reasons, o.Items)
	return rights.Case{ID: o.ID, Kind: kind, DataSubject: person, Received: req.Received}, o
}

// opened is a world with a case about the name.
func opened(t testing.TB) (*world, rights.Case, []outbox.Notice) {
	w := newWorld(t)
	w.work()
	c, o := w.grant(purpose.RectificationRight, "contact.name")
	list, err := w.box.Open(context.Background(), c, o)
	require.NoError(t, err)
	return w, c, list
}

func (w *world) notice(recipient string, list []outbox.Notice) outbox.Notice {
	w.t.Helper()
	for _, n := range list {
		if n.Recipient == recipient {
			n, err := w.store.Get(context.Background(), n.ID)
			require.NoError(w.t, err)
			return n
		}
	}
	w.t.Fatalf("no notice to %s", recipient)
	return outbox.Notice{}
}

// events of notifications, as outcome and reason.
func (w *world) events() (list []string) {
	for e, err := range w.trail.Read(context.Background(), 1) {
		require.NoError(w.t, err)
		if e.Name == audit.RightsNotification {
			list = append(list, e.RecipientID+" "+string(e.Outcome)+" "+e.Reason)
		}
	}
	return list
}
