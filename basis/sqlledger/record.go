package sqlledger

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"slices"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/internal/sqlstore"
)

// Attempts at a transaction that others keep from succeeding, and rows or keys in one statement.
const (
	attempts = 8
	chunk    = 500
)

// Record implements basis.Recorder.
func (l *Ledger) Record(ctx context.Context, events ...basis.Event) error {
	if err := l.usable(ctx); err != nil || len(events) == 0 {
		return err
	}
	var err error
	for range attempts {
		err = transact(ctx, l.schema, l.db, "record", func(s session) error { return l.record(ctx, s, events) })
		if !again(err) {
			break
		}
	}
	return err
}

func (l *Ledger) record(ctx context.Context, s session, events []basis.Event) error {
	var people, ids []string
	for _, e := range events {
		people = append(people, e.DataSubject)
		if e.ID != "" {
			ids = append(ids, e.ID)
		}
	}
	// Everybody locks in the same order, so nobody waits in a circle.
	slices.Sort(people)
	people = slices.Compact(people)
	var last time.Time
	for _, p := range people {
		recorded, err := s.lock(ctx, p)
		if err != nil {
			return err
		}
		if recorded.After(last) {
			last = recorded
		}
	}
	look := lookup{ctx: ctx, s: s, found: make(map[string]basis.Event)}
	if look.fetch(ids); look.err != nil {
		return look.err
	}
	admitted, err := l.vocab.Admit(events, l.now(), last, look.stored)
	if look.err != nil {
		return look.err
	}
	if err != nil {
		return err
	}
	return s.insert(ctx, admitted)
}

// lock makes other writers of a person wait until the transaction ends, and says when the latest event
// was recorded.
func (s session) lock(ctx context.Context, dataSubject string) (time.Time, error) {
	var recorded int64
	err := s.Row(ctx, `INSERT INTO basis_heads (data_subject, tag, version, recorded_at) VALUES (?, ?, 0, 0)
ON CONFLICT (data_subject) DO UPDATE SET version = basis_heads.version RETURNING recorded_at`, dataSubject, newTag()).Scan(&recorded)
	return time.UnixMicro(recorded).UTC(), err
}

// newTag is a random positive number.
func newTag() int64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return int64(binary.LittleEndian.Uint64(b[:])>>1) | 1
}

// insert adds events and moves the heads of their people.
func (s session) insert(ctx context.Context, events []basis.Event) error {
	type tally struct {
		n    int64
		last int64
	}
	tallies := make(map[string]tally)
	for _, e := range events {
		t := tallies[e.DataSubject]
		tallies[e.DataSubject] = tally{t.n + 1, max(t.last, e.RecordedAt.UnixMicro())}
	}
	for part := range slices.Chunk(events, chunk) {
		args := make([]any, 0, 6*len(part))
		for _, e := range part {
			kind, body, err := basis.EncodeBody(e.Body)
			if err != nil {
				return err
			}
			args = append(args, e.ID, e.DataSubject, e.ValidAt.UnixMicro(), e.RecordedAt.UnixMicro(), kind, string(body))
		}
		rows := sqlstore.Tuples(len(part), 6)
		if err := s.Do(ctx, "INSERT INTO basis_events (id, data_subject, valid_at, recorded_at, kind, body) VALUES "+rows, args...); err != nil {
			return err
		}
	}
	for who, t := range tallies {
		if err := s.Do(ctx, "UPDATE basis_heads SET version = version + ?, recorded_at = ? WHERE data_subject = ?", t.n, t.last, who); err != nil {
			return err
		}
	}
	return nil
}

// lookup finds stored events by id, asking once for each.
type lookup struct {
	ctx   context.Context
	s     session
	found map[string]basis.Event
	asked map[string]bool
	err   error
}

// stored is a basis.Stored; a failure is kept in err.
func (l *lookup) stored(id string) (basis.Event, bool) {
	if !l.asked[id] {
		l.fetch([]string{id})
	}
	e, ok := l.found[id]
	return e, ok
}

func (l *lookup) fetch(ids []string) {
	if l.asked == nil {
		l.asked = make(map[string]bool)
	}
	for part := range slices.Chunk(ids, chunk) {
		if l.err != nil {
			return
		}
		l.err = l.read(part)
	}
}

func (l *lookup) read(ids []string) error {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i], l.asked[id] = id, true
	}
	rows, err := l.s.Query(l.ctx, "SELECT data_subject, id, valid_at, recorded_at, kind, body FROM basis_events WHERE id IN ("+sqlstore.Marks(len(ids))+")", args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var (
			r           row
			dataSubject string
		)
		if err := rows.Scan(&dataSubject, &r.id, &r.validAt, &r.recordedAt, &r.kind, &r.body); err != nil {
			return err
		}
		e, err := r.event(dataSubject)
		if err != nil {
			return err
		}
		l.found[e.ID] = e
	}
	return rows.Err()
}
