package acceptance

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/purpose"
)

// TestEachVersionAnswersForItsTime: of a notice that changes between two versions, the same request gets the answer of the
// version in force at its time, also when it is asked about afterwards.
func TestEachVersionAnswersForItsTime(t *testing.T) {
	list := all(t)
	for _, n := range Notices("..") {
		t.Run(strings.ToLower(n.Prefix), func(t *testing.T) {
			require.NoError(t, n.Err)
			asked := 0
			for i := range list {
				c := list[i]
				if asked < 12 && prefix(c.ID) == n.Prefix && c.Expect == Allow && n.twoVersions(t, &c) {
					asked++
				}
			}
			assert.NotZero(t, asked)
		})
	}
}

// twoVersions gives the notice a version that begins a day before the case and keeps the activities of the purpose for it
// alone: the case is permitted under it, and refused under the version before.
func (n *Notice) twoVersions(t *testing.T, c *Case) bool {
	w := newWorld(n, c)
	day := w.At.AddDate(0, 0, -1)
	r, diffs := RunOne([]*Notice{n}, c)
	if len(diffs) > 0 || c.Request.Text("purpose") == "" || c.Given.Facts.Has("loaded_versions") {
		return false
	}
	spec := n.Register.Spec()
	next := spec.Notices[len(spec.Notices)-1]
	if _, version, ok := n.Register.NoticeAt(w.At); !ok || version != next.Version || next.From >= day.Format(time.DateOnly) || next.Through != "" {
		return false
	}
	next.Version, next.From, next.Announced, next.Digest = "next", day.Format(time.DateOnly), next.From, ""
	spec.Notices = append(slices.Clone(spec.Notices), next)
	for i := range spec.Activities {
		if a := &spec.Activities[i]; slices.Contains(r.Entries, "activity:"+a.Key) || contains(a.Purposes, c.Request.Text("purpose")) {
			a.Notices = []string{"next"}
		}
	}
	reg, err := purpose.Compile(spec)
	if err != nil {
		return false // a scope or a grant that cannot be of one version alone
	}
	later := n.With(reg)
	now, diffs := RunOne([]*Notice{later}, c)
	if len(diffs) > 0 {
		return false // a consent shown under the version before, say, does not carry over
	}
	assert.Equal(t, "next", now.Detail["version"], c.ID)

	w = newWorld(later, c)
	w.build()
	h, err := w.open()
	require.NoError(t, err, c.ID)
	req := w.Request
	req.At = day.Add(-48 * time.Hour)
	a := w.ask(h, req, w.fields())
	var before Result
	before.decided(&a)
	assert.NotEqual(t, Allow, before.Outcome, c.ID)
	if before.Outcome == Deny {
		assert.Contains(t, strings.Join(before.Codes, "\n"), "purpose.notice", c.ID)
	}
	assert.Equal(t, spec.Notices[len(spec.Notices)-2].Version, before.Detail["version"], c.ID)
	return true
}
