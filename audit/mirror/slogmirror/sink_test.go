package slogmirror_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/mirror/mirrortest"
	"github.com/purposebound/purposebound/audit/mirror/slogmirror"
)

// paper is what a handler writes to.
type paper struct {
	mu     sync.Mutex
	text   bytes.Buffer
	broken bool
}

func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken {
		return 0, errors.New("no paper")
	}
	return p.text.Write(b)
}

func (p *paper) records() (out []map[string]any, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for dec := json.NewDecoder(bytes.NewReader(p.text.Bytes())); ; {
		var m map[string]any
		if err := dec.Decode(&m); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
}

func TestSink(t *testing.T) {
	mirrortest.TestSink(t, func(t *testing.T) mirrortest.Rig {
		p := &paper{}
		sink, err := slogmirror.New(slog.NewJSONHandler(p, nil))
		require.NoError(t, err)
		return mirrortest.Rig{
			Sink:  sink,
			Break: func() { p.mu.Lock(); p.broken = true; p.mu.Unlock() },
			Received: func(context.Context) ([]string, error) {
				rs, err := p.records()
				var ids []string
				for _, r := range rs {
					ids = append(ids, r["purposebound.id"].(string))
				}
				return ids, err
			},
		}
	})
}

func TestRecordsSayWhatEventsSay(t *testing.T) {
	p := &paper{}
	sink, err := slogmirror.New(slog.NewJSONHandler(p, nil))
	require.NoError(t, err)
	e := mirrortest.Events(1)[0]
	require.NoError(t, sink.Send(t.Context(), []audit.Event{e}))
	rs, err := p.records()
	require.NoError(t, err)
	require.Len(t, rs, 1)
	assert.Equal(t, "access.read", rs[0]["msg"])
	assert.Equal(t, "INFO", rs[0]["level"])
	assert.Equal(t, []any{"Name", "Address.City"}, rs[0]["purposebound.data.fields"])
	assert.Equal(t, true, rs[0]["purposebound.data.special"])
	assert.InDelta(t, 1, rs[0]["purposebound.seq"], 0)
}

func TestAHandlerThatWantsLessFails(t *testing.T) {
	sink, err := slogmirror.New(slog.NewJSONHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelWarn}))
	require.NoError(t, err)
	require.Error(t, sink.Send(t.Context(), mirrortest.Events(1)))
	_, err = slogmirror.New(nil)
	require.Error(t, err)
}
