package natsmirror_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/audit/mirror"
	"github.com/purposebound/purposebound/audit/mirror/mirrortest"
	"github.com/purposebound/purposebound/audit/mirror/natsmirror"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// place is a stream of its own on a real server.
type place struct {
	conn    *nats.Conn
	js      jetstream.JetStream
	name    string
	address string
}

func newPlace(t testing.TB) *place {
	t.Helper()
	server := os.Getenv("PURPOSEBOUND_NATS")
	if server == "" {
		server = "nats://127.0.0.1:4222"
	}
	conn, err := nats.Connect(server, nats.Timeout(5*time.Second))
	if err != nil {
		require.Empty(t, os.Getenv("PURPOSEBOUND_REQUIRE_SERVERS"), "no NATS server answers")
		t.Skip("no NATS server answers at PURPOSEBOUND_NATS or 127.0.0.1:4222")
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	require.NoError(t, err)
	name := "audit-" + rand.Text()
	p := &place{conn, js, name, name + ".events"}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	_, err = js.CreateStream(ctx, jetstream.StreamConfig{Name: name, Subjects: []string{name + ".>"}, Storage: jetstream.FileStorage})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, js.DeleteStream(context.Background(), name)) })
	return p
}

// messages returns what the stream holds, in order.
func (p *place) messages(ctx context.Context) (out []*jetstream.RawStreamMsg, err error) {
	stream, err := p.js.Stream(ctx, p.name)
	if err != nil {
		return nil, err
	}
	for seq := uint64(1); seq <= stream.CachedInfo().State.LastSeq; seq++ {
		m, err := stream.GetMsg(ctx, seq)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

func (p *place) ids(ctx context.Context) ([]string, error) {
	ms, err := p.messages(ctx)
	var out []string
	for _, m := range ms {
		e, err := audit.ParseLine(m.Data)
		if err != nil || m.Header.Get(nats.MsgIdHdr) != e.ID {
			return nil, errors.New("a message that is no event, or of another id")
		}
		out = append(out, e.ID)
	}
	return out, err
}

func TestSink(t *testing.T) {
	mirrortest.TestSink(t, func(t *testing.T) mirrortest.Rig {
		p := newPlace(t)
		sink, err := natsmirror.New(p.js, p.name, p.address)
		require.NoError(t, err)
		return mirrortest.Rig{Sink: sink, Received: p.ids, Dedupes: true, Break: func() {
			sealed := jetstream.StreamConfig{Name: p.name, Subjects: []string{p.name + ".>"}, MaxMsgs: 1, Discard: jetstream.DiscardNew}
			_, err := p.js.UpdateStream(context.Background(), sealed)
			require.NoError(t, err)
		}}
	})
}

// losing is a publisher whose every third acknowledgement is lost on its way, and every fifth message.
type losing struct {
	natsmirror.Publisher
	calls, acks, messages int
}

var errLost = errors.New("lost")

func (l *losing) PublishMsg(ctx context.Context, msg *nats.Msg, opts ...jetstream.PublishOpt) (*jetstream.PubAck, error) {
	l.calls++
	if l.calls%5 == 0 {
		l.messages++
		return nil, errLost
	}
	ack, err := l.Publisher.PublishMsg(ctx, msg, opts...)
	if l.calls%3 == 0 {
		l.acks++
		return nil, errLost
	}
	return ack, err
}

// TestLostAcknowledgements: the stream ends up with every event once, in order, as the trail wrote it.
func TestLostAcknowledgements(t *testing.T) {
	p := newPlace(t)
	lossy := &losing{Publisher: p.js}
	sink, err := natsmirror.New(lossy, p.name, p.address)
	require.NoError(t, err)
	trail := audittest.NewRecorder(nil)
	for range 50 {
		require.NoError(t, trail.Append(t.Context(), []audit.Event{{Name: audit.TrailHeartbeat}}))
	}
	m, err := mirror.New(trail, sink, &mirror.MemoryCursor{}, mirror.Options{Batch: 2})
	require.NoError(t, err)
	for range 2000 {
		if m.Health().Sent == 50 {
			break
		}
		_, _ = m.Tick(t.Context())
	}
	require.EqualValues(t, 50, m.Health().Sent)
	assert.NotZero(t, lossy.acks, "the control: some were lost")
	assert.NotZero(t, lossy.messages)
	ms, err := p.messages(t.Context())
	require.NoError(t, err)
	var lines []byte
	for _, msg := range ms {
		lines = append(append(lines, msg.Data...), '\n')
	}
	assert.Equal(t, string(trail.Bytes()), string(lines))
}

func TestAStreamThatDoesNotTakeItFails(t *testing.T) {
	p := newPlace(t)
	sink, err := natsmirror.New(p.js, "another", p.address)
	require.NoError(t, err)
	err = sink.Send(t.Context(), mirrortest.Events(1))
	require.Error(t, err)
	assert.NotContains(t, err.Error(), p.name, "the server's words are not repeated")
}

func TestMalformedNames(t *testing.T) {
	for _, bad := range [][2]string{{"", "a"}, {"a.b", "a"}, {"a", ""}, {"a", "a.*"}, {"a", "a.>"}, {"a", "a b"}} {
		_, err := natsmirror.New(&losing{}, bad[0], bad[1])
		assert.Error(t, err, bad)
	}
	_, err := natsmirror.New(nil, "a", "a")
	require.Error(t, err)
}
