package sqlledger

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/internal/sqlstore"
)

// pageSize is how many events Events reads at a time.
const pageSize = 256

// asker runs a query: in a session, or on any connection.
type asker func(ctx context.Context, query string, args ...any) (*sql.Rows, error)

// ask runs a query on any connection.
func (l *Ledger) ask(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return l.schema.Ask(ctx, l.db, query, args...)
}

// StateAt implements basis.Ledger. It asks the database for the version of the person's history at
// every call, and reads what was added since.
func (l *Ledger) StateAt(ctx context.Context, dataSubject string, validAt, knownAt time.Time) (*basis.State, error) {
	if err := l.usable(ctx); err != nil {
		return nil, err
	}
	line, err := l.timeline(ctx, dataSubject)
	if err != nil {
		return nil, failure(ctx, "read", err)
	}
	if !knownAt.IsZero() && knownAt.After(l.now()) && knownAt.After(latest(line)) {
		return nil, basis.ErrKnownLater
	}
	s, err := line.StateAt(validAt, knownAt)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", basis.ErrUnavailable, err)
	}
	return s, nil
}

func latest(line *basis.Timeline) time.Time {
	events := line.Events()
	if len(events) == 0 {
		return time.Time{}
	}
	return events[len(events)-1].RecordedAt
}

// timeline is the current history of a person.
func (l *Ledger) timeline(ctx context.Context, dataSubject string) (*basis.Timeline, error) {
	tag, version, err := l.head(ctx, dataSubject)
	if err != nil {
		return nil, err
	}
	cached := l.cache.get(dataSubject)
	if version == 0 {
		l.cache.drop(dataSubject)
		return basis.NewTimeline(l.vocab, dataSubject, nil)
	}
	if cached.line != nil && cached.tag == tag && cached.version() >= version {
		return cached.line, nil // a version above was cached by a reader who overtook this one
	}
	e, err := l.load(ctx, l.ask, dataSubject, cached)
	if err == nil && e.line == nil { // erased since: what is cached is worth nothing
		e, err = l.load(ctx, l.ask, dataSubject, entry{})
	}
	if err != nil {
		return nil, err
	}
	l.cache.put(dataSubject, e)
	return e.line, nil
}

const headQuery = "SELECT tag, version FROM basis_heads WHERE data_subject = ?"

// head is the tag and version of a person's history; version 0 if there is none. It is asked at every read.
func (l *Ledger) head(ctx context.Context, dataSubject string) (tag, version int64, err error) {
	if l.heads == nil {
		return readHead(l.ask(ctx, headQuery, dataSubject))
	}
	var rows *sql.Rows
	err = sqlstore.Patiently(ctx, func() error {
		rows, err = l.heads.QueryContext(ctx, dataSubject)
		return err
	})
	return readHead(rows, err)
}

func readHead(rows *sql.Rows, err error) (tag, version int64, _ error) {
	if err != nil {
		return 0, 0, err
	}
	defer rows.Close()
	if rows.Next() {
		if err := rows.Scan(&tag, &version); err != nil {
			return 0, 0, err
		}
	}
	return tag, version, rows.Err()
}

// load reads what was recorded after an older entry and appends it. One statement reads head and
// events, so that they belong together. An entry without a line means that old is of no use.
func (l *Ledger) load(ctx context.Context, ask asker, dataSubject string, old entry) (entry, error) {
	after := int64(math.MinInt64)
	if old.line != nil {
		after = latest(old.line).UnixMicro()
	}
	rows, err := ask(ctx, `SELECT h.tag, h.version, e.id, e.valid_at, e.recorded_at, e.kind, e.body
FROM basis_heads h LEFT JOIN basis_events e ON e.data_subject = h.data_subject AND e.recorded_at > ?
WHERE h.data_subject = ? ORDER BY e.recorded_at`, after, dataSubject)
	if err != nil {
		return entry{}, err
	}
	defer rows.Close()
	var (
		tag, version int64
		events       []basis.Event
	)
	for rows.Next() {
		var r row
		if err := rows.Scan(&tag, &version, &r.id, &r.validAt, &r.recordedAt, &r.kind, &r.body); err != nil {
			return entry{}, err
		}
		if !r.id.Valid {
			continue // nothing new
		}
		e, err := r.event(dataSubject)
		if err != nil {
			return entry{}, err
		}
		events = append(events, e)
	}
	if err := rows.Err(); err != nil {
		return entry{}, err
	}
	if old.line != nil && old.tag != tag {
		return entry{}, nil
	}
	if old.line == nil {
		if old.line, err = basis.NewTimeline(l.vocab, dataSubject, nil); err != nil {
			return entry{}, err
		}
	}
	line, err := old.line.Append(events...)
	if err != nil {
		return entry{}, fmt.Errorf("%w: %w", basis.ErrUnavailable, err)
	}
	if int64(line.Len()) != version {
		return entry{}, &Error{Op: "read", Code: "history incomplete"}
	}
	return entry{tag, line}, nil
}

// row is an event as stored; all columns are null where a join finds none.
type row struct {
	id, kind            sql.NullString
	validAt, recordedAt sql.NullInt64
	body                sql.RawBytes
}

func (r *row) event(dataSubject string) (basis.Event, error) {
	body, err := basis.DecodeBody(r.kind.String, r.body)
	if err != nil {
		return basis.Event{}, fmt.Errorf("%w: %w", basis.ErrUnavailable, err)
	}
	return basis.Event{
		ID: r.id.String, DataSubject: dataSubject, Body: body,
		ValidAt: time.UnixMicro(r.validAt.Int64).UTC(), RecordedAt: time.UnixMicro(r.recordedAt.Int64).UTC(),
	}, nil
}

// Page reads up to limit events of a person that were recorded after a time, in recorded order; the
// zero time begins at the first.
func (l *Ledger) Page(ctx context.Context, dataSubject string, after time.Time, limit int) ([]basis.Event, error) {
	if err := l.usable(ctx); err != nil {
		return nil, err
	}
	since := int64(math.MinInt64)
	if !after.IsZero() {
		since = after.UnixMicro()
	}
	rows, err := l.ask(ctx, `SELECT id, valid_at, recorded_at, kind, body FROM basis_events
WHERE data_subject = ? AND recorded_at > ? ORDER BY recorded_at LIMIT ?`, dataSubject, since, max(limit, 0))
	if err != nil {
		return nil, failure(ctx, "read", err)
	}
	defer rows.Close()
	var events []basis.Event
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.id, &r.validAt, &r.recordedAt, &r.kind, &r.body); err != nil {
			return nil, failure(ctx, "read", err)
		}
		e, err := r.event(dataSubject)
		if err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return events, failure(ctx, "read", rows.Err())
}

// Events implements basis.History. It reads page by page and holds no connection in between.
func (l *Ledger) Events(ctx context.Context, dataSubject string) iter.Seq2[basis.Event, error] {
	return func(yield func(basis.Event, error) bool) {
		var after time.Time
		for {
			page, err := l.Page(ctx, dataSubject, after, pageSize)
			if err != nil {
				yield(basis.Event{}, err)
				return
			}
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
				after = e.RecordedAt
			}
			if len(page) < pageSize {
				return
			}
		}
	}
}
