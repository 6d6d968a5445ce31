//go:build !linux

package filetrail

import "errors"

func (osFile) Allocate(int64, int64) error { return errors.ErrUnsupported }

func (osDisk) Free() uint64 { return 0 }
