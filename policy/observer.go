package policy

import (
	"context"
	"errors"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/purpose"
)

// Observer is told what a guard did, for counts and latencies. It is called on the request's path, once the guard has
// decided and recorded and before the caller has the answer: it can delay an answer and never changes one. A panic of it
// is contained. Implementations are safe for concurrent use, and brief.
type Observer interface {
	Observe(ctx context.Context, o Observation)
}

// WithObserver has an observer told of every decision and release. Nil is none, and costs nothing.
func WithObserver(o Observer) Option { return func(g *Guard) { g.observer = o } }

// Observation is one thing that a guard did, in register keys and codes. It names no person and holds no value: all of it may
// be a label of a metric.
type Observation struct {
	Operation Operation
	Outcome   Outcome
	Because   Code // the reason that matters most; empty when all was permitted and, for a delivery, delivered
	Released  bool // data left the guard; of a delivery: the recipient took it
	Action    purpose.Action
	Purpose   string // of the register; empty when the request names no purpose of it
	Recipient string // likewise
	Requested int    // fields
	Permitted int    // fields
	Observing bool   // refusals are not enforced
	Took      time.Duration
}

// Operation is what was asked of a guard.
type Operation uint8

// Operations. Of a batch every record is one, which took as long as the thousand that are on record together.
const (
	OperationDecide    Operation = 1 + iota // Decide and Explain, of which the trail knows nothing
	OperationRelease                        // Read, Share, Permitted, ReadMap, ReadFrom, ReadBatch
	OperationEmergency                      // BreakGlass
	OperationAuthorise                      // the first half of a release: nothing has left yet
	OperationOpen                           // the second half: Grant.Open
	OperationDeliver                        // what Send was given to hand a view over
)

var operationNames = [...]string{"", "decide", "release", "emergency", "authorise", "open", "deliver"}

// String is the name of the operation.
func (o Operation) String() string {
	if int(o) < len(operationNames) {
		return operationNames[o]
	}
	return ""
}

// MarshalText writes the name.
func (o Operation) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// tell tells the observer of what was done with d and ended with err. Deferred, it keeps no allocation and no clock from
// those who observe nothing.
func (g *Guard) tell(ctx context.Context, o Operation, s *session, d *Decision, err *error, start time.Time) {
	defer func() { _ = recover() }()
	took := time.Since(start)
	if denied, ok := errors.AsType[*DeniedError](*err); ok {
		d = &denied.Decision
	}
	if o == OperationRelease && s.bypass {
		o = OperationEmergency
	}
	if ctx == nil {
		ctx = context.Background()
	}
	x := g.observation(o, s, d, took)
	x.Because, x.Released = d.Because(), *err == nil && o != OperationDecide && o != OperationAuthorise
	g.observer.Observe(ctx, x)
}

// tellDelivered is tell for a delivery: code says what was wrong with it.
func (g *Guard) tellDelivered(ctx context.Context, s *session, d *Decision, code Code, start time.Time) {
	defer func() { _ = recover() }()
	x := g.observation(OperationDeliver, s, d, time.Since(start))
	x.Because, x.Released = code, code == ""
	g.observer.Observe(ctx, x)
}

func (g *Guard) observation(o Operation, s *session, d *Decision, took time.Duration) Observation {
	return Observation{Operation: o, Outcome: d.Outcome, Action: knownAction(s.req.Action), Purpose: known(g.tables.reg.Purposes(), d.Purpose),
		Recipient: knownRecipient(g.tables, d.Recipient), Requested: d.requested.Len(), Permitted: d.permitted.Len(),
		Observing: g.mode == audit.Observe, Took: took}
}
