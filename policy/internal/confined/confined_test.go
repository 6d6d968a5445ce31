package confined_test

import (
	"net"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy/internal/confined"
)

// TestTraceSeesWhatIsOpened, and nothing of what is opened before and after.
func TestTraceSeesWhatIsOpened(t *testing.T) {
	if confined.Inside() {
		open := func(name string) {
			if f, err := os.Open(name); err == nil {
				f.Close()
			}
		}
		open("/etc/hosts")
		confined.Watched(func() {
			open("/etc/hostname")
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			l.Close()
		})
		open("/etc/hosts")
		return
	}
	calls := strings.Join(confined.Trace(t, "TestTraceSeesWhatIsOpened"), "\n")
	assert.Contains(t, calls, "/etc/hostname")
	assert.Contains(t, calls, "socket(")
	assert.NotContains(t, calls, "/etc/hosts\"")
}

// TestTraceIsSilentWhereNothingIsOpened.
func TestTraceIsSilentWhereNothingIsOpened(t *testing.T) {
	if confined.Inside() {
		confined.Watched(func() {})
		return
	}
	assert.Empty(t, confined.Trace(t, "TestTraceIsSilentWhereNothingIsOpened"))
}

// TestRunShowsWhatIsPrinted.
func TestRunShowsWhatIsPrinted(t *testing.T) {
	if confined.Inside() {
		_, err := os.Stderr.WriteString("printed by the child\n")
		require.NoError(t, err)
		return
	}
	assert.Contains(t, confined.Run(t, "TestRunShowsWhatIsPrinted"), "printed by the child")
}

// TestPeakSeesMemoryThatIsGivenBack: it is freed before the function ends.
func TestPeakSeesMemoryThatIsGivenBack(t *testing.T) {
	touch := func(n int) byte {
		b := make([]byte, n)
		for i := 0; i < n; i += 4096 {
			b[i] = 1
		}
		return b[n/2]
	}
	heap := confined.Peak(func() {
		for range 20 {
			touch(80 << 20)
		}
	})
	assert.Greater(t, heap, uint64(64<<20))
	heap = confined.Peak(func() { touch(1 << 20) })
	assert.Less(t, heap, uint64(8<<20))
}
