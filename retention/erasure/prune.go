package erasure

import (
	"context"
	"errors"
	"os"
	"time"
)

// Prune drops the entries of erasures before an instant, durably: no backup older than that may be restored any more. It
// returns how many are left.
func (l *Ledger) Prune(ctx context.Context, before time.Time) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	index, err := l.indexed(ctx)
	if err != nil {
		return 0, err
	}
	content, left := l.head(), 0
	for _, r := range index.list {
		if r.at >= before.Unix() {
			content = append(content, r.bytes()...)
			left++
		}
	}
	if err := l.replace(content); err != nil {
		return 0, err
	}
	return left, nil
}

// replace puts a new file in the place of the ledger's. The old one stays until the new one is whole.
func (l *Ledger) replace(content []byte) error {
	temporary := l.path + ".new"
	if err := os.Remove(temporary); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(temporary, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err = lock(f); err == nil {
		_, err = f.Write(content)
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = os.Rename(temporary, l.path)
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	old := l.file
	l.file, l.size = f, int64(len(content))
	if err := errors.Join(syncDir(l.path), old.Close()); err != nil {
		l.err = failed(ErrRecord, err)
		return l.err
	}
	return nil
}
