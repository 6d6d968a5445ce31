package portability

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/policy/rights/access"
	"github.com/purposebound/purposebound/purpose"
)

var (
	// ErrNotGranted means that the desk did not grant the request; the Outcome says why, and there is no export.
	ErrNotGranted = errors.New("portability: the request was not granted")
	// ErrRequest means that the program asked wrongly. It names the place and no value.
	ErrRequest = errors.New("portability: request")
	// ErrRegister means that the desk answers by another register.
	ErrRegister = errors.New("portability: the desk has another register")
	// ErrCopy means that a value could not be had for another reason than a refusal of the guard.
	ErrCopy = errors.New("portability: a value could not be copied")

	errPanic = errors.New("portability: a part panicked")
)

// failure names a datum. errors.Is and errors.As see its cause; its text does not repeat the cause's, which may quote the value.
type failure struct {
	place string
	cause error
}

func (f *failure) Error() string   { return ErrCopy.Error() + ": " + f.place }
func (f *failure) Unwrap() []error { return []error{ErrCopy, f.cause} }

// Exporter makes exports. It is safe for concurrent use.
type Exporter struct {
	reg     *purpose.Register
	desk    *rights.Desk
	now     func() time.Time
	timeout time.Duration
	entries map[string]purpose.Category
}

// Option changes an [Exporter].
type Option func(*Exporter)

// WithClock replaces time.Now.
func WithClock(now func() time.Time) Option { return func(x *Exporter) { x.now = now } }

// WithTimeout replaces the time, 30 s, that one value may take.
func WithTimeout(d time.Duration) Option { return func(x *Exporter) { x.timeout = d } }

// New ties an exporter to the register and to the desk that answers requests.
func New(register *purpose.Register, desk *rights.Desk, options ...Option) (*Exporter, error) {
	x := &Exporter{reg: register, desk: desk, now: time.Now, timeout: 30 * time.Second, entries: map[string]purpose.Category{}}
	for _, o := range options {
		if o == nil {
			return nil, errors.New("portability: nil option")
		}
		o(x)
	}
	if register == nil || desk == nil || x.now == nil || x.timeout <= 0 {
		return nil, errors.New("portability: a register, a desk, a clock and a time-out are needed: one of them is missing")
	}
	for _, c := range register.Spec().Categories {
		x.entries[c.Key] = c
	}
	return x, nil
}

// Make serves a request for portability and makes the export of what the desk grants. The request's holdings are all that is held, as
// far as the request reaches, each with its origin.
//
// The outcome is the desk's, for the controller's eyes; it is there with every error that comes after the desk has answered. With
// an error there is no export. What is handed over is on record before it is returned.
func (x *Exporter) Make(ctx context.Context, req rights.Request, release access.Release) (*Export, rights.Outcome, error) {
	switch {
	case ctx == nil:
		return nil, rights.Outcome{}, fmt.Errorf("%w: context: missing", ErrRequest)
	case req.Kind != purpose.PortabilityRight:
		return nil, rights.Outcome{}, fmt.Errorf("%w: kind: not portability", ErrRequest)
	case release == nil:
		return nil, rights.Outcome{}, fmt.Errorf("%w: release: missing", ErrRequest)
	}
	o, err := x.desk.Serve(ctx, req)
	switch {
	case err != nil:
		return nil, o, err
	case o.Result != rights.Granted && o.Result != rights.Partial:
		return nil, o, ErrNotGranted
	case o.RegisterDigest != x.reg.Digest():
		return nil, o, ErrRegister
	}
	e := &Export{Format: Format, ID: o.ID, Made: x.now().In(x.reg.Zone()), Controller: x.reg.Spec().Controller.Name, RegisterDigest: o.RegisterDigest,
		Data: []Datum{}, LeftOut: x.leftOut(&o)}
	var over []rights.Item
	for i := range o.Items {
		item := &o.Items[i]
		switch {
		case item.Result != rights.Granted || item.Silent:
			continue
		case item.Holding < 0 || item.Holding >= len(req.Holdings): // no datum: the export itself, or a category of which nothing is held
			e.Direct = e.Direct || item.Part == rights.PartDirectTransfer
			over = append(over, *item)
			continue
		}
		done, err := x.datum(ctx, e, &req.Holdings[item.Holding], item, release)
		if err != nil {
			return nil, o, err
		}
		if done {
			over = append(over, *item)
		}
	}
	c := rights.Case{ID: o.ID, Kind: req.Kind, DataSubject: req.DataSubject, Received: req.Received, Handler: req.Handler, TraceID: req.TraceID}
	if err := x.desk.CarriedOut(ctx, c, over); err != nil {
		return nil, o, err
	}
	return e, o, nil
}

// datum adds one value, or says why the guard did not release it.
func (x *Exporter) datum(ctx context.Context, e *Export, h *rights.Holding, item *rights.Item, release access.Release) (bool, error) {
	c := x.entries[h.Category]
	v, err := apart(ctx, x.timeout, func(ctx context.Context) (access.Value, error) { return release(ctx, *h) })
	var denied *policy.DeniedError
	switch {
	case err == nil:
		e.Data = append(e.Data, Datum{Category: h.Category, Title: c.Title, Concept: c.Concept, Field: h.Field, Dataset: h.Dataset, Origin: h.Origin,
			Collected: h.CollectedAt, Value: v.Text, Masked: v.Masked})
		return true, nil
	case errors.As(err, &denied) && denied.Cause == nil:
		reason, _ := denied.Decision.Reason()
		e.LeftOut = append(e.LeftOut, LeftOut{Category: h.Category, Title: c.Title, Field: h.Field, Code: string(reason.Code), Why: reason.String(), Clause: reason.Clause})
	case errors.Is(err, access.ErrOther):
		e.LeftOut = append(e.LeftOut, LeftOut{Category: h.Category, Title: c.Title, Field: h.Field, Code: string(rights.CodeAnotherPerson), Why: rights.CodeAnotherPerson.Text()})
	default:
		return false, &failure{fmt.Sprintf("holdings[%d]", item.Holding), err}
	}
	return false, nil
}

// leftOut are the parts that the desk did not grant, as the person may see them.
func (x *Exporter) leftOut(o *rights.Outcome) []LeftOut {
	list := []LeftOut{}
	told := o.Told()
	for i := range told.Items {
		item := &told.Items[i]
		if item.Result == rights.Granted {
			continue
		}
		for j := range item.Reasons {
			r := &item.Reasons[j]
			list = append(list, LeftOut{Category: item.Part, Title: x.entries[item.Part].Title, Field: item.Field, Code: string(r.Code), Why: r.String(), Clause: r.Clause, ReferTo: item.ReferTo})
		}
	}
	return list
}

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
