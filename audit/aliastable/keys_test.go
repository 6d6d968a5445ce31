package aliastable_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/aliastable"
	"github.com/purposebound/purposebound/audit/audittest"
)

// source is a KeySource that fails as told.
type source struct {
	current func(context.Context) (audit.Key, error)
	key     func(context.Context, string) (audit.Key, error)
}

func (s source) Current(ctx context.Context) (audit.Key, error) { return s.current(ctx) }
func (s source) Key(ctx context.Context, epoch string) (audit.Key, error) {
	return s.key(ctx, epoch)
}

func TestASourceThatFailsGivesNoAliasAndNoRow(t *testing.T) {
	good := key(t, "2026", "k")
	for name, c := range map[string]struct {
		key  func(context.Context) (audit.Key, error)
		want error
	}{
		"missing":       {func(context.Context) (audit.Key, error) { return audit.Key{}, nil }, audit.ErrNoKey},
		"error":         {func(context.Context) (audit.Key, error) { return good, errors.New("canary") }, audit.ErrNoKey},
		"panic":         {func(context.Context) (audit.Key, error) { panic("canary") }, audit.ErrNoKey},
		"late":          {func(ctx context.Context) (audit.Key, error) { <-ctx.Done(); return good, nil }, context.DeadlineExceeded},
		"too short":     {func(context.Context) (audit.Key, error) { return audit.NewKey("2026", make([]byte, 31)) }, audit.ErrNoKey},
		"another epoch": {nil, audit.ErrNoKey},
		"another key":   {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, p place) {
				before := p.table(t, keys(t), nil)
				old := alias(t, before, "anna")
				bad := source{c.key, func(ctx context.Context, _ string) (audit.Key, error) { return c.key(ctx) }}
				switch name {
				case "another epoch":
					bad.current = keys(t).Current
					bad.key = func(context.Context, string) (audit.Key, error) { return key(t, "2025", "k"), nil }
				case "another key":
					other, err := audit.NewKeys(key(t, "2026", "X"))
					require.NoError(t, err)
					bad = source{other.Current, other.Key}
				}
				trail := audittest.NewRecorder(nil)
				table := p.table(t, bad, trail)
				ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
				defer cancel()
				for what, err := range map[string]error{
					"alias": func() error {
						if name == "another epoch" {
							return audit.ErrNoKey // the current one is well
						}
						a, err := table.Alias(ctx, audit.DataSubject, "canary")
						assert.Empty(t, a)
						return err
					}(),
					"aliases": func() error { _, err := table.Aliases(ctx, audit.DataSubject, "anna"); return err }(),
					"erase":   func() error { _, err := table.Erase(ctx, audit.DataSubject, "anna"); return err }(),
				} {
					require.Error(t, err, what)
					if c.want != nil {
						assert.ErrorIs(t, err, c.want, what)
					}
					assert.NotContains(t, err.Error(), "canary", what)
				}
				assert.Empty(t, trail.Events())
				assert.Equal(t, 1, p.rows(t, "SELECT count(*) FROM audit_aliases"))
				assert.Equal(t, old, alias(t, before, "anna"), "the control: with the right key all is well")
			})
		})
	}
}

func TestThousandCallersOfAHangingSourceAreRefusedInTime(t *testing.T) {
	p := newSQLite(t)
	held := make(chan struct{})
	var stuck atomic.Int64
	table := p.table(t, source{current: func(context.Context) (audit.Key, error) {
		stuck.Add(1)
		<-held
		return audit.Key{}, nil
	}}, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	done := make(chan error)
	for range 1000 {
		go func() {
			_, err := table.Alias(ctx, audit.DataSubject, "anna")
			done <- err
		}()
	}
	for range 1000 {
		require.ErrorIs(t, <-done, context.DeadlineExceeded)
	}
	assert.LessOrEqual(t, stuck.Load(), int64(32), "calls left behind are bounded")
	close(held)
}

func TestATableNeedsKeysAndATrail(t *testing.T) {
	p := newSQLite(t)
	_, err := p.open(t.Context(), p.pool(t), nil, audittest.NewRecorder(nil), aliastable.Options{})
	require.ErrorIs(t, err, audit.ErrNoKey)
	_, err = p.open(t.Context(), p.pool(t), keys(t), nil, aliastable.Options{})
	require.Error(t, err)
}
