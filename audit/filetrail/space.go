package filetrail

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/purposebound/purposebound/audit"
)

// chunk is how many bytes a segment is given at a time, while there are as many.
const chunk = 1 << 20

// rank says how far into the reserve a request may reach when the disk is full.
type rank int

const (
	releases rank = iota // not at all: nothing leaves for which there is no room
	refusals             // most of it: denials go on record although the disk is full
	lasts                // all of it: that the trail halted, and that pruning makes room
)

// rankOf is that of the most demanding event.
func rankOf(events []audit.Event) rank {
	r := lasts
	for i := range events {
		switch events[i].Name {
		case audit.TrailHalted, audit.TrailPruned:
		case audit.AccessDenied, audit.ReleaseAborted, audit.TrailSuppressed:
			r = min(r, refusals)
		default:
			return releases
		}
	}
	return r
}

// margin is what must be left behind a request of this rank.
func (w *writer) margin(r rank) int64 {
	switch r {
	case lasts:
		return 0
	case refusals:
		return w.reserve / 8
	}
	return w.reserve
}

// room sets space aside for n more bytes and what must be left behind them.
func (w *writer) room(n int, r rank) error {
	need := w.size + int64(n) + w.margin(r)
	if w.blind || need <= w.allocated {
		return nil
	}
	ahead := need + min(chunk, w.limit)
	err := w.file.Allocate(w.size, ahead)
	if err == nil {
		w.halted = false // there is plenty again
	} else if noSpace(err) {
		ahead = need
		err = w.file.Allocate(w.size, ahead)
	}
	if err == nil {
		w.allocated = ahead
	}
	w.free = w.disk.Free()
	if errors.Is(err, errors.ErrUnsupported) {
		w.blind = true
		return nil
	}
	return err
}

func noSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// admit returns the requests that there is room for, and tells the others that there is none. The first time it says so
// in the trail as well. Any other error poisons.
func (w *writer) admit(batch []*request) ([]*request, error) {
	bytes := 0
	for _, r := range batch {
		bytes += r.bytes
	}
	switch err := w.room(bytes, releases); {
	case err == nil:
		w.full = false
		return batch, nil
	case !noSpace(err):
		return nil, err
	}
	var in []*request
	refused := false
	bytes = 0
	for _, r := range batch {
		err := w.room(bytes+r.bytes, r.rank)
		switch {
		case err == nil:
			in = append(in, r)
			bytes += r.bytes
		case noSpace(err):
			r.refused = fmt.Errorf("%w: the disk: %w", audit.ErrFull, err)
			refused = true
		default:
			return nil, err
		}
	}
	w.full = refused
	if refused && !w.halted {
		w.halted = true
		halt, err := newRequest([]audit.Event{{Name: audit.TrailHalted, Reason: "trail.disk-full"}})
		if err != nil {
			return nil, err
		}
		if w.room(bytes+halt.bytes, lasts) == nil {
			in = append(in, halt)
		}
	}
	return in, nil
}
