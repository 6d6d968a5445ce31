package retentionsql

import (
	"testing"
	"time"

	"github.com/purposebound/purposebound/retention"
)

// Every minute around a change of the clocks is on the side of its local day, or in doubt; in doubt only where clocks went
// back over midnight.
func TestACutDividesInstantsByTheirLocalDay(t *testing.T) {
	for zone, doubt := range map[string]bool{"America/St_Johns": true, "Europe/Copenhagen": false, "America/Sao_Paulo": false, "Pacific/Apia": false, "Asia/Beirut": false} {
		loc, inDoubt := retention.MustZone(zone), 0
		for year := 2004; year <= 2012; year++ {
			for d := retention.MustDate("2000-01-01").AddDays((year - 2000) * 365); d.Year() <= year; d = d.AddDays(1) {
				if m := d.Month(); m != time.October && m != time.November && m != time.March && m != time.December {
					continue
				}
				x := upTo(d, loc)
				end := d.EndIn(loc).Unix()
				for s := end - 2*60*60; s < end+2*60*60; s += 30 {
					n := s * 1_000_000
					later := retention.DateOf(time.Unix(s, 0), loc).After(d)
					switch {
					case n < x.lo && later, n >= x.hi && !later:
						t.Fatalf("%s: %v is on the wrong side of %v", zone, time.Unix(s, 0).UTC(), d)
					case n >= x.lo && n < x.hi:
						inDoubt++
					}
				}
			}
		}
		if (inDoubt > 0) != doubt {
			t.Errorf("%s: %d instants in doubt", zone, inDoubt)
		}
	}
}
