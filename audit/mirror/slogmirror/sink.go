// Package slogmirror mirrors a trail to a handler of log/slog.
//
// The reader's decision is which handler: what it returns is all that the mirror learns, so one that drops, samples or
// buffers without saying so loses events of the copy. Each event is one record, with the event's time, its name as the message
// and what it says as attributes named as in package export. A handler that does not want the record fails the batch:
// nothing is left out in silence.
package slogmirror

import (
	"context"
	"errors"
	"log/slog"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/export"
	"github.com/purposebound/purposebound/audit/mirror"
)

// Sink is a sink over a handler.
type Sink struct{ handler slog.Handler }

var _ mirror.Sink = (*Sink)(nil)

// New returns a sink over a handler.
func New(handler slog.Handler) (*Sink, error) {
	if handler == nil {
		return nil, errors.New("slogmirror: no handler")
	}
	return &Sink{handler}, nil
}

var errUnwanted = errors.New("slogmirror: the handler does not want the record")

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
		if !s.handler.Enabled(ctx, r.Level) {
			return errUnwanted
		}
		if err := s.handler.Handle(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

func record(e *audit.Event) (slog.Record, error) {
	as, err := export.Attributes(e)
	if err != nil {
		return slog.Record{}, err
	}
	// OpenTelemetry's 9 is slog's 0, and both count in the same steps.
	r := slog.NewRecord(e.Time, slog.Level(export.Severity(e)-9), string(e.Name), 0)
	for _, a := range as {
		switch a.Kind {
		case export.Text:
			r.AddAttrs(slog.String(a.Key, a.Text))
		case export.List:
			r.AddAttrs(slog.Any(a.Key, append([]string(nil), a.List...)))
		case export.Number:
			r.AddAttrs(slog.Uint64(a.Key, a.Number))
		case export.Flag:
			r.AddAttrs(slog.Bool(a.Key, true))
		}
	}
	return r, nil
}
