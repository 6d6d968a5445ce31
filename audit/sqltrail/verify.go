package sqltrail

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"hash/maphash"
	"io"

	"github.com/purposebound/purposebound/audit"
)

// VerifySQLite checks the trail in a database, also one that [OpenSQLite] refuses. It changes nothing, and others may
// write meanwhile. Beside what check says of the lines, the columns must be those of the lines, the table of data subjects
// must list those that the lines name, and the head row must be the last line. What was pruned is taken from the
// manifest in the database, whatever check says.
func VerifySQLite(ctx context.Context, db *sql.DB, check audit.Check) (audit.Report, error) {
	return store{dialect: &sqlite, db: db}.verify(ctx, check)
}

// VerifyPostgres is [VerifySQLite] for PostgreSQL.
func VerifyPostgres(ctx context.Context, db *sql.DB, check audit.Check) (audit.Report, error) {
	return store{dialect: &postgres, db: db}.verify(ctx, check)
}

// Verify checks the trail as [VerifySQLite] does.
func (t *Trail) Verify(ctx context.Context, check audit.Check) (audit.Report, error) {
	return t.verify(ctx, check)
}

var (
	errColumns  = errors.New("sqltrail: the columns are not those of the line")
	errRefs     = errors.New("sqltrail: the table of data subjects is not what the lines say")
	errHead     = errors.New("sqltrail: the head row is not the last line")
	errManifest = errors.New("sqltrail: malformed manifest")
)

func (st store) verify(ctx context.Context, check audit.Check) (audit.Report, error) {
	for range 3 {
		rep, err := st.verifyOnce(ctx, check)
		if !errors.Is(err, errOvertaken) {
			return rep, err
		}
	}
	return audit.Report{}, errOvertaken
}

// errOvertaken means that lines were pruned while they were looked at.
var errOvertaken = errors.New("sqltrail: another process prunes")

func (st store) verifyOnce(ctx context.Context, check audit.Check) (audit.Report, error) {
	var err error
	if check.Pruned, err = st.manifest(ctx); errors.Is(err, ErrDamaged) {
		return audit.Report{Verdict: audit.Edited, BadSeq: 1, Err: errManifest}, nil
	} else if err != nil {
		return audit.Report{}, err
	}
	head, err := st.head(ctx)
	if errors.Is(err, ErrDamaged) {
		return audit.Report{Verdict: audit.Truncated, BadSeq: 1, Err: errHead}, nil
	} else if err != nil {
		return audit.Report{}, err
	}
	beyond := 0
	if err := st.scalar(ctx, &beyond, "SELECT count(*) FROM audit_lines WHERE seq > (SELECT seq FROM audit_head)"); err != nil {
		return audit.Report{}, err
	}
	lines := &lineReader{ctx: ctx, store: st, at: check.Pruned.Head.Seq, to: head.Seq, refs: newTally()}
	rep, err := check.Verify(ctx, lines)
	if err != nil {
		return rep, err
	}
	there := newTallyLike(lines.refs)
	if err := st.tally(ctx, there, check.Pruned.Head.Seq, head.Seq); err != nil {
		return rep, err
	}
	now, err := st.manifest(ctx)
	if err != nil && !errors.Is(err, ErrDamaged) {
		return rep, err
	}
	if now.Head != check.Pruned.Head {
		return rep, errOvertaken
	}
	switch rep.Verdict {
	case audit.Torn, audit.Gap, audit.Forked, audit.Edited: // the lines themselves
		return rep, nil
	}
	fault := func(v audit.Verdict, seq uint64, err error) (audit.Report, error) {
		rep.Verdict, rep.BadSeq, rep.Err = v, seq, err
		return rep, nil
	}
	switch {
	case lines.bad != 0:
		return fault(audit.Edited, lines.bad, errColumns)
	case rep.Head.Seq < head.Seq:
		return fault(audit.Truncated, rep.Head.Seq+1, errHead)
	case beyond > 0:
		return fault(audit.Forked, head.Seq+1, errHead)
	case rep.Head != head && head.Seq > 0:
		return fault(audit.Edited, head.Seq, errHead)
	case *there != *lines.refs:
		return fault(audit.Edited, check.Pruned.Head.Seq+1, errRefs)
	}
	return rep, nil
}

func (st store) scalar(ctx context.Context, into any, query string, args ...any) error {
	rows, err := st.query(ctx, "read", query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	if rows.Next() {
		if err := rows.Scan(into); err != nil {
			return failure(ctx, "read", err)
		}
	}
	return failure(ctx, "read", rows.Err())
}

// lineReader reads lines as a file would hold them, page by page, and compares the columns on the way. It ends at the
// first that differ.
type lineReader struct {
	ctx context.Context
	store
	at, to uint64
	buf    bytes.Buffer
	refs   *tally
	bad    uint64 // seq of the row whose columns are not the line's
}

func (r *lineReader) Read(p []byte) (int, error) {
	for r.buf.Len() == 0 {
		if r.at >= r.to || r.bad != 0 {
			return 0, io.EOF
		}
		page, err := r.page(r.ctx, r.at, r.to)
		if err != nil {
			return 0, err
		}
		if len(page) == 0 {
			return 0, io.EOF
		}
		for i := range page {
			if !r.take(&page[i]) {
				break
			}
		}
		r.at = page[len(page)-1].seq
	}
	return r.buf.Read(p)
}

func (r *lineReader) take(l *row) bool {
	e, err := audit.ParseLine(l.line)
	switch {
	case err != nil && bytes.IndexByte(l.line, '\n') >= 0, err == nil && !l.is(&e):
		r.bad = l.seq
		return false
	case err == nil:
		for i, ref := range e.DataSubjectRefs {
			if !repeated(e.DataSubjectRefs[:i], ref) {
				r.refs.add(ref, e.Seq)
			}
		}
	}
	r.buf.Write(l.line) // what does not parse is found by who reads
	r.buf.WriteByte('\n')
	return true
}

// tally tells whether two sets of pairs are the same, whatever their order and size. Its seeds are random, so that
// nobody can choose pairs that look alike.
type tally struct {
	seeds [2]maphash.Seed
	sums  [2]uint64
	count uint64
}

func newTally() *tally {
	return &tally{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
}

func newTallyLike(t *tally) *tally { return &tally{seeds: t.seeds} }

func (t *tally) add(ref string, seq uint64) {
	for i, seed := range t.seeds {
		t.sums[i] += maphash.Comparable(seed, struct {
			ref string
			seq uint64
		}{ref, seq})
	}
	t.count++
}

// tally adds up the table of data subjects between two places.
func (st store) tally(ctx context.Context, t *tally, after, to uint64) error {
	rows, err := st.query(ctx, "read", "SELECT ref, seq FROM audit_refs WHERE seq > ? AND seq <= ?", int64(after), int64(to))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var ref string
		var seq uint64
		if err := rows.Scan(&ref, &seq); err != nil {
			return failure(ctx, "read", err)
		}
		t.add(ref, seq)
	}
	return failure(ctx, "read", rows.Err())
}
