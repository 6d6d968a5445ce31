package redactlog_test

import (
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// grower makes values out of bytes. Canaries are in tagged fields, and nowhere else.
type grower struct {
	data []byte
	made []any // to be met again: cycles

	tells bool // somewhere is what makes a text of itself
}

func (g *grower) next(n int) int {
	if len(g.data) == 0 {
		return 0
	}
	b := g.data[0]
	g.data = g.data[1:]
	return int(b) % n
}

type mixed struct {
	Open  any
	inner any
	Who   *lessee
	Err   error
	Count int
}

type wrapping struct {
	text string
	held any
}

func (w *wrapping) Error() string { return fmt.Sprint(w.text, w.held) }

type valuing struct{ held any }

func (v valuing) LogValue() slog.Value { return slog.AnyValue(v.held) }

func (g *grower) grow(depth int) any {
	if depth > 12 {
		return hedda()
	}
	switch g.next(24) {
	case 0:
		return 7
	case 1:
		return hedda()
	case 2:
		return new(hedda())
	case 3:
		return []lessee{hedda(), hedda()}
	case 4:
		return map[string]lessee{canary: hedda()}
	case 5:
		list := make([]any, 1+g.next(4))
		g.made = append(g.made, list)
		for i := range list {
			list[i] = g.grow(depth + 1)
		}
		return list
	case 6:
		m := map[string]any{}
		g.made = append(g.made, m)
		for i := range 1 + g.next(4) {
			m[fmt.Sprint("k", i)] = g.grow(depth + 1)
		}
		return m
	case 7:
		m := &mixed{Count: 1}
		g.made = append(g.made, m)
		m.Open, m.inner = g.grow(depth+1), g.grow(depth+1)
		return m
	case 8:
		return mixed{Open: g.grow(depth + 1), Who: new(hedda())}
	case 9:
		return mixed{Err: &wrapping{"x", g.grow(depth + 1)}}
	case 10:
		return fmt.Errorf("y: %w", error(&notFound{hedda()}))
	case 11:
		return errors.Join(errors.New("a"), &wrapping{"z", g.grow(depth + 1)})
	case 12:
		return valuing{g.grow(depth + 1)}
	case 13:
		return slog.GroupValue(slog.Any("a", g.grow(depth+1)), slog.Any("b", g.grow(depth+1)))
	case 14:
		return []slog.Attr{slog.Any("a", g.grow(depth+1)), slog.Any("b", g.grow(depth+1))}
	case 15:
		return slog.Any("a", g.grow(depth+1))
	case 16:
		return []slog.Value{slog.GroupValue(slog.Int("i", 1), slog.Any("b", g.grow(depth+1)))}
	case 17:
		return reflect.ValueOf(g.grow(depth + 1))
	case 18:
		return map[any]any{who{canary}: g.grow(depth + 1)}
	case 19:
		v := g.grow(depth + 1)
		return &v
	case 20:
		g.tells = true
		return telling{hedda()}
	case 21:
		return [2]any{g.grow(depth + 1), misspelt{canary}}
	case 22:
		return map[string][]*lessee{canary: {new(hedda())}}
	default:
		if len(g.made) > 0 {
			return g.made[g.next(len(g.made))]
		}
		return nil
	}
}

func FuzzNoTaggedValueIsLogged(f *testing.F) {
	for i := range byte(24) {
		f.Add([]byte{i, 1})
		f.Add([]byte{5, 3, i, 6, 3, i, 7, i, 23, 23, 8, i, 2})
		f.Add([]byte{7, 5, 2, i, 23, 0, i, 12, 13, i, 16, i, 9, i})
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		g := &grower{data: data}
		v := g.grow(0)
		outs := shown(t, "v", v)
		if g.tells {
			outs = outs[:len(outs)/2] // before ReplaceAttr is asked it has spoken
		}
		for _, out := range outs {
			require.NotContains(t, out, canary)
		}
	})
}
