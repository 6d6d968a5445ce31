package live

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Directory is a folder whose files are signed together, as a mounted volume has them. The verifier is needed.
//
// Nothing outside the folder is read, whatever links say. Kubernetes puts the files of a volume into a folder that the
// link ..data names, and replaces the link: then that folder is read, and every other name must lead into it. The tree is
// read until two readings agree.
func Directory(path string, verifier Verifier) (Source, error) {
	if path == "" {
		return nil, errors.New("live: a directory needs a path")
	}
	if isNil(verifier) {
		return nil, errors.New("live: a directory needs a verifier: whoever can write to it could change the policy")
	}
	return &directory{path, verifier}, nil
}

type directory struct {
	path     string
	verifier Verifier
}

// readings is how often a tree is read before it counts as restless.
const readings = 8

// dataLink is the link that Kubernetes replaces when a volume changes.
const dataLink = "..data"

func (d *directory) Fetch(ctx context.Context) (Snapshot, error) {
	files, err := steady(ctx, d.read)
	if err != nil {
		return Snapshot{}, err
	}
	return Verify(d.verifier, files)
}

// Verify asks a verifier, and makes sure that its answer is one: an error has a reason and the digest of what
// was refused.
func Verify(v Verifier, files *Files) (Snapshot, error) {
	snapshot, err := v.Verify(files)
	var e *Error
	switch {
	case err == nil && (snapshot.Files == nil || snapshot.Signer == ""):
		e = &Error{Reason: ReasonUnsigned}
	case err == nil:
		snapshot.builtIn = nil
		return snapshot, nil
	case !errors.As(err, &e):
		e = &Error{Reason: ReasonSignature, Err: err}
	}
	refused := *e
	refused.Digest = files.Digest()
	return Snapshot{}, &refused
}

// steady reads until two readings in a row agree.
func steady(ctx context.Context, read func(context.Context) (*Files, error)) (*Files, error) {
	var last *Files
	var lastErr error = &Error{Reason: ReasonUnstable}
	for range readings {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		files, err := read(ctx)
		switch {
		case err != nil:
			last, lastErr = nil, err // what was read may have been removed meanwhile
			var e *Error
			if errors.As(err, &e) && e.Reason != ReasonFetch && e.Reason != ReasonUnstable {
				return nil, err
			}
		case last != nil && last.Digest() == files.Digest():
			return files, nil
		default:
			last, lastErr = files, &Error{Reason: ReasonUnstable, Digest: files.Digest()}
		}
	}
	return nil, lastErr
}

// read reads the tree once. The folder that the link names is opened once; by the next reading it names the new one.
func (d *directory) read(ctx context.Context) (*Files, error) {
	root, err := os.OpenRoot(d.path)
	if err != nil {
		return nil, &Error{Reason: ReasonFetch, Err: err}
	}
	defer root.Close()
	tree := root
	if info, err := root.Lstat(dataLink); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		link, err := root.Readlink(dataLink)
		if err != nil {
			return nil, &Error{Reason: ReasonFetch, Place: dataLink, Err: err}
		}
		if !filepath.IsLocal(link) {
			return nil, &Error{Reason: ReasonFiles, Place: dataLink, Err: errors.New("the link leads out of its folder")}
		}
		if err := onlyLinks(root); err != nil {
			return nil, err
		}
		if tree, err = root.OpenRoot(link); err != nil {
			return nil, &Error{Reason: ReasonFetch, Place: dataLink, Err: err}
		}
		defer tree.Close()
	}
	contents, err := readTree(tree.FS(), ctx.Err)
	if err != nil {
		return nil, err
	}
	return NewFiles(contents)
}

// onlyLinks makes sure that nothing lies beside the generations: it would seem to be in force and would not be.
func onlyLinks(root *os.Root) error {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return &Error{Reason: ReasonFetch, Err: err}
	}
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, "..") {
			continue
		}
		target, err := root.Readlink(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed meanwhile
		}
		if err != nil || filepath.ToSlash(target) != dataLink+"/"+name {
			return &Error{Reason: ReasonFiles, Place: name, Err: errors.New("this lies beside the volume's files, which " + dataLink + " names")}
		}
	}
	return nil
}
