package audittest

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
)

func TestFailNextFailsOnce(t *testing.T) {
	broken := errors.New("broken")
	r := NewRecorder(nil)
	r.FailNext(broken)
	assert.ErrorIs(t, r.Append(t.Context(), []audit.Event{sample(1)}), broken)
	assert.Empty(t, r.Events())
	assert.NoError(t, r.Append(t.Context(), []audit.Event{sample(2)}))
	assert.Len(t, r.Events(), 1)
}

func TestBlockHoldsAppendUntilRelease(t *testing.T) {
	r := NewRecorder(nil)
	release := r.Block()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	assert.ErrorIs(t, r.Append(ctx, []audit.Event{sample(1)}), context.DeadlineExceeded)

	done := make(chan error)
	go func() { done <- r.Append(t.Context(), []audit.Event{sample(2)}) }()
	select {
	case <-done:
		t.Fatal("Append did not wait")
	case <-time.After(10 * time.Millisecond):
	}
	assert.Empty(t, r.Events())
	release()
	release()
	require.NoError(t, <-done)
	assert.Equal(t, decisionID(2), r.Events()[0].DecisionID)
	assert.NoError(t, r.Append(t.Context(), []audit.Event{sample(3)}))
}

func TestRecorderUsesItsClockAndVerifies(t *testing.T) {
	at := time.Date(2026, 3, 26, 12, 0, 0, 1999, time.FixedZone("CET", 3600))
	r := NewRecorder(func() time.Time { return at })
	assert.Empty(t, r.Bytes())
	require.NoError(t, r.Append(t.Context(), []audit.Event{sample(1), sample(2)}))
	assert.Equal(t, time.Date(2026, 3, 26, 11, 0, 0, 1000, time.UTC), r.Events()[0].Time)

	rep, err := audit.Verify(bytes.NewReader(r.Bytes()))
	require.NoError(t, err)
	head, err := r.Head(t.Context())
	require.NoError(t, err)
	assert.Equal(t, audit.Consistent, rep.Verdict)
	assert.Equal(t, head, rep.Head)
}

func TestAFailingClockAppendsNothing(t *testing.T) {
	n := 0
	r := NewRecorder(func() time.Time { n++; return time.Unix(int64(5-10*(n/3)), 0) })
	assert.Error(t, r.Append(t.Context(), []audit.Event{sample(1), sample(2), sample(3)}))
	assert.Empty(t, r.Events())
}
