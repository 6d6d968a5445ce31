package basis_test
import ("testing";"time";"context";"github.com/purposebound/purposebound/basis")
func BenchmarkZZ(b *testing.B) {
	for name, f := range map[string]func(i int) basis.Body{
		"occurred": func(i int) basis.Body { return basis.Occurred{Event: "called"} },
		"occurredrefs": func(i int) basis.Body { return basis.Occurred{Event: []string{"signed","returned","enquired"}[i%3], Reference: number("case", i/3)} },
		"consents": func(i int) basis.Body { if i%2==0 {return given("ads")}; return basis.ConsentWithdrawn{Scope:"ads"} },
		"objections": func(i int) basis.Body { if i%2==0 {return basis.ObjectionRaised{Ground: 2}}; return basis.ObjectionRefused{Objection: number("e", i-1), Reference: "r"} },
	} {
		m := basis.NewMemory(vocabulary(), basis.WithClock(func() time.Time { return day(1000) }))
		var batch []basis.Event
		for i := range 10000 { e := offer(number("e", i), f(i)); e.ValidAt = day(0).Add(time.Duration(i)*time.Minute); batch = append(batch, e) }
		record(b, m, batch...)
		b.Run(name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				m.StateAt(context.Background(), person, day(0).Add(time.Duration(9990+i%2)*time.Minute), time.Time{})
			}
		})
	}
}
