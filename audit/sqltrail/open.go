package sqltrail

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/purposebound/purposebound/audit"
)

// Options of a trail. The zero value is good.
type Options struct {
	// Stream names the stream: lower-case words joined by dots, dashes and underscores, 64 bytes at most. Empty keeps the
	// name that the database has, or makes a unique one. It cannot be changed later.
	Stream string
	// Clock gives events their time; nil means time.Now.
	Clock func() time.Time
	// QueueEvents and QueueBytes bound what may wait for the database, and so the largest batch; 0 means 4096 events, 8 MiB.
	QueueEvents, QueueBytes int
	// Patience is how long a batch is tried again when the database fails, and again how long it is asked what became of a
	// commit; 0 means 10 seconds. Whoever waits for the batch may leave before.
	Patience time.Duration
	// KeepMonths is how long [Trail.Prune] leaves events alone; 0 means 12.
	KeepMonths int
	// LeaveSchema makes opening fail unless the tables are there and current.
	LeaveSchema bool
}

func (o *Options) complete() error {
	if o.QueueEvents < 0 || o.QueueBytes < 0 || o.Patience < 0 || o.KeepMonths < 0 {
		return errors.New("sqltrail: negative number in Options")
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.QueueEvents == 0 {
		o.QueueEvents = 4096
	}
	if o.QueueBytes == 0 {
		o.QueueBytes = 8 << 20
	}
	if o.Patience == 0 {
		o.Patience = 10 * time.Second
	}
	if o.KeepMonths == 0 {
		o.KeepMonths = 12
	}
	return nil
}

// OpenSQLite opens the trail in a SQLite database for writing, brings its schema up to date, checks that the head is the
// last line, and appends trail.opened.
func OpenSQLite(ctx context.Context, db *sql.DB, opts Options) (*Trail, error) {
	return open(ctx, store{dialect: &sqlite, db: db}, opts)
}

// OpenPostgres opens the trail in a PostgreSQL database as [OpenSQLite] does.
func OpenPostgres(ctx context.Context, db *sql.DB, opts Options) (*Trail, error) {
	return open(ctx, store{dialect: &postgres, db: db}, opts)
}

func open(ctx context.Context, st store, opts Options) (*Trail, error) {
	if err := opts.complete(); err != nil {
		return nil, err
	}
	st.patience = opts.Patience
	if err := st.prepare(ctx, !opts.LeaveSchema); err != nil {
		return nil, settled(err)
	}
	if err := failure(ctx, "open", st.safe(ctx, st.db.QueryRowContext)); err != nil {
		return nil, err
	}
	first, err := st.begun(ctx, opts)
	if err != nil {
		return nil, settled(err)
	}
	t := &Trail{
		store: st, clock: opts.Clock, keep: opts.KeepMonths, maxEvents: opts.QueueEvents, maxBytes: opts.QueueBytes,
		writer: writer{known: first, clock: opts.Clock}, stopped: make(chan struct{}),
	}
	t.filled = sync.NewCond(&t.mu)
	go t.run()
	if err := t.Append(ctx, []audit.Event{{Name: audit.TrailOpened}}); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

// settled drops what only a writer needs to know of an error.
func settled(err error) error {
	var u unsettled
	if errors.As(err, &u) {
		return u.error
	}
	return err
}

// begun makes the head row where there is none, settles the name of the stream, and returns the head.
func (st store) begun(ctx context.Context, opts Options) (head audit.Head, err error) {
	err = st.transact(ctx, "open", func(s session) error {
		head, err = s.locked(ctx)
		made := false
		if errors.Is(err, sql.ErrNoRows) {
			head, err = s.found(ctx, opts)
			made = true
		}
		switch {
		case err != nil:
			return err
		case opts.Stream != "" && opts.Stream != head.Stream:
			return errOther
		case made:
			return nil
		}
		return errNothing
	})
	return head, err
}

var errOther = errors.New("sqltrail: the database holds another stream")

// found writes the head row of a new stream, unless another process does at the same time, and returns what is there.
func (s session) found(ctx context.Context, opts Options) (audit.Head, error) {
	name := opts.Stream
	if name == "" {
		id, err := audit.NewIDs(opts.Clock).Next()
		if err != nil {
			return audit.Head{}, errClock
		}
		name = "w-" + strings.ToLower(id)
	}
	d, err := audit.NewDraft(&audit.Event{Name: audit.TrailOpened})
	if err == nil {
		_, err = audit.NewChain(audit.Head{Stream: name}, opts.Clock).AppendLine(nil, &d)
	}
	if err != nil {
		return audit.Head{}, err // the name is malformed
	}
	_, err = s.exec(ctx, "INSERT INTO audit_head (one, stream, seq, hash) VALUES (1, ?, 0, ?) ON CONFLICT (one) DO NOTHING",
		name, make([]byte, len(audit.Hash{})))
	if err != nil {
		return audit.Head{}, err
	}
	return s.locked(ctx)
}
