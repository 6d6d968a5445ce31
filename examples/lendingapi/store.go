package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/purposebound/purposebound/policy/httpguard"
)

// storeTimeout is how long the database may take for one statement.
const storeTimeout = 2 * time.Second

var (
	errNoApplication = errors.New("no such application")
	errStore         = fmt.Errorf("the store of applications does not answer: %w", httpguard.ErrUnavailable)
)

// store keeps applications in SQL. What a driver says about a failure may quote values: it goes no further.
type store struct{ find, put *sql.Stmt }

var columns = []string{"id", "person", "officer", "name", "email", "cpr", "income", "occupation", "account", "credit"}

// fields are where the columns go.
func (a *Application) fields() []any {
	return []any{&a.ID, &a.Person, &a.Officer, &a.Name, &a.Email, &a.CPR, &a.Income, &a.Occupation, &a.Account, &a.Credit}
}

// openStore makes the table where there is none. Both databases understand the statements.
func openStore(ctx context.Context, db *sql.DB) (*store, error) {
	_, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS applications (
	id TEXT PRIMARY KEY, person TEXT NOT NULL, officer TEXT NOT NULL,
	name TEXT, email TEXT, cpr TEXT, income BIGINT, occupation TEXT, account TEXT, credit TEXT)`)
	if err != nil {
		return nil, errStore
	}
	list, marks := strings.Join(columns, ", "), make([]string, len(columns))
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	s := &store{}
	if s.find, err = db.PrepareContext(ctx, "SELECT "+list+" FROM applications WHERE id = $1"); err != nil {
		return nil, errStore
	}
	if s.put, err = db.PrepareContext(ctx, "INSERT INTO applications ("+list+") VALUES ("+strings.Join(marks, ", ")+") ON CONFLICT DO NOTHING"); err != nil {
		return nil, errors.Join(errStore, s.find.Close())
	}
	return s, nil
}

// Close leaves the database open.
func (s *store) Close() error { return errors.Join(s.find.Close(), s.put.Close()) }

// Find returns an application with its values sealed.
func (s *store) Find(ctx context.Context, id string) (*Application, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	a := &Application{}
	switch err := s.find.QueryRowContext(ctx, id).Scan(a.fields()...); {
	case errors.Is(err, sql.ErrNoRows):
		return nil, errNoApplication
	case err != nil:
		return nil, errStore
	}
	return a, nil
}

// Put stores an application that is not there yet.
func (s *store) Put(ctx context.Context, a *Application) error {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	args := a.fields()
	if _, err := s.put.ExecContext(ctx, args...); err != nil {
		return errStore
	}
	return nil
}
