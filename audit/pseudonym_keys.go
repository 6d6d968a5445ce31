package audit

import (
	"context"
	"errors"
	"sync"
)

// KeySource gives the keys of epochs, out of a vault or a file. It keeps a key for as long as the trail must answer for a
// person who was recorded in its epoch. Who uses a source asks it for every alias, so one that asks far away caches.
type KeySource interface {
	// Current returns the key that aliases are made with now. To rotate is to return that of another epoch.
	Current(ctx context.Context) (Key, error)

	// Key returns the key of an epoch, [ErrShredded] if it was destroyed on purpose, or any other error if it is not to
	// be had.
	Key(ctx context.Context, epoch string) (Key, error)
}

// Keys is a KeySource in memory. It is safe for concurrent use.
type Keys struct {
	mu      sync.RWMutex
	current Key
	older   map[string]Key // the zero Key where it was shredded
}

var _ KeySource = (*Keys)(nil)

// NewKeys holds the current key and those of earlier epochs.
func NewKeys(current Key, older ...Key) (*Keys, error) {
	if current.at == nil {
		return nil, ErrNoKey
	}
	k := &Keys{current: current, older: make(map[string]Key)}
	for _, o := range older {
		if o.at == nil {
			return nil, ErrNoKey
		}
		if err := k.unused(o.Epoch()); err != nil {
			return nil, err
		}
		k.older[o.Epoch()] = o
	}
	return k, nil
}

// unused refuses an epoch that has a key, or had one.
func (k *Keys) unused(epoch string) error {
	if _, taken := k.older[epoch]; taken || epoch == k.current.Epoch() {
		return &FieldError{"epoch", "has a key already"}
	}
	return nil
}

// Rotate begins a new epoch.
func (k *Keys) Rotate(next Key) error {
	if next.at == nil {
		return ErrNoKey
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.unused(next.Epoch()); err != nil {
		return err
	}
	if k.older == nil {
		k.older = make(map[string]Key)
	}
	if k.current.at != nil {
		k.older[k.current.Epoch()] = k.current
	}
	k.current = next
	return nil
}

// Shred forgets the key of an epoch that is not the current one: its aliases can be linked to nobody from then on. Other
// copies of the key are the caller's to destroy.
func (k *Keys) Shred(epoch string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if epoch == k.current.Epoch() {
		return &FieldError{"epoch", "is the current one"}
	}
	if _, known := k.older[epoch]; !known {
		return &FieldError{"epoch", "unknown"}
	}
	k.older[epoch] = Key{}
	return nil
}

// Current implements [KeySource].
func (k *Keys) Current(ctx context.Context) (Key, error) {
	if err := ctx.Err(); err != nil {
		return Key{}, err
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.current.at == nil {
		return Key{}, ErrNoKey
	}
	return k.current, nil
}

// Key implements [KeySource].
func (k *Keys) Key(ctx context.Context, epoch string) (Key, error) {
	if err := ctx.Err(); err != nil {
		return Key{}, err
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	if epoch != "" && epoch == k.current.Epoch() {
		return k.current, nil
	}
	key, known := k.older[epoch]
	switch {
	case !known:
		return Key{}, ErrNoKey
	case key.at == nil:
		return Key{}, ErrShredded
	}
	return key, nil
}

// GuardKeys is for implementations of [Pseudonymizer]: it makes a source that may fail in any way fail closed. One that
// panics, gives no key, the key of another epoch, or an error is [ErrNoKey], and its text is dropped; one that hangs is
// left when ctx ends. ErrShredded and the errors of ctx pass.
func GuardKeys(source KeySource) KeySource {
	switch s := source.(type) {
	case *Keys:
		if s != nil {
			return s
		}
	case *guardedKeys:
		return s
	}
	return &guardedKeys{source, make(chan struct{}, maxAsking)}
}

// maxAsking bounds how many calls of a source that hangs may be left behind.
const maxAsking = 32

type guardedKeys struct {
	source KeySource
	asking chan struct{}
}

func (g *guardedKeys) Current(ctx context.Context) (Key, error) {
	return g.ask(ctx, "", func(ctx context.Context) (Key, error) { return g.source.Current(ctx) })
}

func (g *guardedKeys) Key(ctx context.Context, epoch string) (Key, error) {
	if epoch == "" {
		return Key{}, ErrNoKey
	}
	return g.ask(ctx, epoch, func(ctx context.Context) (Key, error) { return g.source.Key(ctx, epoch) })
}

func (g *guardedKeys) ask(ctx context.Context, epoch string, get func(context.Context) (Key, error)) (Key, error) {
	if err := ctx.Err(); err != nil {
		return Key{}, err
	}
	select {
	case g.asking <- struct{}{}:
	case <-ctx.Done():
		return Key{}, ctx.Err()
	}
	type answer struct {
		key Key
		err error
	}
	done := make(chan answer, 1)
	go func() {
		a := answer{err: ErrNoKey}
		defer func() {
			if recover() != nil {
				a = answer{err: ErrNoKey}
			}
			<-g.asking
			done <- a
		}()
		a.key, a.err = get(ctx)
	}()
	select {
	case a := <-done:
		switch {
		case errors.Is(a.err, ErrShredded) && epoch != "":
			return Key{}, ErrShredded
		case ctx.Err() != nil:
			return Key{}, ctx.Err()
		case a.err != nil, a.key.at == nil, epoch != "" && a.key.Epoch() != epoch:
			return Key{}, ErrNoKey
		}
		return a.key, nil
	case <-ctx.Done():
		return Key{}, ctx.Err()
	}
}
