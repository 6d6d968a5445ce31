package checkpoint

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"
)

// Store keeps the hashes of a tree at the places that tlog gives them. What it holds can be made anew from the trail, so
// it need not be durable, and is checked against the last anchored checkpoint before it is used. The zero hash stands
// for one that is not there. A [Tree] does not use it concurrently.
type Store interface {
	tlog.HashReader
	// WriteHashes puts hashes at this place and those behind it.
	WriteHashes(at int64, hashes []tlog.Hash) error
	// Reset forgets everything.
	Reset() error
}

// memory is a store that a process has for itself.
type memory struct {
	blocks map[int64]*[blockSize]tlog.Hash
}

const blockSize = 1024

// NewMemory returns a store in memory: 64 bytes for each event.
func NewMemory() Store { return &memory{map[int64]*[blockSize]tlog.Hash{}} }

func (m *memory) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, n := range at {
		if b := m.blocks[n/blockSize]; b != nil {
			out[i] = b[n%blockSize]
		}
	}
	return out, nil
}

func (m *memory) WriteHashes(at int64, hashes []tlog.Hash) error {
	for _, h := range hashes {
		b := m.blocks[at/blockSize]
		if b == nil {
			b = new([blockSize]tlog.Hash)
			m.blocks[at/blockSize] = b
		}
		b[at%blockSize] = h
		at++
	}
	return nil
}

func (m *memory) Reset() error {
	clear(m.blocks)
	return nil
}

// FileStore is a store in one file: 64 bytes for each event. One process may have it open.
type FileStore struct{ file *os.File }

// OpenFileStore opens the file, and makes it if there is none.
func OpenFileStore(path string) (*FileStore, error) {
	f, err := os.OpenFile(filepath.Clean(path), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	return &FileStore{f}, nil
}

// ReadHashes implements [tlog.HashReader].
func (s *FileStore) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, n := range at {
		if _, err := s.file.ReadAt(out[i][:], n*tlog.HashSize); errors.Is(err, io.EOF) {
			out[i] = tlog.Hash{}
		} else if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// WriteHashes implements [Store].
func (s *FileStore) WriteHashes(at int64, hashes []tlog.Hash) error {
	buf := make([]byte, 0, len(hashes)*tlog.HashSize)
	for _, h := range hashes {
		buf = append(buf, h[:]...)
	}
	_, err := s.file.WriteAt(buf, at*tlog.HashSize)
	return err
}

// Reset implements [Store].
func (s *FileStore) Reset() error { return s.file.Truncate(0) }

// Close closes the file.
func (s *FileStore) Close() error { return s.file.Close() }
