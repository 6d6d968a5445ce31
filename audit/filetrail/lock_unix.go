//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package filetrail

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// lock takes the lock or fails at once. It is held until f is closed, and does not outlive the process.
func lock(f *os.File) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := conn.Control(func(fd uintptr) { failed = syscall.Flock(int(fd), syscall.LOCK_EX|syscall.LOCK_NB) }); err != nil {
		return err
	}
	if errors.Is(failed, syscall.EWOULDBLOCK) {
		return ErrLocked
	}
	return failed
}

// unlinked reports whether the open file has no name left. Writing to such a file and syncing it succeed.
func unlinked(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return !ok || st.Nlink == 0
}
