package erasure

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestProgressLineRewritesItself(t *testing.T) {
	text := ""
	progress, end := progressLine(func(s string) { text += s })
	end()
	progress(Progress{Planned: 100, Done: 10, Kept: 5, Orders: 1})
	progress(Progress{Planned: 9, Done: 1})
	end()
	end()
	assert.Equal(t, "\r100 planned, 10 done, 5 kept, 1 orders\r9 planned, 1 done, 0 kept, 0 orders   \n", text)
}

func TestProgressLineIsForTerminals(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	f, err := os.Create(path)
	require.NoError(t, err)
	progress, end := ProgressLine(f)
	progress(Progress{Planned: 1})
	end()
	require.NoError(t, f.Close())
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Empty(t, text)
	assert.False(t, isTerminal(nil))
	assert.False(t, isTerminal(f), "closed")
	if null, err := os.Open(os.DevNull); err == nil {
		assert.True(t, isTerminal(null), "the control: a character device is seen")
		require.NoError(t, null.Close())
	}
}
