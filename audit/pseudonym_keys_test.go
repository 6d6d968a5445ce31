package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
)

func newKey(t testing.TB, epoch string) audit.Key {
	k, err := audit.NewKey(epoch, []byte(strings.Repeat(epoch[3:], audit.MinKey)))
	require.NoError(t, err)
	return k
}

func TestARotationChangesAliasesAndShreddingWholeEpochsOnly(t *testing.T) {
	source, err := audit.NewKeys(newKey(t, "2026"), newKey(t, "2025"))
	require.NoError(t, err)
	k, err := audit.NewRotatingHMAC(source)
	require.NoError(t, err)
	alias := func(id string) string {
		a, err := k.Alias(t.Context(), audit.DataSubject, id)
		require.NoError(t, err)
		return a
	}
	all := func(id string) []string {
		a, err := k.Aliases(t.Context(), audit.DataSubject, id, "2025", "2026", "2027")
		require.NoError(t, err)
		return a
	}
	old, other := alias("anna"), alias("bert")
	assert.Equal(t, old, alias("anna"))
	require.NoError(t, source.Rotate(newKey(t, "2027")))
	young := alias("anna")
	assert.NotEqual(t, old, young)
	require.Len(t, all("anna"), 3)
	assert.Equal(t, []string{old, young}, all("anna")[1:])

	require.NoError(t, source.Shred("2026"))
	assert.NotContains(t, all("anna"), old)
	assert.NotContains(t, all("bert"), other, "everybody of the epoch goes with it")
	assert.Len(t, all("bert"), 2)
	_, err = source.Key(t.Context(), "2026")
	assert.ErrorIs(t, err, audit.ErrShredded)
	assert.Equal(t, young, alias("anna"))

	alone, err := audit.NewKeyedHMAC([]byte(strings.Repeat("7", audit.MinKey)), "2027")
	require.NoError(t, err)
	same, err := alone.Alias(t.Context(), audit.DataSubject, "anna")
	require.NoError(t, err)
	assert.Equal(t, young, same, "a source of one key")
}

func TestKeysRefuseWhatMakesAnEpochAmbiguous(t *testing.T) {
	k, err := audit.NewKeys(newKey(t, "2026"), newKey(t, "2025"))
	require.NoError(t, err)
	for _, epoch := range []string{"2026", "2025"} {
		assert.Error(t, k.Rotate(newKey(t, epoch)), "an epoch never gets another key")
	}
	require.NoError(t, k.Shred("2025"))
	assert.Error(t, k.Rotate(newKey(t, "2025")), "also when it was shredded")
	assert.Error(t, k.Shred("2026"), "the current one")
	assert.Error(t, k.Shred("1999"))
	assert.ErrorIs(t, k.Rotate(audit.Key{}), audit.ErrNoKey)
	_, err = audit.NewKeys(audit.Key{})
	assert.ErrorIs(t, err, audit.ErrNoKey)
	_, err = audit.NewKeys(newKey(t, "2026"), audit.Key{})
	assert.ErrorIs(t, err, audit.ErrNoKey)
	_, err = audit.NewKeys(newKey(t, "2026"), newKey(t, "2026"))
	assert.Error(t, err)
	for _, epoch := range []string{"", "1999"} {
		_, err = k.Key(t.Context(), epoch)
		assert.ErrorIs(t, err, audit.ErrNoKey)
	}
	var zero audit.Keys
	_, err = zero.Current(t.Context())
	assert.ErrorIs(t, err, audit.ErrNoKey)
	_, err = zero.Key(t.Context(), "")
	assert.ErrorIs(t, err, audit.ErrNoKey)
	require.NoError(t, zero.Rotate(newKey(t, "2026")))
	_, err = zero.Current(t.Context())
	assert.NoError(t, err)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = k.Current(ended)
	assert.ErrorIs(t, err, context.Canceled)
	_, err = k.Key(ended, "2026")
	assert.ErrorIs(t, err, context.Canceled)
}

func TestSumsOfDifferentUsesAreUnrelated(t *testing.T) {
	k := newKey(t, "2026")
	seen := map[string]bool{}
	for _, use := range []string{"alias", "alias lookup", "alias proof"} {
		for _, class := range []audit.Class{audit.DataSubject, audit.Principal} {
			for _, id := range []string{"anna", "bert"} {
				sum, err := k.Sum(use, class, id)
				require.NoError(t, err)
				seen[string(sum[:])] = true
			}
		}
	}
	assert.Len(t, seen, 12)
	for _, bad := range []error{second(k.Sum("alias", 0, "anna")), second(k.Sum("alias", audit.DataSubject, "")), second(audit.Key{}.Sum("alias", audit.DataSubject, "anna"))} {
		assert.Error(t, bad)
	}
}

