package filetrail

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/purposebound/purposebound/audit"
)

// found is what a directory holds after recovery.
type found struct {
	head    audit.Head
	segment string // to go on with; empty if there is none
	size    int64
	torn    int64  // bytes that were moved aside and that the trail does not tell of yet
	pruned  uint64 // events that are there no more
}

// recoverTrail checks how the segments join, verifies the last two line by line, and moves a torn last line aside. All
// that it leaves is durable, also what a killed writer did not come to sync.
func recoverTrail(d disk) (found, error) {
	l, err := look(d)
	if err != nil {
		return found{}, err
	}
	fo := found{head: l.pruned.Head}
	for i, name := range l.segments {
		if first, _ := parseSegment(name); first != fo.head.Seq+1 {
			return found{}, fmt.Errorf("%w: %s does not follow seq %d", ErrDamaged, name, fo.head.Seq)
		}
		if i < len(l.segments)-2 {
			fo.head, err = skim(d, name, fo.head)
		} else {
			fo, err = recoverSegment(d, name, fo.head, i == len(l.segments)-1)
		}
		if err != nil {
			return found{}, err
		}
	}
	fo.pruned = l.pruned.Head.Seq
	if fo.pruned > 0 && fo.segment == "" {
		return found{}, fmt.Errorf("%w: nothing follows what was pruned", ErrDamaged)
	}
	return fo, clear(d, l.left)
}

// recoverSegment verifies a segment that follows head. Only the last one may be torn.
func recoverSegment(d disk, name string, head audit.Head, last bool) (fo found, err error) {
	f, err := d.OpenFile(name, forAppending)
	if err != nil {
		return found{}, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if info, err := f.Stat(); err != nil {
		return found{}, err
	} else if !info.Mode().IsRegular() {
		return found{}, fmt.Errorf("%w: %s is no regular file", ErrDamaged, name)
	}
	rep, err := audit.VerifyFrom(f, head)
	if err != nil {
		return found{}, err
	}
	fo = found{head: rep.Head, segment: name, size: rep.Offset}
	switch {
	case rep.Verdict == audit.Torn && last:
		if fo.torn, err = moveAside(d, f, name, rep.Offset); err != nil {
			return found{}, err
		}
	case rep.Verdict != audit.Consistent:
		return found{}, damage(name, rep)
	case last:
		if fo.torn, err = unreported(d, name, rep.Offset); err != nil {
			return found{}, err
		}
	}
	return fo, f.Sync()
}

func damage(name string, rep audit.Report) error {
	err := fmt.Errorf("%w: %s is %s at offset %d, seq %d", ErrDamaged, name, rep.Verdict, rep.Offset, rep.BadSeq)
	if rep.Err != nil {
		err = fmt.Errorf("%w: %w", err, rep.Err)
	}
	return err
}

// skim checks the first line of a segment against head and returns the place of its last.
func skim(d disk, name string, head audit.Head) (_ audit.Head, err error) {
	f, err := d.OpenFile(name, forReading)
	if err != nil {
		return head, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	buf := make([]byte, audit.MaxLine)
	n, err := io.ReadFull(f, buf)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return head, err
	}
	line, _, ended := bytes.Cut(buf[:n], []byte("\n"))
	if !ended {
		return head, fmt.Errorf("%w: %s does not begin with a line", ErrDamaged, name)
	}
	rep, err := audit.VerifyFrom(bytes.NewReader(append(line[:len(line):len(line)], '\n')), head)
	if err != nil {
		return head, err
	}
	if rep.Verdict != audit.Consistent {
		return head, damage(name, rep)
	}

	size, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = f.Seek(max(0, size-audit.MaxLine), io.SeekStart)
	}
	if err != nil {
		return head, err
	}
	if n, err = io.ReadFull(f, buf[:min(size, audit.MaxLine)]); err != nil {
		return head, err
	}
	tail, ended := bytes.CutSuffix(buf[:n], []byte("\n"))
	tail = tail[bytes.LastIndexByte(tail, '\n')+1:]
	e, err := audit.ParseLine(tail)
	if err != nil || !ended || e.Seq < rep.Head.Seq || e.Stream != rep.Head.Stream {
		return head, fmt.Errorf("%w: %s does not end with a line of this stream", ErrDamaged, name)
	}
	return audit.Head{Stream: e.Stream, Seq: e.Seq, Hash: audit.HashLine(tail)}, nil
}

// moveAside copies what follows offset to a file of its own, durably, and then cuts it off. It returns the number of
// bytes.
func moveAside(d disk, f file, name string, offset int64) (int64, error) {
	var torn file
	err := fs.ErrExist
	for nth := 0; errors.Is(err, fs.ErrExist); nth++ {
		torn, err = d.OpenFile(tornName(name, offset, nth), forCreating)
	}
	if err != nil {
		return 0, err
	}
	_, err = f.Seek(offset, io.SeekStart)
	var n int64
	if err == nil {
		n, err = io.Copy(torn, f)
	}
	if err == nil {
		err = torn.Sync()
	}
	if err = errors.Join(err, torn.Close()); err == nil {
		err = d.Sync()
	}
	if err == nil {
		err = f.Truncate(offset)
	}
	return n, err
}

// unreported returns the size of what an earlier recovery cut off at offset, if it did not live to append an event
// behind it.
func unreported(d disk, name string, offset int64) (n int64, err error) {
	for nth := 0; ; nth++ {
		switch info, err := d.Stat(tornName(name, offset, nth)); {
		case errors.Is(err, fs.ErrNotExist):
			return n, nil
		case err != nil:
			return 0, err
		default:
			n = max(info.Size(), 1)
		}
	}
}
