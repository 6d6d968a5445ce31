package audit

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"hash"
	"maps"
	"sync"
	"sync/atomic"
)

// Class keeps the aliases of data subjects and of principals apart, for somebody may be both.
type Class uint8

const (
	DataSubject Class = 1 + iota // the person the data is about
	Principal                    // who is asking; employees are data subjects too
)

// Pseudonymizer stands in for an id. Raw ids never enter a trail.
type Pseudonymizer interface {
	// Alias returns the alias of id, which is not empty. An alias that is stored is durable before it is returned.
	Alias(ctx context.Context, class Class, id string) (string, error)
}

const aliasLen = 3 + 26 // ds-, and 128 bits in base32

var aliasEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Alias is for implementations of [Pseudonymizer]: it writes 128 bits in the only form that an event accepts. It returns
// "" for an unknown class, which no event accepts.
func (c Class) Alias(bits [16]byte) string {
	p := c.prefix()
	if p == "" {
		return ""
	}
	var buf [aliasLen]byte
	return string(aliasEncoding.AppendEncode(append(buf[:0], p...), bits[:]))
}

func (c Class) prefix() string {
	switch c {
	case DataSubject:
		return "ds-"
	case Principal:
		return "pr-"
	}
	return ""
}

// MinKey is the shortest secret of a [Key] in bytes.
const MinKey = 32

var (
	// ErrNoKey means that a [KeySource] gave no usable key. There is no alias then, and so no event and no release.
	ErrNoKey = errors.New("audit: no key")
	// ErrShredded is what a [KeySource] says of an epoch whose key was destroyed on purpose.
	ErrShredded = errors.New("audit: the key of this epoch was destroyed")

	errClass = errors.New("audit: unknown class of alias")
	errNoID  = errors.New("audit: nothing to alias: the id is empty")
)

// Key is the secret of one epoch. No formatting verb and no encoder shows it. The zero Key is no key.
type Key struct{ at *keyed }

// keyed holds secrets in closures, which nothing prints.
type keyed struct {
	epoch  string
	derive func(use string) []byte
	under  func(use string) *sync.Pool // of *mac under the key derived for a use
}

// mac is an HMAC that was used before and is ready for the next message: its key is taken in once.
type mac struct {
	hash.Hash
	buf []byte
}

// NewKey copies secret, which comes from a secure random source and has at least [MinKey] bytes. Epoch names the time
// the key is for, for example "2026". An epoch never gets another key.
func NewKey(epoch string, secret []byte) (Key, error) {
	if len(secret) < MinKey {
		return Key{}, errors.New("audit: key is shorter than 32 bytes")
	}
	if !versionShape.ok(epoch) {
		return Key{}, &FieldError{"epoch", "malformed"}
	}
	secret = bytes.Clone(secret)
	k := &keyed{epoch: epoch, derive: func(use string) []byte {
		m := hmac.New(sha256.New, secret)
		m.Write([]byte("purposebound " + use + " v1\x00" + epoch))
		return m.Sum(nil)
	}}
	k.under = remembered(func(use string) *sync.Pool {
		derived := k.derive(use)
		return &sync.Pool{New: func() any { return &mac{Hash: hmac.New(sha256.New, derived)} }}
	})
	return Key{k}, nil
}

// maxUses is how many uses a key remembers; there are three in this module.
const maxUses = 8

// remembered makes each pool once. What it remembers goes with the key.
func remembered(of func(use string) *sync.Pool) func(use string) *sync.Pool {
	var known atomic.Pointer[map[string]*sync.Pool]
	known.Store(&map[string]*sync.Pool{})
	return func(use string) *sync.Pool {
		have := known.Load()
		if p := (*have)[use]; p != nil {
			return p
		}
		p := of(use)
		if len(*have) < maxUses {
			more := maps.Clone(*have)
			more[use] = p
			known.CompareAndSwap(have, &more) // who comes second does without
		}
		return p
	}
}

// Epoch returns the name of the epoch, "" for the zero Key.
func (k Key) Epoch() string {
	if k.at == nil {
		return ""
	}
	return k.at.epoch
}

// Sum is for implementations of [Pseudonymizer]: an HMAC-SHA256 over class and id, under a key derived for one use.
func (k Key) Sum(use string, class Class, id string) (sum [sha256.Size]byte, err error) {
	switch {
	case k.at == nil:
		return sum, ErrNoKey
	case class.prefix() == "":
		return sum, errClass
	case id == "":
		return sum, errNoID
	}
	pool := k.at.under(use)
	m := pool.Get().(*mac)
	m.buf = append(binary.AppendUvarint(m.buf[:0], uint64(class)), id...)
	m.Write(m.buf)
	clear(m.buf)
	m.buf = m.Hash.Sum(m.buf[:0])
	copy(sum[:], m.buf)
	clear(m.buf)
	if m.Reset(); cap(m.buf) <= maxBuf {
		pool.Put(m)
	}
	return sum, nil
}

// maxBuf is how many bytes of room a mac may keep.
const maxBuf = 1 << 10

// KeyedHMAC derives aliases from the secret key of an epoch and stores nothing. Whoever holds the key can recompute every
// alias, so no single person can be erased from a trail: only a whole epoch, by destroying its key everywhere. Where one
// person must be erasable, use a table of random aliases instead.
type KeyedHMAC struct{ keys KeySource }

var _ Pseudonymizer = (*KeyedHMAC)(nil)

// NewKeyedHMAC derives from one key that is never rotated; see [NewKey].
func NewKeyedHMAC(key []byte, epoch string) (*KeyedHMAC, error) {
	k, err := NewKey(epoch, key)
	if err != nil {
		return nil, err
	}
	return &KeyedHMAC{&Keys{current: k}}, nil
}

// NewRotatingHMAC derives from the current key of a source: after a rotation the same id has another alias, unrelated to
// the one before.
func NewRotatingHMAC(source KeySource) (*KeyedHMAC, error) {
	if source == nil {
		return nil, ErrNoKey
	}
	return &KeyedHMAC{GuardKeys(source)}, nil
}

// Immediate reports that Alias works in memory alone and never waits, as it does with keys in memory.
func (k *KeyedHMAC) Immediate() bool {
	if k == nil || k.keys == nil {
		return true
	}
	_, ok := k.keys.(*Keys)
	return ok
}

// Alias implements [Pseudonymizer]: the first 128 bits of an HMAC-SHA256 over the class and the id.
func (k *KeyedHMAC) Alias(ctx context.Context, class Class, id string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if k == nil || k.keys == nil {
		return "", ErrNoKey
	}
	key, err := k.keys.Current(ctx)
	if err != nil {
		return "", err
	}
	return key.aliasOf(class, id)
}

// Aliases returns the aliases that id has in these epochs, for answering the person. Epochs that were shredded are left
// out: nobody can link them any more.
func (k *KeyedHMAC) Aliases(ctx context.Context, class Class, id string, epochs ...string) (aliases []string, err error) {
	if k == nil || k.keys == nil {
		return nil, ErrNoKey
	}
	for _, epoch := range epochs {
		key, err := k.keys.Key(ctx, epoch)
		if errors.Is(err, ErrShredded) {
			continue
		}
		if err != nil {
			return nil, err
		}
		a, err := key.aliasOf(class, id)
		if err != nil {
			return nil, err
		}
		aliases = append(aliases, a)
	}
	return aliases, nil
}

func (k Key) aliasOf(class Class, id string) (string, error) {
	sum, err := k.Sum("alias", class, id)
	if err != nil {
		return "", err
	}
	return class.Alias([16]byte(sum[:])), nil
}
