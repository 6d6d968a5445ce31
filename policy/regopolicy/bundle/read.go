package bundle

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/purposebound/purposebound/policy/live"
)

// MaxArchive is the longest tarball, in bytes before it is unpacked.
const MaxArchive = live.MaxBytes

// maxUnpacked leaves room for the headers and the padding of every file.
const maxUnpacked = live.MaxBytes + live.MaxFiles*4096

// File is a signed tarball on disk. Replace it by renaming another over it: one that is caught half written is
// refused, and recorded.
func File(path string, keys ...Key) (live.Source, error) {
	if path == "" {
		return nil, errors.New("bundle: a file needs a path")
	}
	v, err := Verifier(keys...)
	if err != nil {
		return nil, err
	}
	return &file{path, v}, nil
}

type file struct {
	path     string
	verifier live.Verifier
}

// Fetch implements [live.Source].
func (f *file) Fetch(context.Context) (live.Snapshot, error) {
	info, err := os.Stat(f.path)
	if err != nil {
		return live.Snapshot{}, &live.Error{Reason: live.ReasonFetch, Err: err}
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait
		return live.Snapshot{}, &live.Error{Reason: live.ReasonFiles, Err: errors.New("the bundle is no regular file")}
	}
	r, err := os.Open(f.path)
	if err != nil {
		return live.Snapshot{}, &live.Error{Reason: live.ReasonFetch, Err: err}
	}
	defer r.Close()
	return read(r, f.verifier)
}

// Read reads a signed tarball that comes from anywhere. A source of one's own calls it.
func Read(r io.Reader, keys ...Key) (live.Snapshot, error) {
	v, err := Verifier(keys...)
	if err != nil {
		return live.Snapshot{}, err
	}
	return read(r, v)
}

func read(r io.Reader, v live.Verifier) (live.Snapshot, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxArchive+1))
	if err != nil {
		return live.Snapshot{}, &live.Error{Reason: live.ReasonFetch, Err: err}
	}
	if len(raw) > MaxArchive {
		return live.Snapshot{}, &live.Error{Reason: live.ReasonSize, Err: fmt.Errorf("the bundle is more than %d bytes", MaxArchive)}
	}
	contents, err := unpack(raw)
	var files *live.Files
	if err == nil {
		files, err = live.NewFiles(contents)
	}
	if err != nil {
		var e *live.Error
		if !errors.As(err, &e) {
			e = &live.Error{Reason: live.ReasonFiles, Err: err}
		}
		refused, sum := *e, sha256.Sum256(raw)
		refused.Digest = "sha256:" + hex.EncodeToString(sum[:])
		return live.Snapshot{}, &refused
	}
	return live.Verify(v, files)
}

var (
	errArchive  = errors.New("this is no tarball that can be read")
	errTrailing = errors.New("there is something behind the end of the tarball")
	errTwice    = errors.New("the file is there twice")
	errEntry    = errors.New("there are things in the tarball that are neither files nor folders")
)

// unpack reads the files of a tarball into memory. Packing tools put / or ./ before the names; both go.
func unpack(raw []byte) (map[string][]byte, error) {
	in := bufio.NewReader(bytes.NewReader(raw))
	zip, err := gzip.NewReader(in)
	if err != nil {
		return nil, errArchive
	}
	zip.Multistream(false)
	plain := &io.LimitedReader{R: zip, N: maxUnpacked + 1}
	contents, total := map[string][]byte{}, 0
	archive := tar.NewReader(plain)
	for entries := 0; ; entries++ {
		h, err := archive.Next()
		if err == io.EOF {
			break
		}
		switch {
		case plain.N <= 0, entries >= 4*live.MaxFiles:
			return nil, &live.Error{Reason: live.ReasonSize, Err: errors.New("the bundle is too large when it is unpacked")}
		case err != nil:
			return nil, errArchive
		case h.Typeflag == tar.TypeDir:
			continue
		case h.Typeflag != tar.TypeReg:
			return nil, errEntry
		}
		name := strings.TrimPrefix(strings.TrimPrefix(h.Name, "."), "/")
		if strings.HasPrefix(h.Name, ".") && !strings.HasPrefix(h.Name, "./") {
			name = h.Name
		}
		if err := live.CheckName(name); err != nil {
			return nil, err
		}
		if _, twice := contents[name]; twice {
			return nil, &live.Error{Reason: live.ReasonFiles, Place: name, Err: errTwice}
		}
		data, err := io.ReadAll(io.LimitReader(archive, int64(live.MaxBytes-total)+1))
		if err != nil && plain.N > 0 {
			return nil, errArchive
		}
		if total += len(data); total > live.MaxBytes || plain.N <= 0 || len(contents) == live.MaxFiles {
			return nil, &live.Error{Reason: live.ReasonSize, Err: errors.New("the bundle is too large when it is unpacked")}
		}
		contents[name] = data
	}
	return contents, ended(plain, in)
}

// ended makes sure that nothing but padding follows.
func ended(plain io.Reader, in *bufio.Reader) error {
	block := make([]byte, 4096)
	for {
		n, err := plain.Read(block)
		if len(bytes.Trim(block[:n], "\x00")) > 0 {
			return errTrailing
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return errArchive
		}
	}
	if _, err := in.ReadByte(); err != io.EOF {
		return errTrailing
	}
	return nil
}
