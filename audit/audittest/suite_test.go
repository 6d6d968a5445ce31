package audittest

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/purposebound/purposebound/audit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRecorderIsATrail(t *testing.T) {
	TestTrail(t, func(*testing.T) audit.Trail { return NewRecorder(nil) })
}

func TestATrailThatCannotBeReadPassesToo(t *testing.T) {
	TestTrail(t, func(*testing.T) audit.Trail { return struct{ audit.Trail }{NewRecorder(nil)} })
}

// broken is a recorder with one fault.
type broken struct {
	*Recorder
	append func(*Recorder, context.Context, []audit.Event) error
	read   func(*Recorder, context.Context, uint64) iter.Seq2[audit.Event, error]
	lines  func(*Recorder, context.Context, uint64) iter.Seq2[[]byte, error]
	head   func(*Recorder, context.Context) (audit.Head, error)
	close  func(*Recorder) error
}

func (b *broken) Append(ctx context.Context, e []audit.Event) error {
	if b.append != nil {
		return b.append(b.Recorder, ctx, e)
	}
	return b.Recorder.Append(ctx, e)
}

func (b *broken) Read(ctx context.Context, from uint64) iter.Seq2[audit.Event, error] {
	if b.read != nil {
		return b.read(b.Recorder, ctx, from)
	}
	return b.Recorder.Read(ctx, from)
}

func (b *broken) Lines(ctx context.Context, from uint64) iter.Seq2[[]byte, error] {
	if b.lines != nil {
		return b.lines(b.Recorder, ctx, from)
	}
	return b.Recorder.Lines(ctx, from)
}

func (b *broken) Head(ctx context.Context) (audit.Head, error) {
	if b.head != nil {
		return b.head(b.Recorder, ctx)
	}
	return b.Recorder.Head(ctx)
}

func (b *broken) Close() error {
	if b.close != nil {
		return b.close(b.Recorder)
	}
	return b.Recorder.Close()
}

