package live

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// A tree that is edited in place is read until it rests. Each letter is what one reading finds; '!' fails, as where a file
// is removed meanwhile, and '#' finds something that does not belong there.
func TestATreeIsReadUntilItRests(t *testing.T) {
	gone := &Error{Reason: ReasonFetch, Place: "f"}
	for _, c := range []struct {
		finds, want string
		reason      Reason
		readings    int
	}{
		{finds: "aa", want: "a", readings: 2},
		{finds: "abb", want: "b", readings: 3},
		{finds: "abab!bb", want: "b", readings: 7},
		{finds: "a!aa", want: "a", readings: 4}, // two in a row
		{finds: "!aa", want: "a", readings: 3},
		{finds: "abababababab", reason: ReasonUnstable, readings: readings},
		{finds: "!!!!!!!!!!!!", reason: ReasonFetch, readings: readings},
		{finds: "ab#bb", reason: ReasonFiles, readings: 3},
	} {
		n := 0
		files, err := steady(context.Background(), func(context.Context) (*Files, error) {
			found := c.finds[n]
			n++
			switch found {
			case '!':
				return nil, gone
			case '#':
				return nil, &Error{Reason: ReasonFiles}
			}
			return NewFiles(map[string][]byte{"f": {found}})
		})
		require.Equal(t, c.readings, n, c.finds)
		if c.reason != "" {
			var e *Error
			require.True(t, errors.As(err, &e), c.finds)
			require.Equal(t, c.reason, e.Reason, c.finds)
			continue
		}
		require.NoError(t, err, c.finds)
		require.Equal(t, c.want, string(files.Contents()["f"]), c.finds)
	}
}
