package erasure

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func journalLineOf(t testing.TB, l journalLine) []byte {
	body, err := json.Marshal(l)
	require.NoError(t, err)
	return fmt.Appendf(nil, "%08x %s\n", crc32.ChecksumIEEE(body), body)
}

// Whatever the file holds: an open intent is whole, only what follows the last newline is dropped, and no error
// repeats what it read.
func FuzzJournal(f *testing.F) {
	begun := journalLineOf(f, journalLine{Intent: &Intent{Batch: "b1", Keys: []string{"canary"}}})
	done := journalLineOf(f, journalLine{Done: "b1"})
	f.Add(begun)
	f.Add(append(bytes.Clone(begun), done...))
	f.Add(append(bytes.Clone(begun), begun[:len(begun)/2]...))
	f.Add(journalLineOf(f, journalLine{}))
	f.Add(journalLineOf(f, journalLine{Intent: &Intent{Batch: "b1"}}))
	f.Add([]byte("00000000 {}\n"))
	f.Add([]byte("canary\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		open, whole, err := parseJournal(text)
		if err != nil {
			assert.ErrorIs(t, err, ErrDamaged)
			assert.False(t, strings.Contains(err.Error(), "canary"))
			return
		}
		assert.Equal(t, bytes.LastIndexByte(text, '\n')+1, whole)
		for _, i := range open {
			assert.NotEmpty(t, i.Batch)
			assert.NotEmpty(t, i.Keys)
		}
	})
}
