package audit

import (
	"context"
	"iter"
)

// LineReader is a trail that gives its very lines.
type LineReader interface {
	// Lines yields the lines of the durable events from seq on, in order, up to the head at the time of the call, each
	// without its newline and valid until the next. It need not look at them: a [Follower] does. An error ends it.
	Lines(ctx context.Context, from uint64) iter.Seq2[[]byte, error]
}

// LeafReader is a trail that remembers the hashes of the last lines that it wrote: who keeps a tree over them need not read
// the lines again, and learns what was written, whatever has become of it since.
type LeafReader interface {
	// Leaves returns the hashes of durable events from seq on, or of some of them, in order; none if it does not have
	// that of seq.
	Leaves(from uint64) []Hash
}

// Follower checks one line after the other: that each is canonical, of the same stream, and chained to the one before.
// The zero value stands before the first line of any stream.
type Follower struct {
	head Head
	scan scanner
}

// Follow checks lines behind head.
func Follow(head Head) *Follower { return &Follower{head: head} }

// Head returns the place of the last good line.
func (f *Follower) Head() Head { return f.head }

// Fault is a line that does not follow the one before. It does not repeat what the line says.
type Fault struct {
	Verdict Verdict // Gap, Forked or Edited
	BadSeq  uint64  // first event that may not be as written
	Err     error   // what is wrong with a line that does not parse, else nil
}

func (f *Fault) Error() string { return "audit: " + string(f.Verdict) + " line" }
func (f *Fault) Unwrap() error { return f.Err }

// Next takes a line, without its newline, and keeps nothing of it. Its error is a [Fault], and leaves the head where it
// was.
func (f *Follower) Next(line []byte) error {
	if fault := f.next(line); fault != nil {
		return fault
	}
	return nil
}

func (f *Follower) next(line []byte) *Fault {
	head := &f.head
	if !f.scan.follows(line, head) {
		e, err := ParseLine(line)
		behind := head.Seq + 1
		switch {
		case err != nil:
			return &Fault{Edited, behind, err}
		case e.Stream != head.Stream && head.Stream != "":
			return &Fault{Forked, behind, nil}
		case e.Seq < behind:
			return &Fault{Forked, e.Seq, nil}
		case e.Seq > behind:
			return &Fault{Gap, behind, nil}
		case e.Prev != head.Hash:
			return &Fault{Edited, max(head.Seq, 1), nil} // it may be the line before that changed
		}
		head.Stream = e.Stream
		f.scan.parsed(&e)
	}
	head.Seq++
	head.Hash = f.scan.hash(line)
	return nil
}

// last returns the name and the n of the last good line.
func (f *Follower) last() (Name, uint64) { return f.scan.event.Name, f.scan.event.N }
