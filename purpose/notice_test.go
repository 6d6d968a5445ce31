package purpose_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

func TestNoticeInForce(t *testing.T) {
	r, err := purpose.Compile(sound())
	require.NoError(t, err)
	day := func(text string) time.Time {
		at, err := time.ParseInLocation("2006-01-02 15:04:05.999999999", text, r.Zone())
		require.NoError(t, err)
		return at
	}
	for at, want := range map[time.Time]string{
		{}: "", day("2021-12-31 23:59:59.999999999"): "",
		day("2022-01-01 00:00:00"): "2.3", day("2022-06-30 12:00:00"): "2.3",
		day("2022-12-31 23:59:59.999999999"): "2.3", // the last day is in force to its end
		day("2023-01-01 00:00:00"):           "",    // between two versions
		day("2023-01-31 23:59:59"):           "",
		day("2023-02-01 00:00:00"):           "2.4", day("2923-02-01 00:00:00"): "2.4",
	} {
		i, version, ok := r.NoticeAt(at)
		assert.Equal(t, want, version, at)
		assert.Equal(t, want != "", ok)
		if ok {
			assert.Equal(t, want, r.Spec().Notices[i].Version, "the index is that of the register's list")
		}
		assert.Equal(t, want == "2.4", r.ObjectionNotified(at), "only this version tells of the right to object")
		_, same, _ := r.NoticeAt(at.UTC())
		assert.Equal(t, want, same, "an instant is one in every zone")
	}
}

func TestNoticeEndsWhereTheNextBegins(t *testing.T) {
	s := bare()
	s.Notices = []purpose.Notice{{Version: "1", From: "2020-01-01"}, {Version: "2", From: "2021-01-01"}, {Version: "3", From: "2022-01-01", Through: "2022-01-01"}}
	r, err := purpose.Compile(s)
	require.NoError(t, err)
	next := time.Date(2021, 1, 1, 0, 0, 0, 0, r.Zone())
	_, v, _ := r.NoticeAt(next.Add(-1))
	assert.Equal(t, "1", v)
	_, v, _ = r.NoticeAt(next)
	assert.Equal(t, "2", v)
	oneDay := time.Date(2022, 1, 1, 0, 0, 0, 0, r.Zone())
	_, v, _ = r.NoticeAt(oneDay.AddDate(0, 0, 1).Add(-1))
	assert.Equal(t, "3", v)
	_, _, ok := r.NoticeAt(oneDay.AddDate(0, 0, 1))
	assert.False(t, ok, "the last one ended and nothing follows")
}

// Days begin and end by the clocks of the controller's zone, also where they leap.
func TestDaysFollowTheZone(t *testing.T) {
	for _, c := range []struct {
		zone, from, through string
		begins, ends        string // UTC
	}{
		{"Europe/Copenhagen", "2024-03-31", "2024-03-31", "2024-03-30T23:00:00Z", "2024-03-31T22:00:00Z"}, // 23 hours
		{"Europe/Copenhagen", "2024-10-27", "2024-10-27", "2024-10-26T22:00:00Z", "2024-10-27T23:00:00Z"}, // 25 hours
		{"UTC", "2024-02-29", "2024-02-29", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"},
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"}, // no midnight
		{"Asia/Kathmandu", "2024-01-01", "2024-12-31", "2023-12-31T18:15:00Z", "2024-12-31T18:15:00Z"},
	} {
		s := bare()
		s.Controller.Zone, s.Notices[0].From, s.Notices[0].Through = c.zone, c.from, c.through
		r, err := purpose.Compile(s)
		require.NoError(t, err)
		begins, err := time.Parse(time.RFC3339, c.begins)
		require.NoError(t, err)
		ends, err := time.Parse(time.RFC3339, c.ends)
		require.NoError(t, err)
		for at, want := range map[time.Time]bool{begins.Add(-1): false, begins: true, ends.Add(-1): true, ends: false} {
			_, _, ok := r.NoticeAt(at)
			assert.Equal(t, want, ok, "%s %s at %s", c.zone, c.from, at.Format(time.RFC3339Nano))
		}
		zone := retention.MustZone(c.zone)
		assert.True(t, ends.Equal(retention.MustDate(c.through).EndIn(zone)), "as retention counts")
	}
}

func TestWhatIsInForce(t *testing.T) {
	r, err := purpose.Compile(sound())
	require.NoError(t, err)
	at := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 12, 0, 0, 0, r.Zone()) }
	now := at(2025, 5, 5)

	assert.True(t, r.LawInForce("dk.hvl", now))
	assert.True(t, r.LawInForce("dk.dbl.11", time.Time{}), "a law without dates is always in force")
	assert.False(t, r.LawInForce("dk.hvl", at(2017, 12, 31)))
	assert.True(t, r.LawInForce("dk.hvl", at(2039, 12, 31)))
	assert.False(t, r.LawInForce("dk.hvl", at(2040, 1, 1)))
	assert.False(t, r.LawInForce("dk.hv", now))

	for _, c := range []struct {
		assessment, purpose string
		at                  time.Time
		known, valid        bool
	}{
		{"lia-1", "statistics", now, true, true},
		{"lia-1", "statistics", at(2021, 12, 31), true, false},
		{"lia-1", "statistics", at(2030, 1, 2), true, false},
		{"lia-1", "newsletter", now, true, false},
		{"lia-2", "statistics", now, false, false},
	} {
		known, valid := r.AssessmentValid(c.assessment, c.purpose, c.at)
		assert.Equal(t, c.known, known, c)
		assert.Equal(t, c.valid, valid, c)
	}

	assert.True(t, r.AgreementInForce("mailer", now))
	assert.False(t, r.AgreementInForce("mailer", at(2031, 1, 1)))
	assert.False(t, r.AgreementInForce("workshop", now), "it has none")
	assert.False(t, r.AgreementInForce("nobody", now))

	assert.True(t, inForce(r.SafeguardInForce("mailer", "US", purpose.SCC, now)))
	assert.False(t, inForce(r.SafeguardInForce("mailer", "US", purpose.BCR, now)))
	assert.False(t, inForce(r.SafeguardInForce("mailer", "IN", purpose.SCC, now)))
	assert.False(t, inForce(r.SafeguardInForce("mailer", "US", purpose.SCC, at(2030, 1, 2))))
	assert.False(t, inForce(r.SafeguardInForce("nobody", "US", purpose.SCC, now)))
}

func inForce(_ *basis.Claim, ok bool) bool { return ok }
