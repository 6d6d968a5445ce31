package retention

import (
	"slices"
	"time"
)

// Years that the shipped holidays are right for, as the law stands.
const (
	firstHolidayYear = 2000
	lastHolidayYear  = 2100
)

// Holiday is a public holiday by its name in its country.
type Holiday struct {
	Date Date
	Name string
}

// Holidays is a [Calendar] of a country's public holidays from 2000 to 2100. It knows only what the general law
// says: days off by decree, agreement or custom are a caller's to add, in a Calendar of its own that asks this one.
type Holidays struct {
	country string
	of      func(year int, easter Date) []Holiday
}

var _ Calendar = Holidays{}

// Denmark returns the days that Danish law calls holy days. Constitution Day and the eves of Christmas and the new year
// are not among them.
func Denmark() Holidays { return Holidays{"DK", danish} }

// Sweden returns the public holidays of Lag (1989:253), with the three eves that Lag (1930:173) § 2 treats alike.
func Sweden() Holidays { return Holidays{"SE", swedish} }

// Netherlands returns the days of Algemene termijnenwet art. 3, Good Friday included.
func Netherlands() Holidays { return Holidays{"NL", dutch} }

// Country returns the ISO 3166 code.
func (h Holidays) Country() string { return h.country }

// Of returns the holidays of a year in order, [ErrCalendar] for a year out of range.
func (h Holidays) Of(year int) ([]Holiday, error) {
	if h.of == nil || year < firstHolidayYear || year > lastHolidayYear {
		return nil, ErrCalendar
	}
	list := h.of(year, easter(year))
	slices.SortFunc(list, func(a, b Holiday) int { return a.Date.Compare(b.Date) })
	return list, nil
}

// WorkingDay implements [Calendar].
func (h Holidays) WorkingDay(d Date) (bool, error) {
	list, err := h.Of(d.Year())
	if err != nil {
		return false, err
	}
	if w := d.Weekday(); w == time.Saturday || w == time.Sunday {
		return false, nil
	}
	return !slices.ContainsFunc(list, func(h Holiday) bool { return h.Date == d }), nil
}

func danish(year int, easter Date) []Holiday {
	list := []Holiday{
		{on(year, time.January, 1), "Nytårsdag"},
		{easter.AddDays(-3), "Skærtorsdag"},
		{easter.AddDays(-2), "Langfredag"},
		{easter, "Påskedag"},
		{easter.AddDays(1), "2. påskedag"},
		{easter.AddDays(39), "Kristi himmelfartsdag"},
		{easter.AddDays(49), "Pinsedag"},
		{easter.AddDays(50), "2. pinsedag"},
		{on(year, time.December, 25), "Juledag"},
		{on(year, time.December, 26), "2. juledag"},
	}
	if year < 2024 { // abolished by Lov nr. 214 af 6. marts 2023
		list = append(list, Holiday{easter.AddDays(26), "Store bededag"})
	}
	return list
}

func swedish(year int, easter Date) []Holiday {
	midsummer := firstSaturday(on(year, time.June, 20))
	list := []Holiday{
		{on(year, time.January, 1), "Nyårsdagen"},
		{on(year, time.January, 6), "Trettondedag jul"},
		{easter.AddDays(-2), "Långfredagen"},
		{easter, "Påskdagen"},
		{easter.AddDays(1), "Annandag påsk"},
		{on(year, time.May, 1), "Första maj"},
		{easter.AddDays(39), "Kristi himmelsfärdsdag"},
		{easter.AddDays(49), "Pingstdagen"},
		{midsummer.AddDays(-1), "Midsommarafton"},
		{midsummer, "Midsommardagen"},
		{firstSaturday(on(year, time.October, 31)), "Alla helgons dag"},
		{on(year, time.December, 24), "Julafton"},
		{on(year, time.December, 25), "Juldagen"},
		{on(year, time.December, 26), "Annandag jul"},
		{on(year, time.December, 31), "Nyårsafton"},
	}
	if year < 2005 { // Lag (2004:1320) took Whit Monday and gave the National Day
		return append(list, Holiday{easter.AddDays(50), "Annandag pingst"})
	}
	return append(list, Holiday{on(year, time.June, 6), "Nationaldagen"})
}

func dutch(year int, easter Date) []Holiday {
	monarch := Holiday{on(year, time.April, 27), "Koningsdag"}
	if year < 2014 {
		monarch = Holiday{on(year, time.April, 30), "Koninginnedag"}
	}
	if monarch.Date.Weekday() == time.Sunday { // kept on the Saturday before
		monarch.Date = monarch.Date.AddDays(-1)
	}
	return []Holiday{
		{on(year, time.January, 1), "Nieuwjaarsdag"},
		{easter.AddDays(-2), "Goede Vrijdag"},
		{easter, "Eerste paasdag"},
		{easter.AddDays(1), "Tweede paasdag"},
		monarch,
		{on(year, time.May, 5), "Bevrijdingsdag"},
		{easter.AddDays(39), "Hemelvaartsdag"},
		{easter.AddDays(49), "Eerste pinksterdag"},
		{easter.AddDays(50), "Tweede pinksterdag"},
		{on(year, time.December, 25), "Eerste kerstdag"},
		{on(year, time.December, 26), "Tweede kerstdag"},
	}
}

func on(year int, month time.Month, day int) Date {
	return Date{int16(year), uint8(month), uint8(day)}
}

func firstSaturday(from Date) Date {
	return from.AddDays(int(time.Saturday - from.Weekday()))
}

// easter returns Easter Sunday of the Gregorian calendar (Meeus, Astronomical Algorithms, ch. 8).
func easter(year int) Date {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 19*l) / 433
	n := (h + l - 7*m + 90) / 25
	return on(year, time.Month(n), (h+l-7*m+33*n+19)%32)
}
