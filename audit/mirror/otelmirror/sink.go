// Package otelmirror mirrors a trail to the logs of OpenTelemetry.
//
// The reader's decision is how much to trust it: the API for logs has no acknowledgement. After each batch the sink flushes,
// and takes a flush without an error for an arrival; a processor whose queue overflows drops events and says nothing. Keep
// [mirror.Options] Batch below the queue of the processor (2,048 for the SDK's) and let nobody else fill it, or mirror
// to something that acknowledges. Each event is one log record, an event in the sense of OpenTelemetry, with its name and
// time, and with what it says as attributes named as in package export.
package otelmirror

import (
	"context"
	"errors"
	"math"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/export"
	"github.com/purposebound/purposebound/audit/mirror"
)

// Sink is a sink over a logger.
type Sink struct {
	logger log.Logger
	flush  func(context.Context) error
}

var _ mirror.Sink = (*Sink)(nil)

// New returns a sink over a logger and what flushes it, such as the ForceFlush of the SDK's LoggerProvider.
func New(logger log.Logger, flush func(context.Context) error) (*Sink, error) {
	if logger == nil || flush == nil {
		return nil, errors.New("otelmirror: it takes a logger and what flushes it")
	}
	return &Sink{logger, flush}, nil
}

var errUnwanted = errors.New("otelmirror: the logger does not want the record")

// Send implements [mirror.Sink].
func (s *Sink) Send(ctx context.Context, events []audit.Event) error {
	for i := range events {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, err := record(&events[i])
		if err != nil {
			return err
		}
		if !s.logger.Enabled(ctx, log.EnabledParameters{Severity: r.Severity(), EventName: r.EventName()}) {
			return errUnwanted
		}
		s.logger.Emit(ctx, r)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.flush(ctx)
}

func record(e *audit.Event) (r log.Record, err error) {
	as, err := export.Attributes(e)
	if err != nil {
		return r, err
	}
	r.SetEventName(string(e.Name))
	r.SetTimestamp(e.Time)
	r.SetObservedTimestamp(e.Time)
	r.SetSeverity(log.Severity(export.Severity(e)))
	for _, a := range as {
		r.AddAttributes(keyValue(a))
	}
	return r, nil
}

func keyValue(a export.Attribute) attribute.KeyValue {
	switch a.Kind {
	case export.Text:
		return attribute.String(a.Key, a.Text)
	case export.List:
		return attribute.StringSlice(a.Key, a.List)
	case export.Number:
		return attribute.Int64(a.Key, int64(min(a.Number, math.MaxInt64))) // OpenTelemetry has no larger numbers
	}
	return attribute.Bool(a.Key, true)
}
