package live

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// Policy is a policy whose rules change while it is in use. It is safe for concurrent use. The zero Policy
// permits nothing.
type Policy struct {
	name   string
	source Source
	load   Loader
	trail  audit.Trail

	tests    []SelfTest
	store    RevisionStore
	stored   bool // there is to be a store
	interval time.Duration
	limit    time.Duration
	now      func() time.Time
	wait     func(context.Context, time.Duration) error

	inForce atomic.Pointer[generation]

	changing chan struct{} // holds one token while a change is under way; guards the rest of this group
	mark     Mark          // the highest revision that was in force
	refused  memory[identity, *Error]
	recorded memory[refusal, struct{}]
	stages   stages

	mu     sync.Mutex // guards health
	health Health
}

// Loader makes a policy of files, as celpolicy.Load and regopolicy.Load do.
type Loader func(files fs.FS) (policy.Decider, error)

// SelfTest decides cases with a policy that is not in force yet. An error keeps it out. Files are those that the
// policy was loaded from; cases may lie beside the rules.
type SelfTest func(ctx context.Context, files fs.FS, rules policy.Decider) error

// Open fetches, checks, records and puts in force a first generation. The name identifies the policy in reasons. With
// an error there is no policy; it is an [*Error] unless an argument or option was wrong, or ctx ended.
func Open(ctx context.Context, name string, source Source, load Loader, trail audit.Trail, options ...Option) (*Policy, error) {
	switch {
	case ctx == nil:
		return nil, errNoContext
	case !purpose.ValidKey(name):
		return nil, errors.New("live: a policy needs a name, a register-style key")
	case isNil(source), load == nil, isNil(trail):
		return nil, errors.New("live: a policy needs a source, a loader and an audit trail: one of them is nil")
	}
	p := &Policy{name: name, source: source, load: load, trail: trail, interval: 30 * time.Second, limit: 30 * time.Second,
		now: time.Now, wait: sleep, changing: make(chan struct{}, 1), stages: stages{under: map[string]chan struct{}{}}}
	for _, o := range options {
		if o == nil {
			return nil, errors.New("live: nil option")
		}
		o(p)
	}
	if p.interval <= 0 || p.limit <= 0 || p.now == nil || p.wait == nil {
		return nil, errors.New("live: a policy needs a clock, a way to wait, and times above zero")
	}
	for _, t := range p.tests {
		if t == nil {
			return nil, errors.New("live: a self-test is nil")
		}
	}
	if p.stored && isNil(p.store) {
		return nil, errors.New("live: the revision store is nil")
	}
	if err := p.change(ctx, true); err != nil {
		return nil, err
	}
	return p, nil
}

var (
	errNoContext     = errors.New("live: nil context")
	errNotOpen       = errors.New("live: no policy: Open makes one")
	errDigest        = errors.New("live: the policy answered for another one")
	errPanicked      = errors.New("live: the policy broke down")
	errNotForeseeing = errors.New("live: the policy cannot say what it could ever do")
)

func (p *Policy) current() *generation {
	if p == nil {
		return nil
	}
	return p.inForce.Load()
}

// Name identifies the policy in reasons.
func (p *Policy) Name() string {
	if p == nil {
		return ""
	}
	return p.name
}

// Digest of the generation in force.
func (p *Policy) Digest() string {
	if g := p.current(); g != nil {
		return g.digest
	}
	return ""
}

// Decide asks the generation in force, which the verdict names.
func (p *Policy) Decide(ctx context.Context, in *policy.Input) (policy.Verdict, error) {
	switch g := p.current(); {
	case ctx == nil:
		return policy.Verdict{}, errNoContext
	case g == nil:
		return policy.Verdict{}, errNotOpen
	case in == nil || in.Request == nil:
		return policy.Verdict{}, errors.New("live: nil input")
	case g.apart:
		return g.decideApart(ctx, in)
	default:
		return g.decide(ctx, in)
	}
}

// Immediate reports whether the generation in force never waits.
func (p *Policy) Immediate() bool {
	g := p.current()
	return g != nil && g.immediate
}

// Rules lists those of the generation in force, none if it cannot say. Use [Policy.Current] to ask several things
// about one generation.
func (p *Policy) Rules() []policy.Rule {
	if g := p.current(); g != nil {
		if l, ok := g.rules.(policy.Listed); ok {
			return l.Rules()
		}
	}
	return nil
}

// Foresee asks the generation in force. It is an error if that cannot say.
func (p *Policy) Foresee(ctx context.Context, prospect policy.Prospect) (policy.Reach, error) {
	g := p.current()
	if g == nil {
		return policy.Reach{}, errNotOpen
	}
	if f, ok := g.rules.(policy.Foreseeing); ok {
		return f.Foresee(ctx, prospect)
	}
	return policy.Reach{}, errNotForeseeing
}

// Current is the generation in force by itself: it never changes. It is nil before Open.
func (p *Policy) Current() policy.Decider {
	if g := p.current(); g != nil {
		return g.rules
	}
	return nil
}

var (
	_ policy.Decider    = (*Policy)(nil)
	_ policy.Immediate  = (*Policy)(nil)
	_ policy.Listed     = (*Policy)(nil)
	_ policy.Foreseeing = (*Policy)(nil)
)

// Trigger looks for a change now. Nil means that what the source holds is in force. Content that was refused
// before is tried again.
func (p *Policy) Trigger(ctx context.Context) error {
	switch {
	case ctx == nil:
		return errNoContext
	case p.current() == nil:
		return errNotOpen
	}
	return p.change(ctx, true)
}

// Run looks for changes until ctx ends, and returns its error. What goes wrong meanwhile is on the trail and in
// [Policy.Health].
func (p *Policy) Run(ctx context.Context) error {
	switch {
	case ctx == nil:
		return errNoContext
	case p.current() == nil:
		return errNotOpen
	}
	for {
		if err := p.wait(ctx, jitter(p.interval)); err != nil {
			return fmt.Errorf("live: no longer looking for changes: %w", err)
		}
		_ = p.change(ctx, false) // Health says it
	}
}
