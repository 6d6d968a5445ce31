package aliastest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/purposebound/purposebound/audit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func good(t *testing.T) audit.Pseudonymizer {
	k, err := audit.NewKeyedHMAC([]byte(strings.Repeat("k", audit.MinKey)), "1")
	require.NoError(t, err)
	return k
}

func TestKeyedHMACConforms(t *testing.T) { TestPseudonymizer(t, good) }

type broken func(ctx context.Context, class audit.Class, id string) (string, error)

func (b broken) Alias(ctx context.Context, class audit.Class, id string) (string, error) {
	return b(ctx, class, id)
}

// Each of these is wrong in one way, and the check that is there for it says so.
func TestTheSuiteFindsBrokenPseudonymizers(t *testing.T) {
	found := map[string]bool{}
	hmac := good(t)
	for name, c := range map[string]struct {
		found string
		alias broken
	}{
		"forgets": {"the same person has the same alias", func(ctx context.Context, class audit.Class, id string) (string, error) {
			return hmac.Alias(ctx, class, fmt.Sprint(id, rand.Int()))
		}},
		"folds case": {"different people have different aliases", func(ctx context.Context, class audit.Class, id string) (string, error) {
			return hmac.Alias(ctx, class, strings.ToLower(id))
		}},
		"mixes classes": {"different people have different aliases", func(ctx context.Context, class audit.Class, id string) (string, error) {
			a, err := hmac.Alias(ctx, audit.DataSubject, id)
			return class.Alias([16]byte{})[:3] + a[3:], err
		}},
		"has a form of its own": {"an event takes the alias", func(ctx context.Context, class audit.Class, id string) (string, error) {
			a, err := hmac.Alias(ctx, class, id)
			return strings.ToUpper(a), err
		}},
		"gives the id": {"the alias shows nothing of the id", func(_ context.Context, _ audit.Class, id string) (string, error) { return id, nil }},
		"takes all":    {"what cannot be aliased is refused", func(context.Context, audit.Class, string) (string, error) { return "x", nil }},
		"quotes": {"what cannot be aliased is refused", func(ctx context.Context, class audit.Class, id string) (string, error) {
			a, err := hmac.Alias(ctx, class, id)
			if err != nil {
				err = errors.New("no alias for " + id)
			}
			return a, err
		}},
		"ignores the context": {"an ended context is refused", func(_ context.Context, class audit.Class, id string) (string, error) {
			return hmac.Alias(context.Background(), class, id)
		}},
		"disagrees": {"all who ask at once get one alias", func(ctx context.Context, class audit.Class, id string) (string, error) {
			return hmac.Alias(ctx, class, fmt.Sprint(id, rand.IntN(4)))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			i := slices.IndexFunc(cases, func(of check) bool { return of.name == c.found })
			require.GreaterOrEqual(t, i, 0, "no such check")
			assert.NotEmpty(t, cases[i].run(c.alias))
			assert.Empty(t, cases[i].run(hmac), "the check fails a good one")
			found[c.found] = true
		})
	}
	for _, c := range cases {
		assert.True(t, found[c.name], "nothing is broken in the way that %q looks for", c.name)
	}
}
