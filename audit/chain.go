package audit

import (
	"bytes"
	"time"
)

// Draft is an event that was checked and encoded but has no place in a stream yet. Drafts and [Chain] are for
// implementations of [Trail].
type Draft struct {
	id   string
	body []byte
}

// NewDraft checks and encodes an event, and keeps nothing of it. The ledger part must be empty, except for the id. The
// error is a [FieldError].
func NewDraft(e *Event) (Draft, error) {
	switch {
	case e.V != 0, e.Stream != "", e.Seq != 0, e.Prev != Hash{}, !e.Time.IsZero():
		return Draft{}, &FieldError{"ledger part", "belongs to the trail"}
	case e.ID != "" && !isULID(e.ID):
		return Draft{}, &FieldError{"id", "malformed"}
	}
	var buf [MaxLine]byte
	body, err := appendBody(buf[:0], e)
	if err == nil && len(body) >= MaxLine-maxLedger {
		err = errTooLong
	}
	if err != nil {
		return Draft{}, err
	}
	return Draft{e.ID, bytes.Clone(body)}, nil
}

// NewDrafts makes drafts of all events or fails.
func NewDrafts(events []Event) ([]Draft, error) {
	ds := make([]Draft, len(events))
	for i := range events {
		var err error
		if ds[i], err = NewDraft(&events[i]); err != nil {
			return nil, err
		}
	}
	return ds, nil
}

// Size is at least the length of the draft's line in bytes, its newline included.
func (d *Draft) Size() int { return maxLedger + len(d.body) + 1 }

// Chain gives drafts their places in one stream. It is not safe for concurrent use; a copy is a chain of its own.
type Chain struct {
	head  Head
	clock func() time.Time
	ids   *IDs
}

// NewChain continues behind head. Clock nil means [time.Now].
func NewChain(head Head, clock func() time.Time) *Chain {
	if clock == nil {
		clock = time.Now
	}
	return &Chain{head, clock, NewIDs(clock)}
}

// Head returns the place of the last line.
func (c *Chain) Head() Head { return c.head }

// AppendLine appends the line of d, without a newline, and moves the head to it. On error it returns dst as it was and
// does not move.
func (c *Chain) AppendLine(dst []byte, d *Draft) ([]byte, error) {
	e := Event{
		V: Version, Stream: c.head.Stream, Seq: c.head.Seq + 1, Prev: c.head.Hash,
		ID: d.id, Time: c.clock().UTC().Truncate(time.Microsecond),
	}
	if e.ID == "" {
		var err error
		if e.ID, err = c.ids.at(e.Time); err != nil {
			return dst, err
		}
	}
	out, err := appendLedger(dst, &e)
	if err != nil {
		return dst, err
	}
	out = append(out, d.body...)
	c.head.Seq, c.head.Hash = e.Seq, HashLine(out[len(dst):])
	return out, nil
}
