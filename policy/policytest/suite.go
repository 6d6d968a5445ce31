package policytest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/purposebound/purposebound/policy"
)

// TestDecider reports everything in which a policy does not keep the contract of [policy.Decider], each check as a test of
// its own. Open makes the policy, for the register of the setting, anew for every check.
func TestDecider(t *testing.T, s Setting, open func(tb testing.TB) policy.Decider) {
	t.Helper()
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			d := open(t)
			for _, p := range c.run(s, func() (policy.Decider, error) { return d, nil }) {
				t.Error(p.Detail)
			}
		})
	}
}

// CheckDecider returns every problem of a policy; none means that it conforms.
func CheckDecider(s Setting, open func() (policy.Decider, error)) (problems []Problem) {
	for _, c := range checks {
		problems = append(problems, c.run(s, open)...)
	}
	return problems
}

// Checks lists the checks by name.
func Checks() (names []string) {
	for _, c := range checks {
		names = append(names, c.name)
	}
	return names
}

// Problem is one promise that was not kept.
type Problem struct {
	Check  string // name of the check
	Detail string
}

// Limit of one check; a policy that takes longer hangs.
const limit = 2 * time.Minute

type check struct {
	name string
	test func(*trial)
}

var checks = []check{
	{"it permits something and refuses something", decides},
	{"the name is a key and stays", name},
	{"the digest is one and stays", digest},
	{"the verdict names the digest", names},
	{"missing and incomplete input permits nothing", incomplete},
	{"only what is requested is spoken of", requested},
	{"the same question has the same answer", repeats},
	{"the order of lists means nothing", ordered},
	{"a verdict lasts as long as it says", lasts},
	{"many are answered at once", concurrent},
	{"the input is left alone", leftAlone},
	{"the input is not kept", notKept},
	{"the answer is the caller's", ownAnswer},
	{"an ended context permits nothing", ended},
	{"the answer repeats nothing of the request", canaries},
	{"what the answer says can go on record", onRecord},
	{"nothing left out ever widens", leftOut},
	{"explaining changes no answer", explained},
	{"rules that matched are listed", listed},
	{"what happens was foreseen", foreseen},
}

// trial is one check under way.
type trial struct {
	ctx    context.Context
	d      policy.Decider
	inputs []*policy.Input

	name     string
	mu       sync.Mutex
	problems []Problem
}

func (c check) run(s Setting, open func() (policy.Decider, error)) []Problem {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	t := &trial{ctx: ctx, name: c.name}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if recover() != nil {
				t.problem("it panics")
			}
		}()
		inputs, err := s.inputs()
		if err != nil {
			t.problem("the setting is of no use: %v", err)
			return
		}
		t.inputs = inputs
		switch t.d, err = open(); {
		case err != nil:
			t.problem("it cannot be made: %v", err)
		case t.d == nil:
			t.problem("there is no policy")
		default:
			c.test(t)
		}
	}()
	select {
	case <-done:
	case <-ctx.Done():
		t.problem("no answer within %v", limit)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.problems
}

// problem notes the first few of a check.
func (t *trial) problem(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.problems) < 5 {
		t.problems = append(t.problems, Problem{t.name, fmt.Sprintf(format, args...)})
	}
}

// that reports a problem unless ok.
func (t *trial) that(ok bool, format string, args ...any) bool {
	if !ok {
		t.problem(format, args...)
	}
	return ok
}

var errPanic = errors.New("it panics")

// ask asks about a copy of an input. A panic is a problem, and an error.
func (t *trial) ask(in *policy.Input) (policy.Verdict, error) {
	return t.askIn(t.ctx, clone(in))
}

func (t *trial) askIn(ctx context.Context, in *policy.Input) (v policy.Verdict, err error) {
	defer func() {
		if recover() != nil {
			t.problem("it panics")
			v, err = policy.Verdict{}, errPanic
		}
	}()
	return t.d.Decide(ctx, in)
}