// Each of these trails is wrong in one way, and the check that is there for it says so.
func TestTheSuiteFindsBrokenTrails(t *testing.T) {
	refused := errors.New("refused")
	found := map[string]bool{}
	for name, c := range map[string]struct {
		found string // the check that must fail
		make  func() broken
	}{
		"acknowledges and forgets": {"appending moves the head", func() broken {
			return broken{append: func(*Recorder, context.Context, []audit.Event) error { return nil }}
		}},
		"head stands still": {"appending moves the head", func() broken {
			return broken{head: func(*Recorder, context.Context) (audit.Head, error) { return audit.Head{Stream: "a"}, nil }}
		}},
		"fails": {"no events are no work", func() broken {
			return broken{append: func(*Recorder, context.Context, []audit.Event) error { return refused }}
		}},
		"drops the last of a batch": {"a batch keeps its order", func() broken {
			return broken{append: func(r *Recorder, ctx context.Context, e []audit.Event) error {
				return r.Append(ctx, e[:max(min(len(e), 1), len(e)-1)])
			}}
		}},
		"turns batches round": {"a batch keeps its order", func() broken {
			return broken{append: func(r *Recorder, ctx context.Context, e []audit.Event) error {
				e = slices.Clone(e)
				slices.Reverse(e)
				return r.Append(ctx, e)
			}}
		}},
		"gives its own ids": {"the trail fills in the ledger part", func() broken {
			return broken{append: func(r *Recorder, ctx context.Context, e []audit.Event) error {
				e = slices.Clone(e)
				for i := range e {
					e[i].ID = ""
				}
				return r.Append(ctx, e)
			}}
		}},
		"reads with a wrong hash": {"the chain holds", func() broken {
			return broken{read: func(r *Recorder, ctx context.Context, from uint64) iter.Seq2[audit.Event, error] {
				return func(yield func(audit.Event, error) bool) {
					for e, err := range r.Read(ctx, from) {
						e.Prev[0] ^= byte(e.Seq) & 8
						if !yield(e, err) {
							return
						}
					}
				}
			}}
		}},
		"changes the caller's events": {"the caller's events are left alone", func() broken {
			return broken{append: func(r *Recorder, ctx context.Context, e []audit.Event) error {
				err := r.Append(ctx, e)
				for i := range e {
					e[i].Seq = uint64(i)
				}
				return err
			}}
		}},
		"keeps the caller's events": {"the caller's events are not kept", func() broken {
			var kept []audit.Event
			return broken{
				append: func(_ *Recorder, _ context.Context, e []audit.Event) error {
					kept = append(kept, e...)
					return nil
				},
				read: func(r *Recorder, ctx context.Context, from uint64) iter.Seq2[audit.Event, error] {
					_ = r.Append(ctx, kept)
					return r.Read(ctx, from)
				},
			}
		}},
		"ignores the context": {"an ended context appends nothing", func() broken {
			return broken{append: func(r *Recorder, _ context.Context, e []audit.Event) error {
				return r.Append(context.Background(), e)
			}}
		}},
		"fails after appending": {"an ended context appends nothing", func() broken {
			return broken{append: func(r *Recorder, ctx context.Context, e []audit.Event) error {
				return errors.Join(r.Append(context.Background(), e), ctx.Err())
			}}
		}},
		"appends up to the invalid event": {"one invalid event refuses its batch", func() broken {
			return broken{append: oneByOne}
		}},
		"skips the invalid event": {"one invalid event refuses its batch", func() broken {
			return broken{append: func(r *Recorder, ctx context.Context, e []audit.Event) error {
				return r.Append(ctx, slices.DeleteFunc(slices.Clone(e), func(e audit.Event) bool { return e.Validate() != nil }))
			}}
		}},
		"clears what it does not like": {"raw ids are refused", func() broken {
			return broken{append: func(r *Recorder, ctx context.Context, e []audit.Event) error {
				e = slices.Clone(e)
				for i := range e {
					if errors.Is(e[i].Validate(), audit.ErrInvalid) {
						e[i] = sample(1)
					}
				}
				return r.Append(ctx, e)
			}}
		}},
		"mixes batches": {"concurrent batches do not mix", func() broken { return broken{append: oneByOne} }},
		"acknowledges too early": {"concurrent batches do not mix", func() broken {
			var mu sync.Mutex
			late := map[*Recorder][]audit.Event{}
			return broken{append: func(r *Recorder, ctx context.Context, e []audit.Event) error {
				mu.Lock()
				defer mu.Unlock()
				err := r.Append(ctx, late[r])
				late[r] = e
				return err
			}}
		}},
		"reads from the start": {"reading starts and stops where it should", func() broken {
			return broken{read: func(r *Recorder, ctx context.Context, _ uint64) iter.Seq2[audit.Event, error] { return r.Read(ctx, 1) }}
		}},
		"reads without end": {"reading starts and stops where it should", func() broken {
			return broken{read: func(r *Recorder, _ context.Context, from uint64) iter.Seq2[audit.Event, error] {
				return r.Read(context.Background(), from)
			}}
		}},
		"gives all lines": {"lines are those of the events", func() broken {
			return broken{lines: func(r *Recorder, ctx context.Context, _ uint64) iter.Seq2[[]byte, error] { return r.Lines(ctx, 1) }}
		}},
		"gives other lines": {"lines are those of the events", func() broken {
			return broken{lines: func(r *Recorder, ctx context.Context, from uint64) iter.Seq2[[]byte, error] {
				return func(yield func([]byte, error) bool) {
					for line, err := range r.Lines(ctx, from) {
						if !yield(append(line, ' '), err) {
							return
						}
					}
				}
			}}
		}},
		"gives lines without end": {"lines are those of the events", func() broken {
			return broken{lines: func(r *Recorder, _ context.Context, from uint64) iter.Seq2[[]byte, error] {
				return r.Lines(context.Background(), from)
			}}
		}},
		"opens again": {"a closed trail stays closed", func() broken {
			return broken{close: func(*Recorder) error { return nil }}
		}},
		"closes once": {"a closed trail stays closed", func() broken {
			closed := false
			return broken{close: func(r *Recorder) error {
				if closed {
					return refused
				}
				closed = true
				return r.Close()
			}}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			i := slices.IndexFunc(cases, func(of check) bool { return of.name == c.found })
			require.GreaterOrEqual(t, i, 0, "no such check")
			b := c.make()
			b.Recorder = NewRecorder(nil)
			assert.NotEmpty(t, cases[i].run(&b))
			assert.Empty(t, cases[i].run(NewRecorder(nil)), "the check fails a good trail")
			found[c.found] = true
		})
	}
	for _, c := range cases {
		assert.True(t, found[c.name], "no trail is broken in the way that %q looks for", c.name)
	}
}

// oneByOne lets other batches come between the events of one.
func oneByOne(r *Recorder, ctx context.Context, e []audit.Event) error {
	for i := range e {
		if err := r.Append(ctx, e[i:i+1]); err != nil {
			return err
		}
		runtime.Gosched()
	}
	return nil
}
