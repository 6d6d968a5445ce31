package retention_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/retention"
)

// benchFacts is a customer with a handful of events.
func benchFacts(t testing.TB) *retention.Facts {
	years, err := retention.FinancialYearsEnding(time.December, 31, 2000, 2040)
	require.NoError(t, err)
	return &retention.Facts{
		Zone: copenhagen, Years: years,
		Events: events(t, copenhagen, "customer_relation_started", "2015-03-01", "application_filed", "2015-02-01", "dated", "2019-01-20",
			"site_visit", "2023-05-10T09:00:00+02:00", "recorded", "2024-05-10T09:00:00+02:00", "customer_relation_ended", "2019-06-30"),
		Answers: []retention.Necessity{{Question: "relevant_or_documentation", Necessary: true, At: instant(t, "2024-01-01", copenhagen)}},
		Holds:   []retention.Span{{Ref: "H-1", From: instant(t, "2022-01-01", copenhagen), Until: instant(t, "2022-06-01", copenhagen)}},
	}
}

var benchRules = []struct {
	name  string
	rules []*retention.Rule
}{
	{"event", []*retention.Rule{notices["fx.ret.own_cookies"]}},
	{"relation", []*retention.Rule{notices["ar.ret.customer"]}},
	{"financial-year", []*retention.Rule{notices["ar.ret.bookkeeping"]}},
	{"elapsed", []*retention.Rule{notices["df.ret.cctv"]}},
	{"criterion", []*retention.Rule{notices["fx.ret.partner"]}},
	{"three-rules", []*retention.Rule{notices["fx.ret.own_cookies"], notices["ar.ret.bookkeeping"], notices["fx.ret.partner"]}},
}

func TestDecidingDoesNotAllocate(t *testing.T) {
	f := benchFacts(t)
	at := instant(t, "2024-03-11T12:00:00+01:00", copenhagen)
	for _, c := range benchRules {
		assert.Zero(t, testing.AllocsPerRun(100, func() { retention.Readable(c.rules, f, at) }), "Readable %s", c.name)
		assert.Zero(t, testing.AllocsPerRun(100, func() { c.rules[0].ReadableAt(f, at) }), "ReadableAt %s", c.name)
		assert.Zero(t, testing.AllocsPerRun(100, func() { _, _ = retention.Decide(c.rules, f, at) }), "Decide %s", c.name)
	}
	answer := decide(t, f, at, notices["ar.ret.customer"])
	assert.Zero(t, testing.AllocsPerRun(100, func() { retention.Combine(answer, answer) }))
}

func BenchmarkReadable(b *testing.B) {
	f := benchFacts(b)
	at := instant(b, "2024-03-11T12:00:00+01:00", copenhagen)
	for _, c := range benchRules {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				retention.Readable(c.rules, f, at)
			}
		})
	}
}

// Near the end of the period the zone has to be asked once more.
func BenchmarkReadableAt(b *testing.B) {
	f, rule := benchFacts(b), notices["fx.ret.own_cookies"]
	for name, day := range map[string]string{"plain": "2024-03-01", "on-the-last-day": "2024-05-10"} {
		at := instant(b, day, copenhagen)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				rule.ReadableAt(f, at)
			}
		})
	}
}

func BenchmarkDecide(b *testing.B) {
	f := benchFacts(b)
	at := instant(b, "2024-03-11T12:00:00+01:00", copenhagen)
	for _, c := range benchRules {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := retention.Decide(c.rules, f, at); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParsePeriod(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := retention.ParsePeriod("P1Y6M"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEndOfDay(b *testing.B) {
	day := date("2024-06-30")
	b.ReportAllocs()
	for b.Loop() {
		day.EndIn(copenhagen)
	}
}
