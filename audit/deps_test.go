package audit_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNoNetworkFileFormatOrEngineBelow(t *testing.T) {
	deps := func(pkg string) []string {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", pkg).Output()
		require.NoError(t, err)
		return strings.Fields(string(out))
	}
	got := deps(".")
	require.Contains(t, got, "crypto/sha256")
	for _, pkg := range got {
		first, _, _ := strings.Cut(pkg, "/")
		if strings.Contains(first, ".") {
			assert.True(t, pkg == "github.com/oklog/ulid/v2" || pkg == "github.com/purposebound/purposebound/audit", pkg)
		}
		assert.NotEqual(t, "net", first)
		assert.NotEqual(t, "encoding/json", pkg)
	}
	assert.True(t, slices.Contains(deps("net/http"), "net"), "the check sees the network where there is one")
}
