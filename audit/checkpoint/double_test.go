package checkpoint_test

import (
	"context"
	"errors"
	"iter"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/purposebound/purposebound/audit"
)

// shifting passes calls on to whatever trail is there now.
type shifting struct{ swapped }

func (s *shifting) Head(ctx context.Context) (audit.Head, error) { return s.now().Head(ctx) }

func (s *shifting) Append(ctx context.Context, e []audit.Event) error { return s.now().Append(ctx, e) }

func (s *shifting) Read(ctx context.Context, from uint64) iter.Seq2[audit.Event, error] {
	return s.now().Read(ctx, from)
}

// WriteHashes fails the failAt-th time, counting from 1, having written half.
func (f *failing) WriteHashes(at int64, hashes []tlog.Hash) error {
	if f.failAt > 0 {
		if f.failAt--; f.failAt == 0 {
			_ = f.Store.WriteHashes(at, hashes[:len(hashes)/2])
			return errors.New("no space")
		}
	}
	return f.Store.WriteHashes(at, hashes)
}
