package purpose_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/purpose"
)

func TestSoundRegisterCompiles(t *testing.T) {
	r, err := purpose.Compile(sound())
	require.NoError(t, err)
	require.NotEmpty(t, r.Digest())
	for _, a := range r.Advice() {
		t.Log(a)
	}
}
