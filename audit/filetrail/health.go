package filetrail

import "github.com/purposebound/purposebound/audit"

// Health is how a trail does.
type Health struct {
	Head    audit.Head // the last durable event
	Pruned  uint64     // events before the first that is there
	Queued  int        // events that wait for the disk
	Bytes   int        // of these
	Waiting int        // calls that wait for room in the queue
	Err     error      // why the trail is poisoned or closed

	Full        bool   // the disk was full at the last attempt: nothing is released
	Reserve     int64  // bytes set aside in the open file; 0 where the file system does not do that
	Free        uint64 // bytes free on the disk when the trail last set some aside; 0 if not known
	Segment     string // name of the open file
	SegmentSize int64
}

// OK reports whether events can be appended.
func (h Health) OK() bool { return h.Err == nil && !h.Full && h.Waiting == 0 }

// Health tells how the trail does. It does not wait for the disk.
func (t *Trail) Health() Health {
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.state
	h.Head, h.Pruned, h.Err = t.head, t.first-1, t.err
	if h.Err == nil && t.closing {
		h.Err = audit.ErrClosed
	}
	h.Waiting = len(t.queue) - t.fits(t.queue)
	for _, r := range t.queue {
		h.Queued += len(r.drafts)
		h.Bytes += r.bytes
	}
	return h
}

// health is what the writer knows.
func (w *writer) health() Health {
	return Health{
		Full: w.full, Reserve: max(0, w.allocated-w.size), Free: w.free, Segment: w.name, SegmentSize: w.size,
	}
}
