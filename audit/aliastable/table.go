package aliastable

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/internal/sqlstore"
)

// Table is a pseudonymizer over a database. It is safe for concurrent use, by any number of processes on the same
// database; all give the same aliases if their sources give the same keys. It needs no closing.
type Table struct {
	store
	keys  audit.KeySource
	trail audit.Trail
	clock func() time.Time
	cache cache
	wait  func(time.Duration)
}

var _ audit.Pseudonymizer = (*Table)(nil)

// Options of a table. The zero value is good.
type Options struct {
	// Clock is what a cache measures its [Lease] by; nil means time.Now, and no other will do but in tests.
	Clock func() time.Time
	// CacheSize is how many aliases are kept in memory, by the HMAC of the id; 0 means 10,000, and -1 none.
	CacheSize int
	// LeaveSchema makes opening fail unless the tables are there and current.
	LeaveSchema bool

	wait func(time.Duration) // tests put theirs here
}

// OpenSQLite opens the table in a SQLite database and brings its schema up to date. Keys makes and finds the rows; trail
// is where [Table.Erase] says what was erased.
func OpenSQLite(ctx context.Context, db *sql.DB, keys audit.KeySource, trail audit.Trail, opts Options) (*Table, error) {
	return open(ctx, store{&sqlite, db}, keys, trail, opts)
}

// OpenPostgres opens the table in a PostgreSQL database as [OpenSQLite] does.
func OpenPostgres(ctx context.Context, db *sql.DB, keys audit.KeySource, trail audit.Trail, opts Options) (*Table, error) {
	return open(ctx, store{&postgres, db}, keys, trail, opts)
}

func open(ctx context.Context, st store, keys audit.KeySource, trail audit.Trail, opts Options) (*Table, error) {
	switch {
	case keys == nil:
		return nil, audit.ErrNoKey
	case trail == nil:
		return nil, errors.New("aliastable: no trail to record erasures in")
	}
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	if opts.wait == nil {
		opts.wait = time.Sleep
	}
	if opts.CacheSize == 0 {
		opts.CacheSize = 10_000
	}
	if err := st.prepare(ctx, !opts.LeaveSchema); err != nil {
		return nil, err
	}
	return &Table{
		store: st, keys: audit.GuardKeys(keys), trail: trail, clock: opts.Clock,
		cache: cache{limit: opts.CacheSize}, wait: opts.wait,
	}, nil
}

// lookup is what a row is found by: an HMAC of class and id under the key of an epoch.
type lookup [sha256.Size]byte

// bits are a random alias without its prefix.
type bits [16]byte

// useLookup and useProof keep what is derived from one key apart.
const (
	useLookup = "alias lookup"
	useProof  = "alias proof"
)

// Alias implements [audit.Pseudonymizer].
func (t *Table) Alias(ctx context.Context, class audit.Class, id string) (string, error) {
	aliases, err := t.AliasAll(ctx, class, id)
	if err != nil {
		return "", err
	}
	return aliases[0], nil
}

// AliasAll returns the aliases of several ids in their order, with few statements for all of them.
func (t *Table) AliasAll(ctx context.Context, class audit.Class, ids ...string) (aliases []string, err error) {
	err = guard(func() error {
		aliases, err = t.aliasAll(ctx, class, ids)
		return err
	})
	if err != nil {
		return nil, err
	}
	return aliases, nil
}

func (t *Table) aliasAll(ctx context.Context, class audit.Class, ids []string) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, nil
	}
	key, err := t.keys.Current(ctx)
	if err != nil {
		return nil, err
	}
	wanted := make([]lookup, len(ids))
	for i, id := range ids {
		if wanted[i], err = key.Sum(useLookup, class, id); err != nil {
			return nil, err
		}
	}
	found := make(map[lookup]bits, len(ids))
	missing := t.cache.get(t.clock(), wanted, found)
	for part := range slices.Chunk(missing, chunk) {
		if err := again(ctx, "alias", func() error { return t.find(ctx, part, found) }); err != nil {
			return nil, err
		}
	}
	missing = slices.DeleteFunc(missing, func(l lookup) bool { _, ok := found[l]; return ok })
	// Everybody inserts in the same order, so nobody waits in a circle.
	slices.SortFunc(missing, func(a, b lookup) int { return slices.Compare(a[:], b[:]) })
	for part := range slices.Chunk(slices.Compact(missing), chunk) {
		if err := t.create(ctx, key, class, part, found); err != nil {
			return nil, err
		}
	}
	aliases := make([]string, len(ids))
	for i, l := range wanted {
		b, ok := found[l]
		if !ok {
			return nil, errAgree
		}
		aliases[i] = class.Alias(b)
	}
	return aliases, nil
}

