package filetrail

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/purposebound/purposebound/audit"
)

// Prune removes whole files whose events are all older than before, which may not be later than [Options.KeepMonths]
// allows; the zero time stands for what they allow. It returns the number of events that it removed. The file that is
// written to stays.
//
// It verifies what it removes, appends trail.pruned, leaves a manifest in its place, and only then removes it: what
// follows still verifies, and passes if a checkpoint that covers the pruned events was anchored before or after. Killed
// half-way, it is finished by the next Prune or Open. Files are pruned by what their lines say: an event from a clock
// that was years ahead keeps its file, and those behind it, until then.
func (t *Trail) Prune(ctx context.Context, before time.Time) (pruned uint64, err error) {
	t.pruning.Lock()
	defer t.pruning.Unlock()
	allowed := t.clock().AddDate(0, -t.keep, 0)
	if before.IsZero() {
		before = allowed
	}
	if before.After(allowed) {
		return 0, errors.New("filetrail: the trail keeps its events longer than that")
	}
	l, err := look(t.disk)
	if err != nil {
		return 0, err
	}
	was := l.pruned.Head.Seq
	m, n, err := t.expired(ctx, l, before)
	if err != nil {
		return 0, err
	}
	if n == 0 {
		return 0, clear(t.disk, l.left)
	}
	if err := t.Append(ctx, []audit.Event{{Name: audit.TrailPruned, N: m.Head.Seq}}); err != nil {
		return 0, err
	}
	if err := writeManifest(t.disk, m); err != nil {
		return 0, err
	}
	t.mu.Lock()
	t.first = m.Head.Seq + 1
	t.mu.Unlock()
	if l, err = look(t.disk); err == nil {
		err = clear(t.disk, l.left)
	}
	return m.Head.Seq - was, err
}

// Pruned stands for the events that were pruned.
func (t *Trail) Pruned() (audit.Manifest, error) {
	l, err := look(t.disk)
	return l.pruned, err
}

// expired verifies the files from the first that hold older events alone, and returns what is to stand for them.
func (t *Trail) expired(ctx context.Context, l listing, before time.Time) (m audit.Manifest, n int, err error) {
	m = l.pruned
	for _, name := range l.segments[:max(0, len(l.segments)-1)] {
		next, old, err := t.scan(ctx, name, m, before)
		if err != nil {
			return audit.Manifest{}, 0, err
		}
		if !old {
			break
		}
		m, n = next, n+1
	}
	return m, n, nil
}

// scan verifies a file that follows m, and reports whether all its events are older.
func (t *Trail) scan(ctx context.Context, name string, m audit.Manifest, before time.Time) (_ audit.Manifest, old bool, err error) {
	f, err := t.disk.OpenFile(name, forReading)
	if err != nil {
		return m, false, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	follow := audit.Follow(m.Head)
	lines := bufio.NewReaderSize(f, 16*audit.MaxLine)
	for {
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			m.Head = follow.Head()
			return m, m.Head.Seq == m.Tree.Size(), nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return m, false, err
		}
		line = line[:len(line)-1]
		if err := follow.Next(line); err != nil {
			return m, false, fmt.Errorf("%w: %s: %w", ErrDamaged, name, err)
		}
		e, err := audit.ParseLine(line)
		if err != nil {
			return m, false, err
		}
		if !e.Time.Before(before) {
			return m, false, nil
		}
		m.Tree.Append(follow.Head().Hash)
	}
}

// writeManifest makes the manifest durable. One that was cut short is written anew.
func writeManifest(d disk, m audit.Manifest) error {
	text, err := m.MarshalText()
	if err != nil {
		return err
	}
	name := manifestName(m.Head.Seq + 1)
	f, err := d.OpenFile(name, forCreating)
	if errors.Is(err, fs.ErrExist) {
		if err = d.Remove(name); err == nil {
			f, err = d.OpenFile(name, forCreating)
		}
	}
	if err != nil {
		return err
	}
	n, err := f.Write(text)
	if err == nil && n < len(text) {
		err = io.ErrShortWrite
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return d.Sync()
}

// clear removes files of pruned events, and manifests that others replaced, in the order of their names.
func clear(d disk, names []string) error {
	for _, n := range names {
		if err := d.Remove(n); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return d.Sync()
}
