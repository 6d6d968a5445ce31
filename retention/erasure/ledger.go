package erasure

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"slices"
	"sync"
	"time"
)

// Ledger remembers which keys of one table were erased, so that a backup that is restored can be swept ([Executor.Sweep]).
// It is one file of records of 32 bytes, each synced before it counts: the first 128 bits of an HMAC-SHA256 of the key,
// the second of the erasure, a checksum. The package documentation says what that means for privacy. It is safe for
// concurrent use.
type Ledger struct {
	mu    sync.Mutex
	path  string
	table string
	file  *os.File
	size  int64
	mac   func(string) digest // a closure, so that no formatting verb shows the secret
	err   error
}

type digest [16]byte

type ledgerRecord struct {
	digest digest
	at     int64 // Unix seconds
}

const (
	// MinSecret is the shortest secret of a [Ledger] in bytes.
	MinSecret = 32

	recordLen   = 32
	ledgerMagic = "pberase1" // version of the format
)

// OpenLedger opens the ledger of a table at path, and makes it with mode 0600 if there is none. Secret comes from a secure
// random source and has at least [MinSecret] bytes; the file opens with no other. A last record that a crash cut short
// never counted and is dropped.
func OpenLedger(path, table string, secret []byte) (*Ledger, error) {
	if len(secret) < MinSecret {
		return nil, errors.New("erasure: secret is shorter than 32 bytes")
	}
	m := hmac.New(sha256.New, secret)
	m.Write([]byte("purposebound erasure ledger v1\x00" + table))
	derived := m.Sum(nil)
	l := &Ledger{path: path, table: table, mac: func(text string) digest {
		m := hmac.New(sha256.New, derived)
		m.Write([]byte(text))
		return digest(m.Sum(nil)[:16])
	}}
	f, err := openLocked(path)
	if err != nil {
		return nil, err
	}
	l.file = f
	if err := l.load(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return l, nil
}

// head is the first record: it tells another secret, table or format.
func (l *Ledger) head() []byte {
	sum := l.mac("\x00head")
	return seal(append([]byte(ledgerMagic), sum[:]...))
}

// digest of a key; no key's text is that of the head.
func (l *Ledger) digest(key string) digest { return l.mac("\x01" + key) }

// seal fills a record up and ends it with its checksum.
func seal(b []byte) []byte {
	out := make([]byte, recordLen)
	copy(out, b)
	binary.BigEndian.PutUint32(out[recordLen-4:], crc32.ChecksumIEEE(out[:recordLen-4]))
	return out
}

func sealed(b []byte) bool {
	return binary.BigEndian.Uint32(b[recordLen-4:]) == crc32.ChecksumIEEE(b[:recordLen-4])
}

func (r ledgerRecord) bytes() []byte {
	return seal(binary.BigEndian.AppendUint64(r.digest[:len(r.digest):len(r.digest)], uint64(r.at)))
}

func (l *Ledger) load() error {
	info, err := l.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() < recordLen { // new, or its first write was cut short
		if err := l.file.Truncate(0); err != nil {
			return err
		}
		return l.write(l.head())
	}
	first := make([]byte, recordLen)
	if _, err := l.file.ReadAt(first, 0); err != nil {
		return err
	}
	switch {
	case !sealed(first) || !bytes.HasPrefix(first, []byte(ledgerMagic)):
		return fmt.Errorf("%w: not a ledger", ErrDamaged)
	case !hmac.Equal(first, l.head()):
		return ErrSecret
	}
	l.size = info.Size() - info.Size()%recordLen
	if l.size < info.Size() {
		if err := l.file.Truncate(l.size); err != nil {
			return err
		}
		return l.file.Sync()
	}
	return nil
}

// Add makes it durable that the rows of these keys were erased. Adding one again is no error.
func (l *Ledger) Add(ctx context.Context, at time.Time, keys ...string) error {
	buf := make([]byte, 0, len(keys)*recordLen)
	for _, k := range keys {
		buf = append(buf, ledgerRecord{l.digest(k), at.Unix()}.bytes()...)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.usable(ctx); err != nil {
		return err
	}
	return l.write(buf)
}

func (l *Ledger) usable(ctx context.Context) error {
	if l.err != nil {
		return l.err
	}
	return ctx.Err()
}

func (l *Ledger) write(buf []byte) error {
	if len(buf) == 0 {
		return nil
	}
	_, err := l.file.WriteAt(buf, l.size)
	if err == nil {
		err = l.file.Sync()
	}
	if err == nil {
		err = sameFile(l.file, l.path)
	}
	if err != nil {
		l.err = failed(ErrRecord, err)
		return l.err
	}
	l.size += int64(len(buf))
	return nil
}

// Close gives the file free. It may be called twice.
func (l *Ledger) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file, l.err = nil, ErrClosed
	return err
}

// records reads the ledger.
func (l *Ledger) records() ([]ledgerRecord, error) {
	in := io.NewSectionReader(l.file, recordLen, l.size-recordLen)
	list := make([]ledgerRecord, 0, in.Size()/recordLen)
	chunk := make([]byte, 2048*recordLen)
	for {
		n, err := io.ReadFull(in, chunk)
		for b := chunk[:n-n%recordLen]; len(b) > 0; b = b[recordLen:] {
			if !sealed(b[:recordLen]) {
				return nil, fmt.Errorf("%w: ledger record %d", ErrDamaged, len(list)+1)
			}
			list = append(list, ledgerRecord{digest(b[:16]), int64(binary.BigEndian.Uint64(b[16:24]))})
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// erased is an index of the ledger, in order of the digests, 24 bytes each.
type erased struct {
	ledger *Ledger
	list   []ledgerRecord
}

func (l *Ledger) index(ctx context.Context) (*erased, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.indexed(ctx)
}

// indexed is index for whoever holds the lock. Of a key that was added again only the latest entry counts.
func (l *Ledger) indexed(ctx context.Context) (*erased, error) {
	if err := l.usable(ctx); err != nil {
		return nil, err
	}
	list, err := l.records()
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b ledgerRecord) int {
		return cmp.Or(bytes.Compare(a.digest[:], b.digest[:]), cmp.Compare(b.at, a.at))
	})
	list = slices.CompactFunc(list, func(a, b ledgerRecord) bool { return a.digest == b.digest })
	return &erased{l, list}, nil
}

// at returns when the row of the key was last erased.
func (e *erased) at(key string) (time.Time, bool) {
	i, found := slices.BinarySearchFunc(e.list, e.ledger.digest(key), func(r ledgerRecord, d digest) int { return bytes.Compare(r.digest[:], d[:]) })
	if !found {
		return time.Time{}, false
	}
	return time.Unix(e.list[i].at, 0), true
}

// Len returns how many entries the ledger has; a key that was added twice has two until [Ledger.Prune].
func (l *Ledger) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int(l.size/recordLen) - 1
}
