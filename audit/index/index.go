package index

import (
	"context"
	"database/sql"
	"errors"

	"github.com/purposebound/purposebound/audit"
)

var (
	// ErrForked means that the index is of another stream, or of another history of it. [Index.Rebuild] makes it anew.
	ErrForked error = &ownError{"it belongs to another stream or history"}
	// ErrGap means that events were pruned before they were indexed. [Index.Rebuild] begins with what is left.
	ErrGap error = &ownError{"events were pruned before they were indexed"}
	// ErrSchema means that the tables are of another version of this package. Remove the database.
	ErrSchema error = &ownError{"schema of another version"}
	// ErrDamaged means that the tables do not hold what was put there. Remove the database.
	ErrDamaged error = &ownError{"damaged"}
	// ErrSource means that the trail could not be read.
	ErrSource error = &ownError{"the trail could not be read"}
	// ErrNotRecorded means that the question could not be put on record, so that there is no answer.
	ErrNotRecorded error = &ownError{"the question could not be recorded"}
	// ErrQuestion means that the question makes no sense.
	ErrQuestion error = &ownError{"malformed question"}
	// ErrDatabase is behind every failure of the database.
	ErrDatabase = errors.New("index: the database failed")
)

// Source is the trail that is indexed.
type Source interface {
	audit.Reader
	Head(ctx context.Context) (audit.Head, error)
}

// Recorder is where questions go on record: the trail itself, or another.
type Recorder interface {
	Append(ctx context.Context, events []audit.Event) error
}

// Index answers questions about one stream. It is safe for concurrent use, also by several processes.
type Index struct {
	db      *sql.DB
	source  Source
	records Recorder
}

// Open uses a SQLite database, which it gives its tables. It refuses one whose index is of another stream. Whatever is in
// the trail and not in the index yet is for [Index.Update].
func Open(ctx context.Context, db *sql.DB, source Source, records Recorder) (*Index, error) {
	if db == nil || source == nil || records == nil {
		return nil, errors.New("index: it takes a database, a source and a trail for the record")
	}
	x := &Index{db, source, records}
	if err := x.prepare(ctx); err != nil {
		return nil, err
	}
	have, err := x.At(ctx)
	if err != nil {
		return nil, err
	}
	_, err = x.follows(ctx, have)
	return x, err
}

// At returns the last event that the index has; seq 0 if none.
func (x *Index) At(ctx context.Context) (h audit.Head, err error) {
	err = x.transact(ctx, "at", reading, func(conn *sql.Conn) error {
		h, err = at(ctx, conn)
		return err
	})
	return h, err
}

// follows reports whether the trail has more than the index, and fails if it is not of the same history.
func (x *Index) follows(ctx context.Context, have audit.Head) (more bool, err error) {
	head, err := x.source.Head(ctx)
	switch {
	case ctx.Err() != nil:
		return false, ctx.Err()
	case err != nil:
		return false, ErrSource
	case have.Seq == 0:
		return head.Seq > 0, nil
	case head.Stream != have.Stream, head.Seq < have.Seq, head.Seq == have.Seq && head.Hash != have.Hash:
		return false, ErrForked
	}
	return head.Seq > have.Seq, nil
}

// batch is how many events are indexed in one transaction.
const batch = 1024

// Update brings the index up to the head of the trail, and returns how many events it added. It may be called at any time
// and as often as one likes.
func (x *Index) Update(ctx context.Context) (added int, err error) {
	for {
		have, err := x.At(ctx)
		if err != nil {
			return added, err
		}
		more, err := x.follows(ctx, have)
		if err != nil || !more {
			return added, err
		}
		next, err := x.next(ctx, have)
		if err != nil || len(next) == 0 {
			return added, err
		}
		n, err := x.add(ctx, have, next)
		if err != nil {
			return added, err
		}
		added += n
	}
}

// Rebuild forgets everything and indexes the trail anew.
func (x *Index) Rebuild(ctx context.Context) (added int, err error) {
	err = x.transact(ctx, "rebuild", writing, func(conn *sql.Conn) error {
		for _, s := range []string{
			"DELETE FROM index_person", "DELETE FROM index_event", "UPDATE index_meta SET stream = '', seq = 0, hash = x''",
		} {
			if _, err := conn.ExecContext(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return x.Update(ctx)
}

// entry is an event with its line.
type entry struct {
	event audit.Event
	line  []byte
}

// next reads what follows, in order and unbroken.
func (x *Index) next(ctx context.Context, have audit.Head) (out []entry, err error) {
	from := uint64(0) // the first that is left
	if have.Seq > 0 {
		from = have.Seq + 1
	}
	for e, err := range x.source.Read(ctx, from) {
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, audit.ErrPruned):
			return nil, ErrGap
		case err != nil:
			return nil, ErrSource
		case have.Seq > 0 && (e.Stream != have.Stream || e.Seq != have.Seq+1 || e.Prev != have.Hash):
			return nil, ErrForked
		}
		line, err := audit.AppendLine(nil, &e)
		if err != nil {
			return nil, ErrSource
		}
		have = audit.Head{Stream: e.Stream, Seq: e.Seq, Hash: audit.HashLine(line)}
		if out = append(out, entry{e, line}); len(out) == batch {
			break
		}
	}
	return out, nil
}

// add indexes what follows have, unless somebody else has done so meanwhile.
func (x *Index) add(ctx context.Context, have audit.Head, next []entry) (added int, err error) {
	err = x.transact(ctx, "update", writing, func(conn *sql.Conn) error {
		now, err := at(ctx, conn)
		if err != nil || now != have {
			return err
		}
		for i := range next {
			if err := insert(ctx, conn, &next[i]); err != nil {
				return err
			}
		}
		last := &next[len(next)-1]
		hash := audit.HashLine(last.line)
		_, err = conn.ExecContext(ctx, "UPDATE index_meta SET stream = ?, seq = ?, hash = ?", last.event.Stream, int64(last.event.Seq), hash[:])
		added = len(next)
		return err
	})
	if err != nil {
		return 0, err
	}
	return added, nil
}

// maxN keeps sums of counts in range.
const maxN = 1 << 32

func insert(ctx context.Context, conn *sql.Conn, in *entry) error {
	e := &in.event
	_, err := conn.ExecContext(ctx, "INSERT INTO index_event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		int64(e.Seq), e.Time.UnixMicro(), string(e.Name), released(e), int64(min(e.N, maxN)), e.PrincipalRef, e.RecipientID, e.Purpose, e.DecisionID, in.line)
	if err != nil {
		return err
	}
	for _, ref := range e.DataSubjectRefs {
		if _, err := conn.ExecContext(ctx, "INSERT OR IGNORE INTO index_person VALUES (?, ?)", ref, int64(e.Seq)); err != nil {
			return err
		}
	}
	if e.Name == audit.TrailPruned { // what the trail does not keep any longer is not kept here
		_, err = conn.ExecContext(ctx, "DELETE FROM index_event WHERE seq <= ?", int64(min(e.N, e.Seq)))
	}
	return err
}

// released reports whether data left the guard, or was about to: whatever was decided, for in mode observe a denial
// releases too.
func released(e *audit.Event) bool {
	return e.Name == audit.AccessRead || e.Name == audit.AccessShare || e.Name == audit.AccessBreakGlass
}
