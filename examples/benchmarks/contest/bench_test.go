package contest

import (
	"testing"

	"github.com/purposebound/purposebound/examples/benchmarks/world"
)

// BenchmarkCommon is the timed question, one contender after the other: for profiles. The command results compares them.
func BenchmarkCommon(b *testing.B) {
	w := world.New(2000, 100)
	for _, c := range Contenders() {
		if c.Most > 0 && c.Most < 2000 {
			continue
		}
		b.Run(c.Key, func(b *testing.B) {
			held, err := c.Load(w)
			if err != nil {
				b.Fatal(err)
			}
			call, err := held.Ask(world.Common())
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := call.Run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