func second[T any](_ T, err error) error { return err }

func TestNothingShowsAKey(t *testing.T) {
	k, err := audit.NewKey("2026", secret)
	require.NoError(t, err)
	source, err := audit.NewKeys(k)
	require.NoError(t, err)
	for _, v := range []any{k, &k, source, audit.GuardKeys(source)} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			shown := fmt.Sprintf(verb, v)
			assert.NotContains(t, shown, string(secret[:8]))
			assert.NotContains(t, shown, "30313233")
			assert.NotContains(t, shown, "48 49 50 51")
		}
		text, err := json.Marshal(v)
		require.NoError(t, err)
		assert.Equal(t, "{}", string(text))
	}
}

// source is a KeySource that answers as told.
type source func(ctx context.Context, epoch string) (audit.Key, error)

func (s source) Current(ctx context.Context) (audit.Key, error)           { return s(ctx, "") }
func (s source) Key(ctx context.Context, epoch string) (audit.Key, error) { return s(ctx, epoch) }

func TestAGuardedSourceFailsClosed(t *testing.T) {
	good := newKey(t, "2026")
	var nobody *audit.Keys
	for name, c := range map[string]struct {
		source audit.KeySource
		want   error
	}{
		"nil":         {nil, audit.ErrNoKey},
		"nil pointer": {nobody, audit.ErrNoKey},
		"no key":      {source(func(context.Context, string) (audit.Key, error) { return audit.Key{}, nil }), audit.ErrNoKey},
		"error":       {source(func(context.Context, string) (audit.Key, error) { return good, errors.New("canary") }), audit.ErrNoKey},
		"panic":       {source(func(context.Context, string) (audit.Key, error) { panic("canary") }), audit.ErrNoKey},
		"late":        {source(func(ctx context.Context, _ string) (audit.Key, error) { <-ctx.Done(); return good, nil }), context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			g := audit.GuardKeys(c.source)
			for what, err := range map[string]error{"current": second(g.Current(ctx)), "key": second(g.Key(ctx, "2026"))} {
				require.ErrorIs(t, err, c.want, what)
				assert.NotContains(t, err.Error(), "canary")
			}
		})
	}
	g := audit.GuardKeys(source(func(_ context.Context, epoch string) (audit.Key, error) {
		if epoch == "2024" {
			return audit.Key{}, fmt.Errorf("canary: %w", audit.ErrShredded)
		}
		return good, nil
	}))
	assert.NoError(t, second(g.Current(t.Context())), "the control")
	assert.NoError(t, second(g.Key(t.Context(), "2026")), "the control")
	assert.ErrorIs(t, second(g.Key(t.Context(), "2025")), audit.ErrNoKey, "the key of another epoch")
	assert.ErrorIs(t, second(g.Key(t.Context(), "")), audit.ErrNoKey)
	assert.Equal(t, audit.ErrShredded, second(g.Key(t.Context(), "2024")))
	assert.Equal(t, g, audit.GuardKeys(g))
	assert.ErrorIs(t, second(audit.NewRotatingHMAC(nil)), audit.ErrNoKey)
}

// Rotation while everybody aliases: each alias is of one of the two epochs, and afterwards of the new one.
func TestRotationUnderLoad(t *testing.T) {
	keys, err := audit.NewKeys(newKey(t, "2026"))
	require.NoError(t, err)
	k, err := audit.NewRotatingHMAC(source(func(ctx context.Context, epoch string) (audit.Key, error) {
		if epoch == "" {
			return keys.Current(ctx)
		}
		return keys.Key(ctx, epoch)
	}))
	require.NoError(t, err)
	seen := make([]map[string]bool, 8)
	var wg sync.WaitGroup
	for w := range seen {
		seen[w] = map[string]bool{}
		wg.Go(func() {
			for range 200 {
				a, err := k.Alias(t.Context(), audit.DataSubject, "anna")
				assert.NoError(t, err)
				seen[w][a] = true
			}
		})
	}
	require.NoError(t, keys.Rotate(newKey(t, "2027")))
	wg.Wait()
	both, err := k.Aliases(t.Context(), audit.DataSubject, "anna", "2026", "2027")
	require.NoError(t, err)
	for _, s := range seen {
		for a := range s {
			assert.Contains(t, both, a)
		}
	}
	last, err := k.Alias(t.Context(), audit.DataSubject, "anna")
	require.NoError(t, err)
	assert.Equal(t, both[1], last)
}
