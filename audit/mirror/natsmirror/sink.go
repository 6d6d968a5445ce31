// Package natsmirror mirrors a trail to a stream of NATS JetStream.
//
// The reader's decision is how durable the stream is. An acknowledgement is one of the server, which by default brings what it
// acknowledged to the disk only later; with sync_interval: always it means the disk. Either way the trail stays the
// record, and the stream a copy. Each event is one message: the line of the trail, byte for byte, with the event's id as
// Nats-Msg-Id. The stream drops an id that it saw within its window for duplicates (two minutes unless set otherwise);
// consumers that must not see any event twice compare ids.
package natsmirror

import (
	"context"
	"errors"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/mirror"
)

// Publisher is the part of [jetstream.JetStream] that the sink uses.
type Publisher interface {
	PublishMsg(ctx context.Context, msg *nats.Msg, opts ...jetstream.PublishOpt) (*jetstream.PubAck, error)
}

// Sink is a sink over a stream.
type Sink struct {
	publisher       Publisher
	stream, address string
}

var _ mirror.Sink = (*Sink)(nil)

// New returns a sink that publishes to a NATS subject of a stream. Messages that another stream would take are refused.
func New(publisher Publisher, stream, address string) (*Sink, error) {
	switch {
	case publisher == nil:
		return nil, errors.New("natsmirror: no publisher")
	case stream == "" || strings.ContainsAny(stream, " \t\r\n.*>/\\"):
		return nil, errors.New("natsmirror: malformed name of the stream")
	case address == "" || strings.ContainsAny(address, " \t\r\n*>"):
		return nil, errors.New("natsmirror: malformed address to publish to")
	}
	return &Sink{publisher, stream, address}, nil
}

var (
	errNotAcknowledged = errors.New("natsmirror: the stream did not acknowledge")
	errElsewhere       = errors.New("natsmirror: another stream acknowledged")
)

// Send implements [mirror.Sink]. It waits for the acknowledgement of each event before it sends the next, since messages
// under way overtake one another when some are lost.
func (s *Sink) Send(ctx context.Context, events []audit.Event) error {
	for i := range events {
		if err := ctx.Err(); err != nil {
			return err
		}
		line, err := audit.AppendLine(nil, &events[i])
		if err != nil {
			return err
		}
		msg := nats.NewMsg(s.address)
		msg.Data = line
		msg.Header.Set("Content-Type", "application/json")
		ack, err := s.publisher.PublishMsg(ctx, msg, jetstream.WithMsgID(events[i].ID), jetstream.WithExpectStream(s.stream))
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil || ack == nil:
			return errNotAcknowledged // without the server's words
		case ack.Stream != s.stream:
			return errElsewhere
		}
	}
	return nil
}
