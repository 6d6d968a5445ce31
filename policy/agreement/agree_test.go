package agreement_test

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// perPolicy is how many requests are put to each set of rules.
const perPolicy = 400

// policies is how many sets of rules are made.
func policies() uint64 {
	switch {
	case os.Getenv("PURPOSEBOUND_NIGHTLY") == "1":
		return 2_500
	case testing.Short():
		return 25
	}
	return 250
}

// counts say what the requests of a run met.
type counts map[string]int

func (c counts) add(o counts) {
	for what, n := range o {
		c[what] += n
	}
}

// engines are the two renderings of one set of rules.
type engines struct{ cel, rego policy.Decider }

// load makes both, one of them bent; an error says that the bent one is refused.
func load(t testing.TB, reg *purpose.Register, rules []*rule, b bend) (e engines, err error) {
	t.Helper()
	if strings.HasPrefix(string(b), "cel") {
		e.cel, err = loadCEL(t, reg, rules, b)
		b = ""
	} else {
		e.cel, _ = loadCEL(t, reg, rules, "")
		e.rego, err = loadRego(t, reg, rules, b)
		return e, err
	}
	if err == nil {
		e.rego, err = loadRego(t, reg, rules, b)
	}
	return e, err
}

// differs says how the engines answer other than they should; empty when they do not.
func (e engines) differs(t testing.TB, rules []*rule, in *policy.Input) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // machines may be busy
	defer cancel()
	var answers [2]outcome
	for i, d := range []policy.Decider{e.cel, e.rego} {
		v, err := d.Decide(ctx, in)
		if err != nil {
			return fmt.Sprintf("%s fails: %v", d.Name(), err)
		}
		answers[i] = said(in.Plan, v)
		if want := read(rules, in, engine(i)); !reflect.DeepEqual(want, answers[i]) {
			return fmt.Sprintf("%s says\n\t%+v\nand should say\n\t%+v", d.Name(), answers[i], want)
		}
	}
	if !reflect.DeepEqual(answers[cel].shown(), answers[rego].shown()) || !reflect.DeepEqual(answers[cel].deny, answers[rego].deny) {
		return fmt.Sprintf("the engines show different things\n\t%+v\n\t%+v", answers[cel], answers[rego])
	}
	return ""
}

// TestTheEnginesAgree with a naive reading of the rules, on generated rules and requests.
func TestTheEnginesAgree(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	if s := os.Getenv("PURPOSEBOUND_SEED"); s != "" {
		seed, err := strconv.ParseUint(s, 10, 64)
		require.NoError(t, err)
		judge(t, reg, pl, seed)
		return
	}
	total := counts{}
	var lock sync.Mutex
	seeds := make(chan uint64)
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			for seed := range seeds {
				c := judge(t, reg, pl, seed)
				lock.Lock()
				total.add(c)
				lock.Unlock()
			}
		})
	}
	for seed := range policies() {
		if t.Failed() {
			break
		}
		seeds <- seed
	}
	close(seeds)
	group.Wait()
	if t.Failed() {
		return
	}
	t.Logf("%+v", total)
	for _, what := range []string{"permitted", "denied", "masked", "obliged", "in doubt"} {
		assert.Greater(t, total[what], total["requests"]/20, what)
	}
	assert.Greater(t, total["conditions"], int(policies()), "conditions")
}

// judge puts requests to one set of rules.
func judge(t *testing.T, reg *purpose.Register, pl *purpose.Plan, seed uint64) counts {
	c := counts{}
	d := newDice(seed)
	rules := d.rules()
	e, err := load(t, reg, rules, "")
	if !assert.NoError(t, err, "seed %d\n%s\n%s", seed, describe(rules), regoOf(rules, "")) {
		return c
	}
	for _, r := range rules {
		c["conditions"] += len(r.when.atoms())
	}
	for range perPolicy {
		in := d.request(pl)
		if e.differs(t, rules, in) != "" {
			report(t, reg, seed, rules, in)
			return c
		}
		one, other := read(rules, in, cel), read(rules, in, rego)
		c["requests"]++
		c["permitted"] += min(1, len(one.shown()))
		c["denied"] += min(1, len(one.deny))
		c["masked"] += min(1, len(one.masks))
		c["obliged"] += min(1, len(one.obligations))
		if !reflect.DeepEqual(one, other) {
			c["in doubt"]++
		}
		if !reflect.DeepEqual(one.obligations, other.obligations) {
			c["obliged otherwise in doubt"]++
		}
	}
	return c
}
