package live

import (
	"context"
	"embed"
	"io/fs"
	"reflect"
)

// Source is where the rules come from. Applications do not call Fetch; a [Policy] does, one call at a time.
type Source interface {
	// Fetch returns what is there now, whether it has changed or not.
	Fetch(ctx context.Context) (Snapshot, error)
}

// Snapshot is a state of a source. The zero Snapshot is refused.
type Snapshot struct {
	Files    *Files
	Revision uint64 // higher is newer, from 1
	Signer   string // the key that the signature was checked with

	builtIn *Files // Files, if they are compiled into the program, which vouches for them
}

// identity is what makes a snapshot another one.
type identity struct {
	files    string // digest
	revision uint64
	signer   string
}

func (s *Snapshot) embedded() bool { return s.Files != nil && s.builtIn == s.Files }

func (s *Snapshot) identity() identity { return identity{s.Files.Digest(), s.Revision, s.Signer} }

// Verifier checks the signature that comes with files. It returns exactly what is signed, without the signature;
// a file that no signature covers, or one that is missing, is an error.
type Verifier interface {
	Verify(files *Files) (Snapshot, error)
}

// Embedded is the folder dir of files that are compiled into the program, "." for all. It needs no key and no
// revision. It takes nothing but an [embed.FS], so that no other file system slips past the signature.
func Embedded(files embed.FS, dir string) Source { return &embedded{files, dir} }

type embedded struct {
	files embed.FS
	dir   string
}

func (e *embedded) Fetch(context.Context) (Snapshot, error) {
	tree, err := fs.Sub(e.files, e.dir)
	if err != nil {
		return Snapshot{}, &Error{Reason: ReasonFetch, Err: err}
	}
	files, err := ReadFiles(tree)
	return Snapshot{Files: files, builtIn: files}, err
}

// isNil sees through an interface that holds a nil pointer or function.
func isNil(part any) bool {
	v := reflect.ValueOf(part)
	switch v.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Func, reflect.Map:
		return v.IsNil()
	}
	return false
}
