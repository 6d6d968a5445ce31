package otelmirror_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/log/noop"
	sdk "go.opentelemetry.io/otel/sdk/log"
	"go.uber.org/goleak"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/mirror/mirrortest"
	"github.com/purposebound/purposebound/audit/mirror/otelmirror"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// collector is an exporter that keeps what it gets.
type collector struct {
	mu      sync.Mutex
	records []sdk.Record
	broken  bool
}

func (c *collector) Export(_ context.Context, rs []sdk.Record) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken {
		return errors.New("no collector")
	}
	for i := range rs {
		c.records = append(c.records, rs[i].Clone())
	}
	return nil
}

func (c *collector) Shutdown(context.Context) error   { return nil }
func (c *collector) ForceFlush(context.Context) error { return nil }

func (c *collector) ids(context.Context) ([]string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for i := range c.records {
		for _, kv := range attributes(&c.records[i]) {
			if kv.Key == "purposebound.id" {
				out = append(out, kv.Value.AsString())
			}
		}
	}
	return out, nil
}

func attributes(r *sdk.Record) (out []attribute.KeyValue) {
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		out = append(out, kv)
		return true
	})
	return out
}

func newSink(t *testing.T) (*otelmirror.Sink, *collector) {
	c := &collector{}
	p := sdk.NewLoggerProvider(sdk.WithProcessor(sdk.NewBatchProcessor(c)))
	t.Cleanup(func() { _ = p.Shutdown(context.Background()) })
	sink, err := otelmirror.New(p.Logger("audit"), p.ForceFlush)
	require.NoError(t, err)
	return sink, c
}

func TestSink(t *testing.T) {
	mirrortest.TestSink(t, func(t *testing.T) mirrortest.Rig {
		sink, c := newSink(t)
		return mirrortest.Rig{Sink: sink, Received: c.ids, Break: func() { c.mu.Lock(); c.broken = true; c.mu.Unlock() }}
	})
}

func TestRecordsSayWhatEventsSay(t *testing.T) {
	sink, c := newSink(t)
	e := mirrortest.Events(1)[0]
	require.NoError(t, sink.Send(t.Context(), []audit.Event{e}))
	require.Len(t, c.records, 1)
	r := &c.records[0]
	assert.Equal(t, "access.read", r.EventName())
	assert.True(t, e.Time.Equal(r.Timestamp()))
	assert.Equal(t, log.SeverityInfo, r.Severity())
	as := attributes(r)
	assert.Contains(t, as, attribute.StringSlice("purposebound.data.fields", []string{"Name", "Address.City"}))
	assert.Contains(t, as, attribute.Bool("purposebound.data.special", true))
	assert.Contains(t, as, attribute.Int64("purposebound.seq", 1))
	assert.Contains(t, as, attribute.String("purposebound.prev", audit.Hash{}.String()))
}

func TestALoggerThatWantsNothingFails(t *testing.T) {
	flush := func(context.Context) error { return nil }
	sink, err := otelmirror.New(noop.NewLoggerProvider().Logger("audit"), flush)
	require.NoError(t, err)
	require.Error(t, sink.Send(t.Context(), mirrortest.Events(1)))
	_, err = otelmirror.New(nil, flush)
	require.Error(t, err)
	_, err = otelmirror.New(noop.NewLoggerProvider().Logger("audit"), nil)
	require.Error(t, err)
}
