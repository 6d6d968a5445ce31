package erasure_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite"

	"github.com/purposebound/purposebound/retention"
	"github.com/purposebound/purposebound/retention/erasure"
)

// base is a store in SQLite. A trigger counts what is erased, so that erasing twice shows.
type base struct{ db *sql.DB }

func openBase(dir string) (*base, error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "store.db")+"?_pragma=journal_mode(WAL)&_pragma=busy_timeout(10000)")
	if err != nil {
		return nil, err
	}
	_, err = db.Exec(`CREATE TABLE IF NOT EXISTS contracts (id TEXT PRIMARY KEY, kind TEXT NOT NULL, ended TEXT, hold_from TEXT, stored_since INTEGER);
		CREATE TABLE IF NOT EXISTS acts (id TEXT NOT NULL, act TEXT NOT NULL);
		CREATE TABLE IF NOT EXISTS statistics (region TEXT NOT NULL);
		CREATE TRIGGER IF NOT EXISTS erased AFTER DELETE ON contracts BEGIN INSERT INTO acts VALUES (old.id, 'gone'); END;
		CREATE TRIGGER IF NOT EXISTS stored AFTER UPDATE OF stored_since ON contracts BEGIN INSERT INTO acts VALUES (old.id, 'stored'); END;`)
	return &base{db}, err
}

func (b *base) fill(from, n int) error {
	tx, err := b.db.Begin()
	if err != nil {
		return err
	}
	for i := from; i < from+n; i++ {
		kind, ended, hold := []string{"contract", "contract", "complaint", "statistics"}[i%4], any("2020-01-31"), any(nil)
		switch i % 10 {
		case 3:
			ended = nil
		case 7:
			hold = "2020-02-01T00:00:00Z"
		}
		if _, err := tx.Exec(`INSERT INTO contracts (id, kind, ended, hold_from) VALUES (?, ?, ?, ?)`, fmt.Sprintf("c-%07d", i), kind, ended, hold); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func query(ctx context.Context, q querier, where string, args ...any) (list []retention.Row, err error) {
	rows, err := q.QueryContext(ctx, `SELECT id, kind, ended, hold_from, stored_since FROM contracts WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		r := retention.Row{Values: make([]retention.Value, columns)}
		var ended, hold sql.NullString
		var since sql.NullInt64
		if err := rows.Scan(&r.Key, &r.Category, &ended, &hold, &since); err != nil {
			return nil, err
		}
		if ended.Valid {
			r.Values[endedAt] = retention.DayValue(retention.MustDate(ended.String))
		}
		if hold.Valid {
			at, err := time.Parse(time.RFC3339, hold.String)
			if err != nil {
				return nil, err
			}
			r.Values[holdFrom] = retention.InstantValue(at)
		}
		if since.Valid {
			r.Values[storedSince] = retention.InstantValue(time.Unix(since.Int64, 0))
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// all reads page by page: nothing is locked while a row is decided about.
func (b *base) all(ctx context.Context) iter.Seq2[retention.Row, error] {
	return func(yield func(retention.Row, error) bool) {
		for last := ""; ; {
			page, err := query(ctx, b.db, `id > ? ORDER BY id LIMIT 500`, last)
			if err != nil {
				yield(retention.Row{}, err)
				return
			}
			for _, r := range page {
				if !yield(r, nil) {
					return
				}
			}
			if len(page) == 0 {
				return
			}
			last = page[len(page)-1].Key
		}
	}
}

func (b *base) Look(ctx context.Context, keys []string) (list []retention.Row, err error) {
	for _, k := range keys {
		rows, err := query(ctx, b.db, `id = ?`, k)
		if err != nil {
			return nil, err
		}
		list = append(list, rows...)
	}
	return list, nil
}

// Carry does each few rows in a transaction, so that a kill may leave an order half done.
func (b *base) Carry(ctx context.Context, o erasure.Order) (n int, err error) {
	next, stop := iter.Pull(o.Rows())
	defer stop()
	for more := true; more; {
		tx, err := b.db.BeginTx(ctx, nil)
		if err != nil {
			return n, err
		}
		did := 0
		for did < 3 {
			var task erasure.Task
			if task, more = next(); !more {
				break
			}
			ok, err := b.carry(ctx, tx, o, task)
			if err != nil {
				return n, errors.Join(err, tx.Rollback())
			}
			if ok {
				did++
			}
		}
		if err := tx.Commit(); err != nil {
			return n, err
		}
		n += did
	}
	return n, nil
}

func (b *base) carry(ctx context.Context, tx *sql.Tx, o erasure.Order, task erasure.Task) (bool, error) {
	rows, err := query(ctx, tx, `id = ?`, task.Key)
	if err != nil || !o.Recheck(rows...) {
		return false, err
	}
	switch o.Then() {
	case retention.Restrict:
		_, err = tx.ExecContext(ctx, `UPDATE contracts SET stored_since = ? WHERE id = ?`, now.Unix(), task.Key)
		return true, err
	case retention.Anonymise:
		if _, err := tx.ExecContext(ctx, `INSERT INTO statistics VALUES (?)`, task.Remains[0].Value); err != nil {
			return false, err
		}
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM contracts WHERE id = ?`, task.Key)
	return true, err
}

func (b *base) Records(_ context.Context, keys []string) (list []erasure.Record, err error) {
	for _, k := range keys {
		list = append(list, erasure.Record{Key: k, Fields: []erasure.Field{{Name: "id", Category: "contact.id", Value: k}, {Name: "region", Value: "Fyn"}}})
	}
	return list, nil
}

func (b *base) Anonymise(r erasure.Record) ([]erasure.Field, error) { return r.Fields[1:], nil }

func (b *base) Alike(ctx context.Context, remains []erasure.Field) (n int, err error) {
	err = b.db.QueryRowContext(ctx, `SELECT count(*) FROM statistics WHERE region = ?`, remains[0].Value).Scan(&n)
	return n, err
}