// chunk is how many rows one statement names.
const chunk = 128

// asker runs a query in or outside of a transaction.
type asker interface {
	query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// find asks for rows and the generation in one statement, so that they belong together, and lets the cache learn.
func (t *Table) find(ctx context.Context, wanted []lookup, found map[lookup]bits) error {
	asked := t.clock()
	generation, rows, err := look(ctx, t.store, wanted)
	if err != nil {
		return err
	}
	t.cache.learn(asked, generation, rows)
	for l, b := range rows {
		found[l] = b
	}
	return nil
}

func look(ctx context.Context, a asker, wanted []lookup) (generation int64, found map[lookup]bits, err error) {
	args := make([]any, len(wanted))
	for i := range wanted {
		args[i] = wanted[i][:]
	}
	rows, err := a.query(ctx, "SELECT s.generation, a.lookup, a.alias FROM audit_alias_state s LEFT JOIN audit_aliases a ON a.lookup IN ("+
		sqlstore.Marks(len(wanted))+")", args...)
	if err != nil {
		return 0, nil, err
	}
	defer rows.Close()
	found = make(map[lookup]bits)
	for rows.Next() {
		var l, b []byte
		if err := rows.Scan(&generation, &l, &b); err != nil {
			return 0, nil, err
		}
		switch {
		case l == nil: // none was found
		case len(l) != len(lookup{}), len(b) != len(bits{}):
			return 0, nil, errBad
		default:
			found[lookup(l)] = bits(b)
		}
	}
	if err := rows.Err(); err != nil {
		return 0, nil, err
	}
	if generation == 0 {
		return 0, nil, errBad
	}
	return generation, found, nil
}

// create makes rows for lookups that have none; where others were faster theirs count. The rows are committed when it
// returns without error.
func (t *Table) create(ctx context.Context, key audit.Key, class audit.Class, wanted []lookup, found map[lookup]bits) error {
	var asked time.Time
	var generation int64
	var rows map[lookup]bits
	err := t.transact(ctx, "alias", func(s session) error {
		if err := s.prove(ctx, key, true); err != nil {
			return err
		}
		args := make([]any, 0, 4*len(wanted))
		for i := range wanted {
			var b bits
			_, _ = rand.Read(b[:]) // never fails
			args = append(args, wanted[i][:], key.Epoch(), int64(class), b[:])
		}
		_, err := s.exec(ctx, "INSERT INTO audit_aliases (lookup, epoch, class, alias) VALUES "+
			strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?), ", len(wanted)), ", ")+" ON CONFLICT DO NOTHING", args...)
		if err != nil {
			return err
		}
		asked = t.clock()
		generation, rows, err = look(ctx, s, wanted)
		if err == nil && len(rows) < len(wanted) {
			err = errAgree // somebody was erased in between
		}
		return err
	})
	if err != nil {
		return err
	}
	t.cache.learn(asked, generation, rows)
	for l, b := range rows {
		found[l] = b
	}
	return nil
}

// prove compares the key of an epoch with the one that it began with. The first key of an epoch is noted if begin is set.
func (s session) prove(ctx context.Context, key audit.Key, begin bool) error {
	want, err := proof(key)
	if err != nil {
		return err
	}
	have, err := s.proof(ctx, key.Epoch())
	if errors.Is(err, sql.ErrNoRows) && begin {
		_, err = s.exec(ctx, "INSERT INTO audit_alias_epochs (epoch, proof) VALUES (?, ?) ON CONFLICT (epoch) DO NOTHING", key.Epoch(), want[:])
		if err != nil {
			return err
		}
		have, err = s.proof(ctx, key.Epoch())
	}
	if err != nil {
		return err
	}
	if !slices.Equal(have, want[:]) {
		return ErrKey
	}
	return nil
}

func (s session) proof(ctx context.Context, epoch string) (proof []byte, err error) {
	err = s.row(ctx, "SELECT proof FROM audit_alias_epochs WHERE epoch = ?", epoch).Scan(&proof)
	return proof, err
}

func proof(key audit.Key) (lookup, error) {
	return key.Sum(useProof, audit.DataSubject, key.Epoch())
}
