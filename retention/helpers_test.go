package retention_test

import (
	"testing"
	"time"
	_ "time/tzdata" // the tests do not depend on the machine's zones

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/retention"
)

var (
	copenhagen = retention.MustZone("Europe/Copenhagen")
	stockholm  = retention.MustZone("Europe/Stockholm")
	amsterdam  = retention.MustZone("Europe/Amsterdam")
)

func period(s string) retention.Period { return retention.MustPeriod(s) }

func date(s string) retention.Date { return retention.MustDate(s) }

// instant reads RFC 3339, or a day as its first instant in the zone.
func instant(t testing.TB, s string, zone *time.Location) time.Time {
	t.Helper()
	if len(s) == len(time.DateOnly) {
		return date(s).StartIn(zone)
	}
	at, err := time.Parse(time.RFC3339Nano, s)
	require.NoError(t, err)
	return at
}

// events reads pairs of a key and an instant.
func events(t testing.TB, zone *time.Location, pairs ...string) []retention.Event {
	t.Helper()
	var list []retention.Event
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, retention.Event{Key: pairs[i], At: instant(t, pairs[i+1], zone)})
	}
	return list
}

// ceilingRule is a rule that is anchored to one event and has a ceiling.
func ceilingRule(key, event, ceiling string) *retention.Rule {
	return &retention.Rule{
		Key: key, Clause: "T-1",
		Anchor:  retention.Anchor{Kind: retention.OnEvent, Events: []string{event}},
		Ceiling: period(ceiling),
	}
}

func decide(t testing.TB, f *retention.Facts, at time.Time, rules ...*retention.Rule) retention.Answer {
	t.Helper()
	answer, err := retention.Decide(rules, f, at)
	require.NoError(t, err)
	readable, cause := retention.Readable(rules, f, at)
	require.Equal(t, answer.Readable, readable, "the read path must agree: %v, %v", answer.ReadBecause, cause)
	return answer
}
