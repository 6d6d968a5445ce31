package gdpr

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// entry is a record with the attributes that stand on it. Both sides begin with copies of the same.
type entry struct {
	Key       int
	Person    int
	Values    [4]string // in the order of fields
	Purposes  []string  // PUR
	Live      int       // TTL: index in lives
	Source    string    // SRC
	Collected time.Time
}

// metadata is the size of the record's own attributes, written down as text.
func (e *entry) metadata() int {
	return len(person(e.Person)) + len(strings.Join(e.Purposes, ",")) + len(rule(lives[e.Live])) + len(e.Source) + len(time.RFC3339)
}

func (e *entry) data() (n int) {
	for _, v := range e.Values {
		n += len(v)
	}
	return n
}

// wishes are what a person has said beside the contract.
type wishes struct {
	Objects []string // OBJ: purposes
	Scoring bool     // DEC: a machine may decide
	Thirds  []string // SHR
}

func person(i int) string { return fmt.Sprintf("person-%06d", i) }

// perPerson is the number of records of a person at the beginning.
const perPerson = 10

// population is n records of n/perPerson people. The same seed gives the same.
func population(n int, now time.Time, seed uint64) (entries []entry, people []wishes) {
	rnd := rand.New(rand.NewPCG(seed, 1))
	people = make([]wishes, max(1, n/perPerson))
	for i := range people {
		w := &people[i]
		w.Objects = some(rnd, objectable, 0.1)
		w.Scoring = rnd.Float64() < 0.5
		w.Thirds = some(rnd, thirds, 0.3)
	}
	entries = make([]entry, n)
	for k := range entries {
		entries[k] = newEntry(rnd, k, k%len(people), now)
	}
	return entries, people
}

func some(rnd *rand.Rand, all []string, share float64) (picked []string) {
	for _, s := range all {
		if rnd.Float64() < share {
			picked = append(picked, s)
		}
	}
	return picked
}

// newEntry draws a record. Nothing expires within two days of now, so that a run past midnight changes nothing.
func newEntry(rnd *rand.Rand, key, who int, now time.Time) entry {
	e := entry{Key: key, Person: who, Purposes: some(rnd, purposes, 0.4), Live: rnd.IntN(len(lives)), Source: sources[0]}
	if len(e.Purposes) == 0 {
		e.Purposes = []string{repair}
	}
	if x := rnd.Float64(); x > 0.9 {
		e.Source = sources[2]
	} else if x > 0.7 {
		e.Source = sources[1]
	}
	life := lives[e.Live]
	age := rnd.IntN(life - 2) // alive
	if rnd.Float64() < 0.1 {
		age = life + 3 + rnd.IntN(life) // over
	}
	e.Collected = now.AddDate(0, 0, -age).Truncate(time.Second)
	e.Values = [4]string{fmt.Sprintf("Name %d", key), phone(rnd), fmt.Sprintf("Street %d, %04d Town", rnd.IntN(200), rnd.IntN(10_000)), fmt.Sprint(rnd.IntN(1000))}
	return e
}

func phone(rnd *rand.Rand) string { return fmt.Sprintf("+45 %08d", rnd.IntN(100_000_000)) }
