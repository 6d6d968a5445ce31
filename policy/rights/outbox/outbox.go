package outbox

import (
	"context"
	"errors"
	"reflect"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/index"
	"github.com/purposebound/purposebound/purpose"
)

// Errors of an outbox. Their texts hold no id of a data subject and no text of a part.
var (
	// ErrRequest means that the program asked wrongly.
	ErrRequest = errors.New("outbox: request")
	// ErrTrail means that the trail could not be read in full, so that nobody knows who the recipients are.
	ErrTrail = errors.New("outbox: the trail could not be read in full")
	// ErrRecord means that a step could not be put on record, and did not happen.
	ErrRecord = errors.New("outbox: the audit trail did not record")
	// ErrFinal means that the notice was delivered: there is nothing left to decide.
	ErrFinal = errors.New("outbox: the notice was delivered")

	errPanic = errors.New("outbox: a part panicked")
	errAlias = errors.New("outbox: no pseudonym")
)

// failure is that of a part. errors.Is and errors.As see its cause; its text does not repeat the cause's.
type failure struct{ what, cause error }

func (f *failure) Error() string   { return f.what.Error() }
func (f *failure) Unwrap() []error { return []error{f.what, f.cause} }

// Disclosures is what the trail knows of a person; *[index.Index] is one. Update reads the trail up to its head. Asking is
// recorded by who answers.
type Disclosures interface {
	Update(ctx context.Context) (added int, err error)
	ByDecision(ctx context.Context, who index.Asker, id string) (index.Listing, error)
	ForPerson(ctx context.Context, who index.Asker, refs []string) (index.PersonReport, error)
}

// Pseudonyms are those of the desk and the guard, with every alias that a person ever had; a table of package aliastable has
// them. A step after the aliases of a person were erased gives the person a new one: erase it too when the last notice is
// settled, and [Outbox.Forget] the person.
type Pseudonyms interface {
	audit.Pseudonymizer
	Aliases(ctx context.Context, class audit.Class, id string) ([]string, error)
}

// Outbox tells recipients. It is safe for concurrent use, by any number of processes on the same store.
type Outbox struct {
	reg         *purpose.Register
	spec        purpose.Spec
	store       Store
	trail       audit.Trail
	disclosures Disclosures
	names       Pseudonyms
	opt         options
}

type options struct {
	now      func() time.Time
	timeout  time.Duration
	delivery time.Duration
	patience int
	system   string
}

// Option changes an [Outbox].
type Option func(*options)

// WithClock replaces time.Now.
func WithClock(now func() time.Time) Option { return func(o *options) { o.now = now } }

// WithTimeout replaces the time, 30 s, that the trail or the index may take for one step.
func WithTimeout(d time.Duration) Option { return func(o *options) { o.timeout = d } }

// WithDelivery replaces the time, 1 minute, that one delivery may take. Nobody else attempts the notice for this and a minute more
// and the time of three steps.
func WithDelivery(d time.Duration) Option { return func(o *options) { o.delivery = d } }

// WithPatience replaces the number of attempts, 8, after which a notice is reported as stuck: a person looks at it. It is tried all
// the same.
func WithPatience(attempts int) Option { return func(o *options) { o.patience = attempts } }

// WithSystem replaces the name, "rights-outbox", under which the trail is read.
func WithSystem(id string) Option { return func(o *options) { o.system = id } }

// New ties an outbox to the register, a store, the audit trail, what answers questions about it, and the aliases of the person in it.
func New(register *purpose.Register, store Store, trail audit.Trail, disclosures Disclosures, names Pseudonyms, opts ...Option) (*Outbox, error) {
	o := options{now: time.Now, timeout: 30 * time.Second, delivery: time.Minute, patience: 8, system: "rights-outbox"}
	for _, f := range opts {
		if f == nil {
			return nil, errors.New("outbox: nil option")
		}
		f(&o)
	}
	for _, part := range []any{store, trail, disclosures, names} {
		if isNil(part) {
			return nil, errors.New("outbox: a store, a trail, disclosures and pseudonyms are needed: one of them is missing")
		}
	}
	if register == nil || o.now == nil || o.timeout <= 0 || o.delivery <= 0 || o.patience <= 0 || o.system == "" {
		return nil, errors.New("outbox: a register, a clock, time-outs, patience and a name are needed: one of them is missing")
	}
	return &Outbox{reg: register, spec: register.Spec(), store: store, trail: trail, disclosures: disclosures, names: names, opt: o}, nil
}

// isNil sees through an interface that holds a nil pointer.
func isNil(part any) bool {
	v := reflect.ValueOf(part)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}

// alias of an id, none for none. An error of a table may quote the id.
func (b *Outbox) alias(ctx context.Context, class audit.Class, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	a, err := b.names.Alias(ctx, class, id)
	if err != nil || a == "" {
		return "", errAlias
	}
	return a, nil
}

// record appends events about a person, durably, whatever becomes of the caller.
func (b *Outbox) record(ctx context.Context, dataSubject string, events ...audit.Event) error {
	_, err := apart(context.WithoutCancel(ctx), b.opt.timeout, func(ctx context.Context) (none struct{}, err error) {
		person, err := b.alias(ctx, audit.DataSubject, dataSubject)
		if err != nil {
			return none, err
		}
		var list []audit.Event
		for i := range events {
			e := events[i]
			if person != "" {
				e.DataSubjectRefs = []string{person}
			}
			if err := e.Validate(); err != nil {
				return none, err
			}
			list = append(list, audit.Split(e)...)
		}
		return none, b.trail.Append(ctx, list)
	})
	if err != nil {
		return &failure{ErrRecord, err}
	}
	return nil
}

// event of a notice.
func (b *Outbox) event(n *Notice, outcome audit.Outcome, reason string) audit.Event {
	e := audit.Event{Name: audit.RightsNotification, Outcome: outcome, Reason: reason, Action: n.Kind.String(), RecipientID: n.Recipient, RecipientKind: n.RecipientKind,
		RecipientCountry: n.RecipientCountry, Categories: n.Categories, DecisionID: n.Case, RegisterDigest: b.reg.Digest()}
	for _, c := range n.Categories {
		if id, ok := b.reg.Categories().ID(c); ok {
			class := b.reg.ClassOf(id)
			e.Special = e.Special || class == purpose.Special || class == purpose.Criminal
		}
	}
	return e
}

// Reasons of events, with the state for what a person decided and the key of the reason behind it: "notice.impossible.dissolved".
const (
	reasonPending = "notice.pending"
	reasonAttempt = "notice.attempt"
	reasonSent    = "notice.sent"
	reasonFailed  = "notice.failed"
	reasonTold    = "notice.told"
)

// apart runs f on a goroutine of its own and waits for it no longer than the time-out: a part that hangs or panics fails.
func apart[T any](ctx context.Context, timeout time.Duration, f func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	type answer struct {
		v   T
		err error
	}
	done := make(chan answer, 1)
	go func() {
		a := answer{err: errPanic}
		defer func() {
			_ = recover()
			done <- a
		}()
		v, err := f(ctx)
		a = answer{v, err}
	}()
	select {
	case a := <-done:
		return a.v, a.err
	case <-ctx.Done():
		var zero T
		return zero, ctx.Err()
	}
}
