package rights_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

func dutch(s *purpose.Spec) {
	s.Controller.Country, s.Controller.Zone = "NL", "Europe/Amsterdam"
	s.Rights = []purpose.Right{{Kind: purpose.AccessRight, Clause: "10.1", Within: period("P30D"), Warn: period("P28D"), Aim: 5}}
}

// GDPR Art. 12(3), Reg. 1182/71 Art. 3; a month of 31 January ends with February, a Christmas Day moves on.
func TestDeadlines(t *testing.T) {
	for name, c := range map[string]struct {
		edit     func(*purpose.Spec)
		received string
		told     string
		by       string
		due      string
		aim      string
		refused  rights.Code
	}{
		"one month from the last of January":           {nil, "2024-01-31", "", "", "2024-02-29", "", ""},
		"a public holiday moves it":                    {nil, "2024-11-25", "", "", "2024-12-27", "", ""},
		"a Saturday moves it":                          {nil, "2024-05-08", "", "", "2024-06-10", "", ""},
		"extended in time, both count from receipt":    {nil, "2024-01-31", "2024-02-28", "", "2024-04-30", "", ""},
		"extended on the last day":                     {nil, "2024-01-31", "2024-02-29", "P2M", "2024-04-30", "", ""},
		"extended by one month":                        {nil, "2024-01-31", "2024-02-10", "P1M", "2024-04-02", "", ""}, // 31 March is Easter Sunday, 1 April its Monday
		"extended too late":                            {nil, "2024-01-31", "2024-03-05", "P2M", "2024-02-29", "", rights.CodeExtensionLate},
		"extended before it was asked":                 {nil, "2024-01-31", "2024-01-30", "P2M", "2024-02-29", "", rights.CodeExtensionLate},
		"extended by too much":                         {nil, "2024-01-31", "2024-02-10", "P3M", "2024-02-29", "", rights.CodeExtensionLong},
		"told within the moved month":                  {nil, "2024-11-25", "2024-12-26", "", "2025-02-25", "", ""},
		"thirty days, a Sunday, and five working days": {dutch, "2017-12-22", "", "", "2018-01-22", "2018-01-03", ""},
		"thirty days":                                  {dutch, "2017-10-02", "", "", "2017-11-01", "2017-10-09", ""},
		"at once":                                      {func(s *purpose.Spec) { s.Rights[0].Within = period("P0D") }, "2024-03-05", "", "", "2024-03-05", "", ""},
		"at once, and two months more":                 {func(s *purpose.Spec) { s.Rights[0].Within = period("P0D") }, "2024-03-05", "2024-03-05", "", "2024-05-06", "", ""},
		"a year, a month and ten days, and more": {func(s *purpose.Spec) {
			s.Rights[0].Within, s.Rights[0].Extension = period("P1Y1M10D"), period("P11M20D")
		}, "2022-03-01", "2022-03-02", "", "2024-04-02", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var edits []func(*purpose.Spec)
			if c.edit != nil {
				edits = append(edits, c.edit)
			}
			w := newWorld(t, edits...)
			timing := rights.Timing{Received: on(c.received)}
			if c.told != "" {
				timing.Told = on(c.told).Add(time.Hour)
			}
			if c.by != "" {
				timing.Extension = period(c.by)
			}
			clock, err := w.desk.Due(purpose.AccessRight, timing)
			require.NoError(t, err)
			assert.Equal(t, c.due, clock.Due.String())
			assert.Equal(t, c.aim, clock.Aim.String())
			assert.Equal(t, c.refused, clock.Refused)
			assert.Equal(t, c.told != "" && c.refused == "", clock.Extended)
			assert.Equal(t, clock.Due.EndIn(w.register.Zone()), clock.DueAt)
		})
	}
}

func TestTheAimAndTheDutyAreTwoClocks(t *testing.T) {
	w := newWorld(t, dutch)
	zone := retention.MustZone("Europe/Amsterdam")
	at := func(day string) time.Time { return retention.MustDate(day).StartIn(zone) }
	clock, err := w.desk.Due(purpose.AccessRight, rights.Timing{Received: at("2017-10-02").Add(9 * time.Hour)})
	require.NoError(t, err)
	for _, c := range []struct {
		at           time.Time
		all          rights.Progress
		legal, aimed rights.Progress
	}{
		{at("2017-10-02").Add(10 * time.Hour), rights.Open, rights.Open, rights.Open},
		{at("2017-10-10").Add(-1), rights.Open, rights.Open, rights.Open},
		{at("2017-10-10"), rights.AimMissed, rights.Open, rights.AimMissed},
		{at("2017-10-30").Add(-1), rights.AimMissed, rights.Open, rights.AimMissed},
		{at("2017-10-30"), rights.Warned, rights.Warned, rights.AimMissed},
		{at("2017-11-02").Add(-1), rights.Warned, rights.Warned, rights.AimMissed},
		{at("2017-11-02"), rights.Overdue, rights.Overdue, rights.AimMissed},
	} {
		assert.Equal(t, c.all, clock.Progress(c.at), c.at)
		assert.Equal(t, c.legal, clock.Legal(c.at), c.at)
		assert.Equal(t, c.aimed, clock.Own(c.at), c.at)
	}
	clock.Answered = at("2017-10-20")
	assert.Equal(t, rights.AimMissed, clock.Progress(at("2017-10-19")), "not answered yet")
	assert.Equal(t, rights.Answered, clock.Progress(at("2017-12-01")))
	assert.Equal(t, rights.AimMissed, clock.Own(at("2017-12-01")))
	clock.Answered = at("2017-11-02")
	assert.Equal(t, rights.AnsweredLate, clock.Progress(at("2017-12-01")))
}

func TestDeadlinesThatCannotBeCountedAreErrors(t *testing.T) {
	w := newWorld(t)
	for name, f := range map[string]func() (rights.Clock, error){
		"no receipt":    func() (rights.Clock, error) { return w.desk.Due(purpose.AccessRight, rights.Timing{}) },
		"no right":      func() (rights.Clock, error) { return w.desk.Due(0, rights.Timing{Received: w.now}) },
		"no such right": func() (rights.Clock, error) { return w.desk.Due(99, rights.Timing{Received: w.now}) },
		"no calendar": func() (rights.Clock, error) {
			return rights.Due(w.register, nil, purpose.AccessRight, rights.Timing{Received: w.now})
		},
		"no register": func() (rights.Clock, error) {
			return rights.Due(nil, retention.Denmark(), purpose.AccessRight, rights.Timing{Received: w.now})
		},
		"a year without a calendar": func() (rights.Clock, error) {
			return w.desk.Due(purpose.AccessRight, rights.Timing{Received: on("2180-01-01")})
		},
		"answered before it came": func() (rights.Clock, error) {
			return w.desk.Due(purpose.AccessRight, rights.Timing{Received: w.now, Answered: w.now.Add(-1)})
		},
	} {
		clock, err := f()
		assert.Error(t, err, name)
		assert.Zero(t, clock, name)
	}
}

func TestACountryWithoutAKnownCalendarNeedsOne(t *testing.T) {
	s := spec()
	s.Controller.Country = "FR"
	register, err := purpose.Compile(s)
	require.NoError(t, err)
	w := newWorld(t)
	_, err = rights.NewDesk(register, w.ledger, w.trail, rights.WithPseudonyms(w.names))
	assert.ErrorContains(t, err, "calendar")
	_, err = rights.NewDesk(register, w.ledger, w.trail, rights.WithPseudonyms(w.names), rights.WithCalendar(retention.Denmark()))
	assert.NoError(t, err)
}
