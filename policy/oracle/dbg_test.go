package oracle_test
import ("testing";"github.com/purposebound/purposebound/policy")
func TestDbg(t *testing.T){
	gates := map[policy.Gate]int{}; sole := map[string]int{}; n:=0
	codes := map[policy.Code]int{}
	for seed := range uint64(150) {
		w := newWorld(seed)
		for i := range 100 {
			q := asker{newDice(seed, 2000+uint64(i)), w}.question()
			d, _ := w.ask(w.guard, q)
			for _, r := range d.AllReasons() { codes[r.Code]++ }
			for _, f := range w.oracle.judge(q).fields {
				n++
				for g := policy.GateRequest; g < policy.GateRelease; g++ { if f.failed&(1<<g)!=0 { gates[g]++ } }
				if f.failed&(f.failed-1)==0 { sole[f.failed.String()]++ }
			}
		}
	}
	t.Log(n)
	for g := policy.GateRequest; g < policy.GateRelease; g++ { t.Log(g, gates[g], sole[gateOf(g).String()]) }
	t.Log(sole["[]"])
	t.Log(codes)
}
