package mirror

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/purposebound/purposebound/audit"
)

// Cursor remembers the last event that the receiver has. One mirror uses it.
type Cursor interface {
	// Load returns what was saved last, and the zero head if nothing was.
	Load(ctx context.Context) (audit.Head, error)
	// Save is durable when it returns nil. After an error Load returns this head or the one before.
	Save(ctx context.Context, at audit.Head) error
}

// MemoryCursor forgets when the process ends, so that everything is mirrored again: for tests. The zero value is ready.
type MemoryCursor struct {
	mu sync.Mutex
	at audit.Head
}

var _, _ Cursor = (*MemoryCursor)(nil), FileCursor{}

// Load implements [Cursor].
func (c *MemoryCursor) Load(ctx context.Context) (audit.Head, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at, ctx.Err()
}

// Save implements [Cursor].
func (c *MemoryCursor) Save(ctx context.Context, at audit.Head) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
	return nil
}

// ErrCursor means that the file of a cursor holds what no cursor wrote. Who removes it has everything mirrored again.
var ErrCursor = errors.New("mirror: malformed cursor")

// FileCursor remembers in a file, which it replaces as a whole. A directory of its own is a good place.
type FileCursor struct{ path string }

// NewFileCursor remembers in the file at path; its directory must exist.
func NewFileCursor(path string) FileCursor { return FileCursor{filepath.Clean(path)} }

const cursorTitle = "purposebound cursor v1"

// maxCursor is longer than any cursor, in bytes.
const maxCursor = 1 << 10

// Load implements [Cursor].
func (c FileCursor) Load(ctx context.Context) (audit.Head, error) {
	if err := ctx.Err(); err != nil {
		return audit.Head{}, err
	}
	f, err := os.Open(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		return audit.Head{}, nil
	}
	if err != nil {
		return audit.Head{}, err
	}
	text, err := io.ReadAll(io.LimitReader(f, maxCursor))
	if err = errors.Join(err, f.Close()); err != nil {
		return audit.Head{}, err
	}
	return parseCursor(string(text))
}

// Save implements [Cursor].
func (c FileCursor) Save(ctx context.Context, at audit.Head) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	dir := filepath.Dir(c.path)
	f, err := os.OpenFile(c.path+".tmp", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.WriteString(formatCursor(at))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), c.path); err != nil {
		return err
	}
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync() // without it a crash may bring the older cursor back, and some events come twice
		_ = d.Close()
	}
	return nil
}

func formatCursor(at audit.Head) string {
	text := fmt.Sprintf("%s\nstream %s\nseq %d\nhash %s\n", cursorTitle, at.Stream, at.Seq, at.Hash)
	return text + "sum " + checksum(text) + "\n"
}

func checksum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// parseCursor reads what formatCursor writes, and nothing else.
func parseCursor(text string) (audit.Head, error) {
	var at audit.Head
	lines := strings.Split(text, "\n")
	if len(lines) != 6 {
		return at, ErrCursor
	}
	at.Stream = strings.TrimPrefix(lines[1], "stream ")
	if _, err := fmt.Sscanf(lines[2], "seq %d", &at.Seq); err != nil {
		return audit.Head{}, ErrCursor
	}
	hash, err := hex.DecodeString(strings.TrimPrefix(lines[3], "hash "))
	if err != nil || len(hash) != len(at.Hash) || at.Stream == "" || at.Seq == 0 {
		return audit.Head{}, ErrCursor
	}
	at.Hash = audit.Hash(hash)
	if formatCursor(at) != text { // its checksum included
		return audit.Head{}, ErrCursor
	}
	return at, nil
}
