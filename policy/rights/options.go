package rights

import (
	"errors"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/retention"
)

// Option changes a [Desk] or a [Keeper] from its safe defaults.
type Option func(*options)

type options struct {
	now          func() time.Time
	calendar     retention.Calendar
	pseudonyms   audit.Pseudonymizer
	stateTimeout time.Duration
	trailTimeout time.Duration
}

// WithClock replaces time.Now.
func WithClock(now func() time.Time) Option { return func(o *options) { o.now = now } }

// WithCalendar replaces the public holidays of the controller's country, which are known for DK, NL and SE.
func WithCalendar(c retention.Calendar) Option { return func(o *options) { o.calendar = c } }

// WithPseudonyms names the aliases of the trail. A desk needs it, and needs that of the guard: the trail must know the
// person who asks as it knows the person who was read.
func WithPseudonyms(p audit.Pseudonymizer) Option { return func(o *options) { o.pseudonyms = p } }

// WithStateTimeout replaces the time that one call of the ledger may take, 2 s.
func WithStateTimeout(d time.Duration) Option { return func(o *options) { o.stateTimeout = d } }

// WithTrailTimeout replaces the time that the trail may take, 2 s. It runs whatever the caller's context says.
func WithTrailTimeout(d time.Duration) Option { return func(o *options) { o.trailTimeout = d } }

func settings(list []Option) (*options, error) {
	o := &options{now: time.Now, stateTimeout: 2 * time.Second, trailTimeout: 2 * time.Second}
	for _, f := range list {
		if f == nil {
			return nil, errors.New("rights: nil option")
		}
		f(o)
	}
	if o.now == nil || o.stateTimeout <= 0 || o.trailTimeout <= 0 {
		return nil, errors.New("rights: a clock and time-outs above zero are needed")
	}
	return o, nil
}
