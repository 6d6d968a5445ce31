package main

import (
	"bufio"
	"context"
	"io"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/filetrail"
)

// Who follows a trail gets the events that come while it looks, each once, until it is interrupted.
func TestTailFollowsATrailThatGrows(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "trail")
	trail, err := filetrail.Open(dir, filetrail.Options{SegmentSize: 1000})
	require.NoError(t, err)
	denied := func() {
		require.NoError(t, trail.Append(t.Context(), []audit.Event{{Name: audit.AccessDenied, Outcome: audit.Denied, Mode: audit.Enforce,
			Reason: "policy.denied", DecisionID: "01JV0000000000000000000000"}}))
	}
	out, in := io.Pipe()
	ctx, interrupt := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		err := tailTrail(ctx, &env{stdout: in, stderr: in, json: true}, dir, 2, true)
		_ = in.Close()
		ended <- err
	}()
	lines := bufio.NewScanner(out)
	for seq := uint64(2); seq < 8; seq++ {
		denied()
		require.True(t, lines.Scan())
		e, err := audit.ParseLine(lines.Bytes())
		require.NoError(t, err)
		require.Equal(t, seq, e.Seq)
	}
	interrupt()
	assert.False(t, lines.Scan(), "nothing comes twice")
	assert.NoError(t, <-ended)
	require.NoError(t, trail.Close())
}
