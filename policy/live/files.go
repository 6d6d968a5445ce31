package live

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of one snapshot.
const (
	MaxFiles = 1024     // files
	MaxBytes = 16 << 20 // bytes of all files together
	MaxName  = 255      // bytes of a name with its folders
)

// Names of files that belong to the source and not to the rules. Other names that begin with a dot are never read.
const (
	ManifestFile  = ".manifest"
	SignatureFile = ".signatures.json"
)

// Files is an immutable file system in memory: what is verified, compiled and tested is the same.
type Files struct {
	nodes  map[string]*node
	digest string
}

// NewFiles keeps copies of the contents, by slash-separated path.
func NewFiles(contents map[string][]byte) (*Files, error) {
	if len(contents) > MaxFiles {
		return nil, tooMany()
	}
	f := &Files{nodes: map[string]*node{".": {name: ".", dir: true}}}
	total := 0
	sum := sha256.New()
	io.WriteString(sum, "purposebound files 1\n")
	write := func(b []byte) {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(b)))
		sum.Write(size[:])
		sum.Write(b)
	}
	for _, name := range slices.Sorted(maps.Keys(contents)) {
		if err := CheckName(name); err != nil {
			return nil, err
		}
		data := contents[name]
		if total += len(data); total > MaxBytes {
			return nil, tooLarge()
		}
		if err := f.add(name, slices.Clone(data)); err != nil {
			return nil, err
		}
		write([]byte(name))
		write(data)
	}
	for _, n := range f.nodes {
		slices.SortFunc(n.entries, func(a, b *node) int { return strings.Compare(a.name, b.name) })
	}
	f.digest = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	return f, nil
}

// ReadFiles reads a whole tree. Names that begin with a dot are left out, but for the manifest and the signature at
// the top.
func ReadFiles(tree fs.FS) (*Files, error) {
	if tree == nil {
		return nil, &Error{Reason: ReasonFetch, Err: errors.New("there are no files")}
	}
	contents, err := readTree(tree, func() error { return nil })
	if err != nil {
		return nil, err
	}
	return NewFiles(contents)
}

// Digest identifies names and contents, "sha256:...".
func (f *Files) Digest() string { return f.digest }

// Contents returns copies of all contents, by path.
func (f *Files) Contents() map[string][]byte {
	all := map[string][]byte{}
	for name, n := range f.nodes {
		if !n.dir {
			all[name] = slices.Clone(n.data)
		}
	}
	return all
}

// CheckName refuses names that lead out of a tree, or that cannot be shown in a report.
func CheckName(name string) error {
	bad := func(why string) error {
		if len(name) > 60 {
			name = strings.ToValidUTF8(name[:60], "") + "..."
		}
		return &Error{Reason: ReasonFiles, Place: name, Err: errors.New(why)}
	}
	switch {
	case len(name) > MaxName:
		return bad(fmt.Sprintf("the name is longer than %d bytes", MaxName))
	case name == ".", !fs.ValidPath(name), strings.ContainsAny(name, `\:`):
		return bad("this is no plain relative path")
	case !utf8.ValidString(name), strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return bad("the name has characters that cannot be printed")
	}
	return nil
}

// readTree reads what counts in a tree; stop is asked before each entry.
func readTree(tree fs.FS, stop func() error) (map[string][]byte, error) {
	contents := map[string][]byte{}
	entries, total := 0, 0
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err := stop(); err != nil {
			return err
		}
		if entries++; entries > 4*MaxFiles {
			return tooMany()
		}
		switch base := path.Base(name); {
		case err != nil:
			return &Error{Reason: ReasonFetch, Place: name, Err: err}
		case name == ManifestFile, name == SignatureFile, name == ".":
		case base[0] == '.' && d.IsDir():
			return fs.SkipDir
		case base[0] == '.':
			return nil
		}
		if d.IsDir() {
			return nil
		}
		if len(contents) == MaxFiles {
			return tooMany()
		}
		data, err := readOne(tree, name, MaxBytes-total)
		if d.Type()&fs.ModeSymlink != 0 && errors.Is(err, errStat) && !errors.Is(err, fs.ErrNotExist) {
			return &Error{Reason: ReasonFiles, Place: name, Err: errors.New("this link leads to no file of the tree")}
		}
		if err != nil {
			return err
		}
		total += len(data)
		contents[name] = data
		return nil
	})
	return contents, err
}

// readOne reads a regular file, or what a link to one inside the tree leads to. It looks before it opens: opening a
// pipe would wait.
func readOne(tree fs.FS, name string, limit int) ([]byte, error) {
	info, err := fs.Stat(tree, name)
	if err != nil {
		return nil, &Error{Reason: ReasonFetch, Place: name, Err: errors.Join(errStat, err)}
	}
	if !info.Mode().IsRegular() {
		return nil, &Error{Reason: ReasonFiles, Place: name, Err: errors.New("this is no regular file")}
	}
	if info.Size() > int64(limit) {
		return nil, tooLarge()
	}
	file, err := tree.Open(name)
	if err != nil {
		return nil, &Error{Reason: ReasonFetch, Place: name, Err: err}
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, int64(limit)+1))
	if err != nil {
		return nil, &Error{Reason: ReasonFetch, Place: name, Err: err}
	}
	if len(data) > limit {
		return nil, tooLarge()
	}
	return data, nil
}

var errStat = errors.New("cannot be looked at")

func tooMany() error {
	return &Error{Reason: ReasonSize, Err: fmt.Errorf("there are more than %d files", MaxFiles)}
}

func tooLarge() error {
	return &Error{Reason: ReasonSize, Err: fmt.Errorf("the files are more than %d bytes together", MaxBytes)}
}
