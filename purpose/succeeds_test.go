package purpose_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/purpose"
)

// A version of a notice is never published twice with different content, and never forgotten.
func TestSucceedsRefusesAVersionThatChanged(t *testing.T) {
	before := purpose.MustCompile(sound())
	for _, c := range []struct {
		name   string
		change func(*purpose.Spec)
		want   []string
	}{
		{"nothing changed", func(*purpose.Spec) {}, nil},
		{"a purpose is new, the notice is the same", func(s *purpose.Spec) { s.Purposes = append(s.Purposes, purpose.Purpose{Key: "later"}) }, nil},
		{"a new version", func(s *purpose.Spec) { s.Notices = append(s.Notices, purpose.Notice{Version: "3", From: "2025-01-01"}) }, nil},
		{"other text", func(s *purpose.Spec) { s.Notices[1].Digest = "sha256:1" + s.Notices[1].Digest[8:] }, []string{"notices[1] notice.rewritten"}},
		{"text that is no longer said", func(s *purpose.Spec) { s.Notices[1].Digest = "" }, []string{"notices[1] notice.rewritten"}},
		{"another day", func(s *purpose.Spec) { s.Notices[1].From = "2023-02-02" }, []string{"notices[1] notice.rewritten"}},
		{"a version gone", func(s *purpose.Spec) { s.Notices, s.Scopes[0].Purposes[0].Since = s.Notices[1:], "" }, []string{"notices notice.rewritten"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sound()
			c.change(&s)
			after, err := purpose.Compile(s)
			require.NoError(t, err)
			err = after.Succeeds(before)
			if c.want == nil {
				require.NoError(t, err)
				return
			}
			var ps purpose.Problems
			require.ErrorAs(t, err, &ps)
			var got []string
			for _, p := range ps {
				got = append(got, p.Path+" "+p.Code)
			}
			assert.Equal(t, c.want, got)
		})
	}
}
