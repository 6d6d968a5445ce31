package mirror

import (
	"context"
	"errors"
	"time"

	"github.com/purposebound/purposebound/audit"
)

// Code says why a mirror does not get on. The list is closed; empty means that it does.
type Code string

const (
	SinkFailed   Code = "sink-failed"
	SinkTimeout  Code = "sink-timeout" // or it still hangs
	SinkPanicked Code = "sink-panicked"
	CursorFailed Code = "cursor-failed"
	SourceFailed Code = "source-failed"
	SourcePruned Code = "source-pruned" // for good: [ErrGap]
	SourceForked Code = "source-forked" // for good: [ErrForked]
)

// Health is how a mirror does.
type Health struct {
	Sent     uint64    // seq of the last event that the receiver is known to have, in this process or before
	Head     uint64    // seq of the last event of the trail, as of the last look
	Lag      uint64    // events between the two
	Failures int       // in a row
	Last     Code      // of the last failure, also when all is well again
	Now      Code      // empty if the last attempt went well
	Failing  time.Time // since when; zero if not
	Looked   time.Time // when an attempt last ended
}

// Health tells how the mirror does. It waits for nobody.
func (m *Mirror) Health() Health {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.health
}

// failure is an attempt that failed.
type failure struct {
	code Code
	err  error
}

func (f *failure) Error() string { return "mirror: " + string(f.code) }
func (f *failure) Unwrap() error { return f.err }

// CodeOf returns why [Mirror.Tick] failed; its errors never say more.
func CodeOf(err error) Code {
	if f := (*failure)(nil); errors.As(err, &f) {
		return f.code
	}
	return ""
}

func sinkFailure(err error) error {
	switch {
	case errors.Is(err, errPanicked):
		return &failure{SinkPanicked, err}
	case errors.Is(err, errHangs), errors.Is(err, context.DeadlineExceeded):
		return &failure{SinkTimeout, err}
	}
	return &failure{SinkFailed, err}
}

func (m *Mirror) note(err error) {
	now := m.opts.Clock()
	m.mu.Lock()
	defer m.mu.Unlock()
	h := &m.health
	h.Looked, h.Now = now, CodeOf(err)
	if err == nil {
		h.Failures, h.Failing = 0, time.Time{}
		return
	}
	if h.Failures++; h.Failing.IsZero() {
		h.Failing = now
	}
	h.Last = h.Now
}

func (m *Mirror) saw(head, at audit.Head) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.health.Head, m.health.Sent = head.Seq, at.Seq
	m.lag()
}

func (m *Mirror) sent(at audit.Head) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.health.Sent, m.health.Head = at.Seq, max(m.health.Head, at.Seq)
	m.lag()
}

func (m *Mirror) lag() { m.health.Lag = m.health.Head - min(m.health.Sent, m.health.Head) }
