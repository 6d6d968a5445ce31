package audit

import (
	"bufio"
	"errors"
	"io"
)

// Verdict is what a check of a stream found. The list is closed; the zero value is no verdict.
type Verdict string

const (
	// Consistent is the best that the chain alone can say: lines cut from the end at a line boundary, an edit of the last
	// line and a stream rewritten as a whole all look like this. It is never "passed".
	Consistent Verdict = "consistent, completeness not proved"
	Torn       Verdict = "torn"   // the last line has no end
	Gap        Verdict = "gap"    // seq leaps: lines are missing
	Forked     Verdict = "forked" // seq falls behind: lines of two writers, or out of order
	Edited     Verdict = "edited" // a line is not canonical, or not the one that the next was chained to
)

// Report is the result of a check up to the first fault.
type Report struct {
	Verdict Verdict
	Count   uint64 // lines before the fault
	Head    Head   // of these lines
	BadSeq  uint64 // first event that may not be as written; 0 if none
	Offset  int64  // in bytes, where the fault shows; the end of the input if there is none
	Err     error  // what is wrong with a line that does not parse, else nil
}

// Verify checks the lines of a whole stream from its first. Its error is that of r; faults are in the report.
func Verify(r io.Reader) (Report, error) { return VerifyFrom(r, Head{}) }

// VerifyFrom checks the lines that follow start.
func VerifyFrom(r io.Reader, start Head) (Report, error) {
	br := bufio.NewReaderSize(r, MaxLine)
	rep := Report{Head: start}
	for {
		line, err := br.ReadSlice('\n')
		switch {
		case err == nil:
			line = line[:len(line)-1]
		case errors.Is(err, io.EOF) && len(line) == 0:
			rep.Verdict = Consistent
			return rep, nil
		case errors.Is(err, io.EOF):
			rep.Verdict, rep.BadSeq = Torn, rep.Head.Seq+1
			return rep, nil
		case errors.Is(err, bufio.ErrBufferFull):
			end, err := endOfLine(br)
			if err != nil {
				return rep, err
			}
			if !end {
				rep.Verdict, rep.BadSeq = Torn, rep.Head.Seq+1
				return rep, nil
			} // else ParseLine says that it is too long
		default:
			return rep, err
		}
		if rep.step(line) {
			return rep, nil
		}
		rep.Offset += int64(len(line)) + 1
	}
}

// step takes one line and reports whether it is at fault.
func (rep *Report) step(line []byte) bool {
	e, err := ParseLine(line)
	head := &rep.Head
	rep.BadSeq = head.Seq + 1
	switch {
	case err != nil:
		rep.Verdict, rep.Err = Edited, err
	case e.Stream != head.Stream && head.Stream != "":
		rep.Verdict = Forked
	case e.Seq < head.Seq+1:
		rep.Verdict, rep.BadSeq = Forked, e.Seq
	case e.Seq > head.Seq+1:
		rep.Verdict = Gap
	case e.Prev != head.Hash:
		rep.Verdict, rep.BadSeq = Edited, max(head.Seq, 1) // it may be the line before that changed
	default:
		*head = Head{e.Stream, e.Seq, HashLine(line)}
		rep.Count++
		rep.BadSeq = 0
		return false
	}
	return true
}

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
