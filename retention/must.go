package retention

import "time"

// MustPeriod is [ParsePeriod] for constants in code; it panics on an error.
func MustPeriod(s string) Period { return must(ParsePeriod(s)) }

// MustDate is [ParseDate] for constants in code; it panics on an error.
func MustDate(s string) Date { return must(ParseDate(s)) }

// MustZone is [LoadZone] for constants in code; it panics on an error.
func MustZone(name string) *time.Location { return must(LoadZone(name)) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
