package audit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"hash"
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

// KeyedHMAC derives aliases from a secret key and stores nothing. Whoever holds the key can recompute every alias, so no
// single person can be shredded: only a whole epoch, by destroying its key. Use one key per epoch.
type KeyedHMAC struct {
	mac func() hash.Hash // a closure, so that no formatting verb shows the key
}

var _ Pseudonymizer = (*KeyedHMAC)(nil)

// MinKey is the shortest key of a [KeyedHMAC] in bytes.
const MinKey = 32

// NewKeyedHMAC copies key, which comes from a secure random source and has at least [MinKey] bytes. Epoch names the time
// the key is for, for example "2026"; the same id has unrelated aliases in two epochs.
func NewKeyedHMAC(key []byte, epoch string) (*KeyedHMAC, error) {
	if len(key) < MinKey {
		return nil, errors.New("audit: key is shorter than 32 bytes")
	}
	if !versionShape.ok(epoch) {
		return nil, &FieldError{"epoch", "malformed"}
	}
	m := hmac.New(sha256.New, key)
	m.Write([]byte("purposebound alias v1\x00" + epoch))
	derived := m.Sum(nil)
	return &KeyedHMAC{func() hash.Hash { return hmac.New(sha256.New, derived) }}, nil
}

// Alias implements [Pseudonymizer]: the first 128 bits of an HMAC-SHA256 over the class and the id.
func (k *KeyedHMAC) Alias(ctx context.Context, class Class, id string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	switch {
	case k == nil || k.mac == nil:
		return "", errors.New("audit: KeyedHMAC has no key")
	case class.prefix() == "":
		return "", errors.New("audit: unknown class of alias")
	case id == "":
		return "", errors.New("audit: nothing to alias: the id is empty")
	}
	m := k.mac()
	msg := binary.AppendUvarint(make([]byte, 0, 1+binary.MaxVarintLen64+len(id)), uint64(class))
	m.Write(append(msg, id...))
	return class.Alias([16]byte(m.Sum(nil))), nil
}
