package audit

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
)

// VerifyFrom checks the lines that follow start. They make no whole tree, so that no anchor can be held against them.
func VerifyFrom(r io.Reader, start Head) (Report, error) {
	v := verifier{rep: Report{Head: start}, lines: Follower{head: start}, tree: start.Seq == 0}
	return v.run(context.Background(), r)
}

// Verify checks the lines of a whole stream from its first, without an anchor. Its error is that of r; faults are in the
// report.
func Verify(r io.Reader) (Report, error) { return Check{}.Verify(context.Background(), r) }

// Check says what the lines of a stream are held against. The zero value holds them against each other alone.
type Check struct {
	// Pruned stands for the events that are there no more; the lines follow them.
	Pruned Manifest
	// Anchors are trees that the stream is known to have had, from checkpoints that were kept elsewhere and whose
	// signatures hold. Their order does not matter.
	Anchors []TreeHead
	// Unsigned is the number of anchored checkpoints whose signatures do not hold.
	Unsigned int
	// Progress, if any, is told every 65,536 lines how far the check has come. An error ends the check with it.
	Progress func(Report) error
}

// Verify checks all lines, in memory that does not grow with their number. Its error is that of r, of ctx or of
// Progress; faults are in the report.
func (c Check) Verify(ctx context.Context, r io.Reader) (Report, error) {
	v := verifier{
		rep: Report{Head: c.Pruned.Head, Pruned: c.Pruned.Head.Seq}, lines: Follower{head: c.Pruned.Head}, tree: true,
		so: c.Pruned.Tree, anchors: slices.Clone(c.Anchors), check: c,
	}
	slices.SortFunc(v.anchors, func(a, b TreeHead) int { return cmp.Compare(a.Size, b.Size) })
	v.anchors = slices.DeleteFunc(v.anchors, func(a TreeHead) bool { return a.Size < v.rep.Pruned })
	return v.run(ctx, r)
}

// verifier is one walk over the lines of a stream.
type verifier struct {
	rep     Report
	check   Check
	tree    bool // so holds all lines so far
	so      Tree
	anchors []TreeHead // still ahead
	pruning bool       // a trail.pruned says what the manifest says
	lines   Follower
	spent   int // lines since Progress was told
}

// everyLines is how often a walk looks up.
const everyLines = 1 << 16

func (v *verifier) run(ctx context.Context, r io.Reader) (Report, error) {
	br := bufio.NewReaderSize(r, 16*MaxLine)
	if v.anchored() {
		return v.rep, nil
	}
	for {
		if v.spent%1024 == 0 {
			if err := v.lookUp(ctx); err != nil {
				return v.rep, err
			}
		}
		v.spent++
		line, err := br.ReadSlice('\n')
		switch {
		case err == nil:
			line = line[:len(line)-1]
		case errors.Is(err, io.EOF):
			v.end(len(line) > 0)
			return v.rep, nil
		case errors.Is(err, bufio.ErrBufferFull):
			end, err := endOfLine(br)
			if err != nil {
				return v.rep, err
			}
			if !end {
				v.end(true)
				return v.rep, nil
			} // else ParseLine says that it is too long
		default:
			return v.rep, err
		}
		if v.step(line) {
			return v.rep, nil
		}
		v.rep.Offset += int64(len(line)) + 1
		if v.anchored() {
			return v.rep, nil
		}
	}
}

func (v *verifier) lookUp(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if v.check.Progress != nil && v.spent >= everyLines {
		v.spent = 0
		return v.check.Progress(v.rep)
	}
	return nil
}

// step takes one line and reports whether it is at fault.
func (v *verifier) step(line []byte) bool {
	rep := &v.rep
	if fault := v.lines.next(line); fault != nil {
		rep.Verdict, rep.BadSeq, rep.Err = fault.Verdict, fault.BadSeq, fault.Err
		return true
	}
	rep.Head = v.lines.head
	rep.Count++
	if v.tree {
		v.so.Append(rep.Head.Hash)
	}
	if rep.Pruned > 0 {
		if name, n := v.lines.last(); name == TrailPruned && n == rep.Pruned {
			v.pruning = true
		}
	}
	return false
}

// anchored compares the tree with the anchors of its size and reports whether one is of another history.
func (v *verifier) anchored() bool {
	for len(v.anchors) > 0 && v.anchors[0].Size == v.rep.Head.Seq {
		if v.so.Root() != v.anchors[0].Root {
			v.rep.Verdict, v.rep.BadSeq = Forked, max(v.rep.Proved, v.rep.Pruned)+1
			return true
		}
		v.rep.Proved, v.anchors = v.anchors[0].Size, v.anchors[1:]
	}
	return false
}

// end judges a stream whose lines are all good, but perhaps the last.
func (v *verifier) end(torn bool) {
	rep := &v.rep
	if v.tree {
		rep.Root = v.so.Root()
	}
	switch {
	case len(v.anchors) > 0:
		rep.Verdict, rep.BadSeq = Truncated, rep.Head.Seq+1
	case torn:
		rep.Verdict, rep.BadSeq = Torn, rep.Head.Seq+1
	case v.check.Unsigned > 0:
		rep.Verdict = Unsigned
	case rep.Pruned > 0 && !v.pruning:
		rep.Verdict, rep.Err = Pruned, errPruning
	case rep.Pruned > 0 && rep.Proved == 0:
		rep.Verdict = Pruned
	case rep.Proved > 0:
		rep.Verdict = Pass
	default:
		rep.Verdict = Consistent
	}
}

var errPruning = errors.New("audit: no trail.pruned event tells of what is missing")

// endOfLine reads the rest of a line and reports whether it has an end.
func endOfLine(br *bufio.Reader) (bool, error) {
	for {
		switch _, err := br.ReadSlice('\n'); {
		case err == nil:
			return true, nil
		case errors.Is(err, io.EOF):
			return false, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return false, err
		}
	}
}
