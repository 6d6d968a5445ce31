package live

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/purposebound/purposebound/policy"
)

// generation is a policy that was checked. It never changes.
type generation struct {
	rules     policy.Decider
	digest    string // as its verdicts name it
	immediate bool
	apart     bool // one before it was immediate: somebody may ask it without being ready to wait

	identity
	since time.Time
}

// decide turns a breakdown into an error, and makes sure that the verdict names the generation.
func (g *generation) decide(ctx context.Context, in *policy.Input) (v policy.Verdict, err error) {
	defer func() {
		if recover() != nil {
			v, err = policy.Verdict{}, errPanicked
		}
	}()
	v, err = g.rules.Decide(ctx, in)
	switch {
	case err != nil:
		return policy.Verdict{}, err
	case v.Digest != "" && v.Digest != g.digest:
		return policy.Verdict{}, errDigest
	}
	v.Digest = g.digest
	return v, nil
}

// lateAfter bounds a decision for callers that set no deadline.
const lateAfter = 250 * time.Millisecond

// decideApart decides on a goroutine of its own, with copies of what is valid during the call only. A caller that
// asked whether the policy is immediate, and was told so of the generation before, does not wait for ever.
func (g *generation) decideApart(ctx context.Context, in *policy.Input) (policy.Verdict, error) {
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, lateAfter)
		defer cancel()
	}
	type answer struct {
		v   policy.Verdict
		err error
	}
	own, req := *in, *in.Request
	own.Request, own.Capacities = &req, slices.Clone(in.Capacities)
	done := make(chan answer, 1)
	go func() {
		v, err := g.decide(ctx, &own)
		done <- answer{v, err}
	}()
	select {
	case a := <-done:
		return a.v, a.err
	case <-ctx.Done():
		return policy.Verdict{}, ctx.Err()
	}
}

// validDigest reports whether s is "sha256:" and 64 digits in lower-case hex.
func validDigest(s string) bool {
	hex, ok := strings.CutPrefix(s, "sha256:")
	return ok && len(hex) == 64 && strings.Trim(hex, "0123456789abcdef") == ""
}
