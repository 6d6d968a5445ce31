package audit

import (
	"bytes"
	"time"

	"github.com/oklog/ulid/v2"
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
	var buf [MaxLine]byte
	body, err := appendDraft(buf[:0], e, nil)
	if err != nil {
		return Draft{}, err
	}
	return Draft{e.ID, bytes.Clone(body)}, nil
}

func appendDraft(dst []byte, e *Event, m memo) ([]byte, error) {
	switch {
	case e.V != 0, e.Stream != "", e.Seq != 0, e.Prev != Hash{}, !e.Time.IsZero():
		return dst, &FieldError{"ledger part", "belongs to the trail"}
	case e.ID != "" && !isULID(e.ID):
		return dst, &FieldError{"id", "malformed"}
	}
	out, err := appendBody(dst, e, m)
	if err == nil && len(out)-len(dst) >= MaxLine-maxLedger {
		err = errTooLong
	}
	return out, err
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

// Drafter makes drafts in room that it uses again, and what an event has in common with the one before costs little. It
// is not safe for concurrent use.
type Drafter struct {
	drafts []Draft
	buf    []byte
	memo   memo
}

// Drafts is [NewDrafts], but what it returns is good until the next call.
func (r *Drafter) Drafts(events []Event) ([]Draft, error) {
	if r.memo == nil {
		r.memo = make(memo, len(fields))
	}
	clear(r.drafts)
	r.drafts, r.buf = r.drafts[:0], r.buf[:0]
	for i := range events {
		before := len(r.buf)
		var err error
		if r.buf, err = appendDraft(r.buf, &events[i], r.memo); err != nil {
			return nil, err
		}
		r.drafts = append(r.drafts, Draft{events[i].ID, r.buf[before:]})
	}
	for i, pos := 0, 0; i < len(r.drafts); i++ { // the room may have moved while it grew
		n := len(r.drafts[i].body)
		r.drafts[i].body = r.buf[pos : pos+n : pos+n]
		pos += n
	}
	return r.drafts, nil
}

// Room is how many bytes the drafter keeps for the next call.
func (r *Drafter) Room() int { return cap(r.buf) }

// Size is at least the length of the draft's line in bytes, its newline included.
func (d *Draft) Size() int { return maxLedger + len(d.body) + 1 }

// Chain gives drafts their places in one stream. It is not safe for concurrent use; a copy is a chain of its own.
type Chain struct {
	head  Head
	clock func() time.Time
	ids   *IDs
	lead  string // of every line; "" as long as the stream is not known to be well-formed
}

// NewChain continues behind head. Clock nil means [time.Now].
func NewChain(head Head, clock func() time.Time) *Chain {
	if clock == nil {
		clock = time.Now
	}
	c := &Chain{head: head, clock: clock, ids: NewIDs(clock)}
	if streamShape.ok(head.Stream) {
		c.lead = ledgerLead + head.Stream + ledgerSeq
	}
	return c
}

// Head returns the place of the last line.
func (c *Chain) Head() Head { return c.head }

// AppendLine appends the line of d, without a newline, and moves the head to it. On error it returns dst as it was and
// does not move.
func (c *Chain) AppendLine(dst []byte, d *Draft) ([]byte, error) {
	now := c.clock().UTC().Truncate(time.Microsecond)
	var fresh [ulid.EncodedSize]byte
	switch {
	case c.lead == "":
		return dst, &FieldError{"stream", "malformed"}
	case c.head.Seq+1 == 0:
		return dst, &FieldError{"seq", "used up"}
	case d.id != "":
		copy(fresh[:], d.id)
	default:
		if err := c.ids.at(&fresh, now); err != nil {
			return dst, err
		}
	}
	out := append(dst, c.lead...)
	out, ok := appendPlace(out, c.head.Seq+1, &c.head.Hash, fresh[:], now)
	if !ok {
		return dst, errTime
	}
	out = append(out, d.body...)
	c.head.Seq, c.head.Hash = c.head.Seq+1, hashBehind(out, len(dst))
	return out, nil
}
