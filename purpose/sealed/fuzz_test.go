package sealed_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/purpose/sealed"
)

// errorGrammar is all that an error may say: no byte of the input can appear in it but in the digits of an offset.
var errorGrammar = regexp.MustCompile(`^sealed: no conversion: JSON to (string|int64|\[\]uint8|time\.Time|sealed_test\.person)( at offset \d+)?$`)

func FuzzUnmarshalJSON(f *testing.F) {
	for _, seed := range []string{
		`null`, ` null `, `"x"`, `"1990-02-03T04:05:06Z"`, `7`, `1e400`, `-0`, `{"Name":"x","Pay":3}`, `{"Name":3}`, `[1,2]`,
		`"AQID"`, `true`, ``, `{`, `"\ud800"`, "\"\xff\"", `nulls`, `[[[[`, canaryText, `{"Pay":"` + canaryText + `"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		decodesLike[string](t, data)
		decodesLike[int64](t, data)
		decodesLike[[]byte](t, data)
		decodesLike[time.Time](t, data)
		decodesLike[person](t, data)
	})
}

// decodesLike checks a Value[T] against encoding/json on a bare T.
func decodesLike[T any](t *testing.T, data []byte) {
	var want T
	wantErr := json.Unmarshal(data, &want)
	v := sealed.Of(want)
	err := v.UnmarshalJSON(bytes.Clone(data))
	if wantErr != nil {
		require.ErrorIs(t, err, sealed.ErrConvert)
		assert.Regexp(t, errorGrammar, err.Error())
		assert.False(t, v.IsSet())
		return
	}
	require.NoError(t, err)
	assert.Equal(t, string(bytes.Trim(data, " \t\r\n")) != "null", v.IsSet())
	assert.Equal(t, want, opened(t, v))
}
