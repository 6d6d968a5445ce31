package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/filetrail"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/basis/sqlledger"
)

// connections to the database, at most.
const connections = 16

// openDatabase opens PostgreSQL where a URL names one, else SQLite in dir.
func openDatabase(dir, postgres string) (*sql.DB, error) {
	driver, dsn := "pgx", postgres
	if postgres == "" {
		driver, dsn = "sqlite", "file:"+filepath.Join(dir, "lending.db")+"?_pragma=busy_timeout(2000)&_pragma=synchronous(FULL)"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return nil, errStore // what a driver says of its address may hold a password
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

func openLedger(ctx context.Context, db *sql.DB, postgres bool, vocabulary basis.Vocabulary, clock func() time.Time) (*sqlledger.Ledger, error) {
	open := sqlledger.OpenSQLite
	if postgres {
		open = sqlledger.OpenPostgres
	}
	return open(ctx, db, vocabulary, sqlledger.WithClock(clock))
}

// openTrail opens the audit trail in dir, and the key of its pseudonyms beside it. The trail then needs no database: that
// the database is gone goes on record too. A service that keeps secrets somewhere takes the key from there.
func openTrail(dir string, clock func() time.Time) (_ *filetrail.Trail, _ audit.Pseudonymizer, err error) {
	key, err := secret(filepath.Join(dir, "pseudonyms.key"), func() ([]byte, error) {
		key := make([]byte, audit.MinKey)
		rand.Read(key)
		return key, nil
	})
	if err != nil {
		return nil, nil, err
	}
	aliases, err := audit.NewKeyedHMAC(key, "1")
	if err != nil {
		return nil, nil, err
	}
	trail, err := filetrail.Open(filepath.Join(dir, "trail"), filetrail.Options{Stream: stream, Clock: clock})
	return trail, aliases, err
}

// secret reads a key from a file, which it makes the first time. A file that is not whole is never seen under the name.
func secret(name string, make func() ([]byte, error)) (key []byte, err error) {
	key, err = os.ReadFile(name)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if key, err = make(); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(key)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	return key, os.Rename(name+".new", name)
}
