//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package filetrail

import (
	"errors"
	"os"
)

// lock fails: without a lock there is no single writer.
func lock(*os.File) error { return errors.ErrUnsupported }
