package filetrail

import (
	"errors"
	"os"
	"syscall"
)

const keepSize = 1 // FALLOC_FL_KEEP_SIZE

func (f osFile) Allocate(from, to int64) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := conn.Control(func(fd uintptr) {
		for failed = syscall.EINTR; failed == syscall.EINTR; {
			failed = syscall.Fallocate(int(fd), keepSize, from, to-from)
		}
	}); err != nil {
		return err
	}
	if errors.Is(failed, syscall.EOPNOTSUPP) || errors.Is(failed, syscall.ENOSYS) {
		return errors.ErrUnsupported
	}
	if failed != nil {
		return &os.SyscallError{Syscall: "fallocate", Err: failed}
	}
	return nil
}

func (d osDisk) Free() uint64 {
	dir, err := d.root.Open(".")
	if err != nil {
		return 0
	}
	defer dir.Close()
	var s syscall.Statfs_t
	if syscall.Fstatfs(int(dir.Fd()), &s) != nil {
		return 0
	}
	return s.Bavail * uint64(s.Bsize)
}
