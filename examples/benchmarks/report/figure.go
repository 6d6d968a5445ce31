package report

import (
	"fmt"
	"strconv"
	"time"
)

// figure writes a number with three digits that count, at least.
func figure(x float64) string {
	switch {
	case x != x:
		return "-"
	case x >= 100:
		return thousands(int64(x + 0.5))
	case x >= 10:
		return strconv.FormatFloat(x, 'f', 1, 64)
	case x == float64(int64(x)):
		return strconv.FormatInt(int64(x), 10)
	}
	return strconv.FormatFloat(x, 'f', 2, 64)
}

// thousands writes a number in groups of three digits.
func thousands(n int64) string {
	if n < 0 {
		return "-" + thousands(-n)
	}
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// span writes a time in a unit that suits it.
func span(d time.Duration) string {
	switch {
	case d >= time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d >= time.Millisecond:
		return figure(float64(d)/1e6) + " ms"
	}
	return figure(float64(d)/1e3) + " µs"
}

// size writes bytes in a unit that suits them.
func size(n int64) string {
	switch {
	case n < 0:
		return "-"
	case n >= 10<<20:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 10<<10:
		return fmt.Sprintf("%d kB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}
