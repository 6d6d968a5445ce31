package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"net/url"
	"strings"
)

// apart makes an empty schema in a PostgreSQL database, and returns a URL that finds its tables there and what drops it again.
func apart(ctx context.Context, postgres string) (address string, drop func() error, err error) {
	u, err := url.Parse(postgres)
	if err != nil {
		return "", nil, errors.New("the URL of PostgreSQL does not parse") // the error would quote it, password and all
	}
	db, err := sql.Open("pgx", postgres)
	if err != nil {
		return "", nil, errStore
	}
	schema := "lendingapi_" + strings.ToLower(rand.Text())
	if _, err := db.ExecContext(ctx, "CREATE SCHEMA "+schema); err != nil {
		return "", nil, errors.Join(errStore, db.Close())
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String(), func() error {
		_, err := db.ExecContext(context.WithoutCancel(ctx), "DROP SCHEMA "+schema+" CASCADE")
		return errors.Join(err, db.Close())
	}, nil
}
