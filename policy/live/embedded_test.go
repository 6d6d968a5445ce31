package live_test

import (
	"context"
	"embed"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy/live"
)

func TestEmbeddedRulesNeedNoKey(t *testing.T) {
	w := newWorld(t)
	w.store = &store{mark: live.Mark{Revision: 9, Digest: live.NoDigest}}
	p, err := live.Open(ctx, "need-to-know", live.Embedded(policies, "testdata/policies"), w.loader, w.trail, live.WithRevisionStore(w.store))
	require.NoError(t, err)
	require.NoError(t, p.Trigger(ctx))
	h := p.Health()
	require.Empty(t, h.Signer)
	require.Zero(t, h.Revision)
	require.Zero(t, w.store.saves, "the program is what changes")
	require.Equal(t, []string{"done"}, w.changes())

	for name, s := range map[string]live.Source{
		"nothing embedded": live.Embedded(embed.FS{}, "."), "no such folder": live.Embedded(policies, "none"), "no path": live.Embedded(policies, "../x"),
	} {
		_, err := live.Open(ctx, "need-to-know", s, w.loader, w.trail)
		require.Error(t, err, name)
	}
}

// What a verifier returns is never taken for built in, whatever snapshot it hands on.
func TestAVerifierCannotPassForTheProgram(t *testing.T) {
	files, err := live.NewFiles(map[string][]byte{"rules.yaml": []byte(permits("a"))})
	require.NoError(t, err)
	builtIn, err := live.Embedded(policies, "testdata/policies").Fetch(ctx)
	require.NoError(t, err)
	_, err = live.Verify(handing{builtIn}, files)
	require.Equal(t, live.ReasonUnsigned, reasonOf(t, err))
	overlaid := builtIn
	overlaid.Files = files
	w := newWorld(t)
	w.shelf.become(func(context.Context) (live.Snapshot, error) { return overlaid, nil })
	_, err = live.Open(ctx, "need-to-know", w.shelf, w.loader, w.trail)
	require.Equal(t, live.ReasonUnsigned, reasonOf(t, err), "other files than those that were embedded")

	builtIn.Signer = "somebody"
	s, err := live.Verify(handing{builtIn}, files)
	require.NoError(t, err)
	w.shelf.become(func(context.Context) (live.Snapshot, error) { return s, nil })
	_, err = live.Open(ctx, "need-to-know", w.shelf, w.loader, w.trail)
	require.Equal(t, live.ReasonRevision, reasonOf(t, err), "it has to be numbered")
}

type handing struct{ s live.Snapshot }

func (h handing) Verify(*live.Files) (live.Snapshot, error) { return h.s, nil }
