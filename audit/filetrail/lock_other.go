//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package filetrail

import (
	"errors"
	"io/fs"
	"os"
)

// lock fails: without a lock there is no single writer.
func lock(*os.File) error { return errors.ErrUnsupported }

func unlinked(fs.FileInfo) bool { return true }
