package oracle_test

import (
	"fmt"
	"os"
	"testing"
)

func TestOne(t *testing.T) {
	var s, i uint64
	if n, _ := fmt.Sscanf(os.Getenv("PURPOSEBOUND_SEED"), "%d:%d", &s, &i); n < 2 {
		t.Skip("no seed")
	}
	w := newWorld(s)
	q := asker{newDice(s, 2000+i), w}.question()
	d, err := w.ask(w.guard, q)
	t.Log(err)
	t.Log(describe(w, q))
	t.Log(differ(q, w.oracle.judge(q), read(q, &d)))
	a, b := w.oracle.judge(q), read(q, &d)
	for j := range a.fields {
		t.Log(a.fields[j].path, "ORACLE", a.fields[j].failed, a.fields[j].grounds, "GUARD", b.fields[j].failed, b.fields[j].grounds, d.Reasons(a.fields[j].path))
	}
}
