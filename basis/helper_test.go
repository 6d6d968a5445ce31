package basis_test

import (
	"context"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
)

const person = "person-7f3a"

// day is noon UTC on a day counted from 1 January 2024.
func day(n int) time.Time { return time.Date(2024, 1, 1+n, 12, 0, 0, 0, time.UTC) }

func vocabulary() basis.Vocabulary {
	return basis.Vocabulary{
		Purposes: map[string]string{
			"marketing": "", "marketing.mail": "marketing", "marketing.ads": "marketing", "marketing.ads.offsite": "marketing.ads",
			"service": "", "service.billing": "service", "rescue": "",
		},
		Categories: map[string]string{"contact": "", "contact.name": "contact", "contact.mail": "contact", "finance": "", "finance.iban": "finance"},
		Recipients: map[string]bool{"hausbank": true, "adnet": true, "printer": true},
		Events: map[string]basis.EventMeaning{
			"enquired": {Relation: "lease", Stage: basis.Enquiry, Gives: []string{"prospect"}},
			"signed":   {Relation: "lease", Stage: basis.Active, Gives: []string{"lessee"}, Ends: []string{"prospect"}},
			"returned": {Relation: "lease", Stage: basis.Ended, Ends: []string{"lessee"}},
			"settled":  {Relation: "lease", Stage: basis.Settled},
			"joined":   {Stage: basis.Active, Gives: []string{"member", "lessee"}},
			"left":     {Stage: basis.Ended, Ends: []string{"member"}},
			"called":   {},
			"retried":  {Gives: []string{"prospect"}, Ends: []string{"prospect"}},
		},
		Scopes: map[string][]basis.ScopedPurpose{
			"newsletter": {{Purpose: "marketing.mail"}},
			"ads":        {{Purpose: "marketing.ads.offsite", Since: "v2"}, {Purpose: "marketing.mail", Since: "v1"}, {Purpose: "service.billing", Since: "v9"}},
		},
		ScopeRecipients: map[string][]string{"ads": {"adnet", "printer"}},
		Notices: []basis.NoticeSpan{
			{Version: "v1", From: day(0), Until: day(10)},
			{Version: "v2", From: day(10)},
		},
		Rules: map[string]bool{"rule.disputes": true, "rule.mail": true},
	}
}

func ptr[T any](v T) *T { return &v }

func event(id string, validAt time.Time, body basis.Body) basis.Event {
	return basis.Event{ID: id, DataSubject: person, ValidAt: validAt, RecordedAt: validAt, Body: body}
}

func fold(t testing.TB, at time.Time, events ...basis.Event) *basis.State {
	t.Helper()
	s, err := basis.Fold(ptr(vocabulary()), person, events, at, time.Time{})
	require.NoError(t, err)
	return s
}

// clock is a settable clock.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock(at time.Time) *clock { return &clock{now: at} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = at
}

// nightly multiplies a count when the long run is asked for.
func nightly(normal, long int) int {
	if os.Getenv("PURPOSEBOUND_NIGHTLY") == "1" {
		return long
	}
	return normal
}

func record(t testing.TB, r basis.Recorder, events ...basis.Event) {
	t.Helper()
	require.NoError(t, r.Record(context.Background(), events...))
}

func stateAt(t testing.TB, l basis.Ledger, validAt, knownAt time.Time) *basis.State {
	t.Helper()
	s, err := l.StateAt(context.Background(), person, validAt, knownAt)
	require.NoError(t, err)
	return s
}

func number(prefix string, n int) string { return prefix + strconv.Itoa(n) }
