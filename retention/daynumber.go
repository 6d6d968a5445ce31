package retention

import "time"

const (
	daysIn4Years   = 4*365 + 1
	daysIn100Years = 25*daysIn4Years - 1
	daysIn400Years = 4*daysIn100Years + 1
	daysTo1970     = 719_162 // from 1 January of the year 1
)

// daysBefore counts the days of a common year before each month; the months count from 0.
var daysBefore = [...]int64{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365}

// number counts days; the first of January 1970 is 0.
func (d Date) number() int64 {
	y := int64(d.year) - 1
	n := y*365 - daysTo1970
	if y >= 0 {
		n += y/4 - y/100 + y/400
	} else {
		n += floorDiv(y, 4) - floorDiv(y, 100) + floorDiv(y, 400)
	}
	if d.month > uint8(time.February) && lastOfMonth(int(d.year), time.February) == 29 {
		n++
	}
	return n + daysBefore[(max(d.month, 1)-1)%12] + int64(d.day) - 1
}

// dateOfNumber is the inverse of number.
func dateOfNumber(n int64) Date {
	n += daysTo1970
	cycles := floorDiv(n, daysIn400Years)
	n -= cycles * daysIn400Years
	centuries := min(n/daysIn100Years, 3)
	n -= centuries * daysIn100Years
	fours := n / daysIn4Years
	n -= fours * daysIn4Years
	years := min(n/365, 3)
	n -= years * 365
	year := int(400*cycles + 100*centuries + 4*fours + years + 1)

	leap := int64(lastOfMonth(year, time.February) - 28)
	before := func(month int64) int64 {
		if month >= 2 {
			return daysBefore[month] + leap
		}
		return daysBefore[month]
	}
	month := n / 32
	if n >= before(month+1) {
		month++
	}
	return Date{int16(year), uint8(month + 1), uint8(n - before(month) + 1)}
}

// dayNumber counts the days of UTC; the first of January 1970 is 0.
func dayNumber(seconds int64) int64 { return floorDiv(seconds, secondsPerDay) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
