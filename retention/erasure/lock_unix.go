//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package erasure

import (
	"errors"
	"os"
	"syscall"
)

// lock takes the file or fails at once. It is held until f is closed, and does not outlive the process.
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
