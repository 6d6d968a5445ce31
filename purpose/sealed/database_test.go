package sealed_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"

	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/purposebound/purposebound/purpose/sealed"
)

// columns is one row of the round trip: every T that a database column holds.
type columns struct {
	Text  sealed.Value[string]
	IBAN  sealed.Value[iban]
	Blob  sealed.Value[[]byte]
	Big   sealed.Value[int64]
	Small sealed.Value[int32]
	Count sealed.Value[uint16]
	Real  sealed.Value[float64]
	Flag  sealed.Value[bool]
	At    sealed.Value[time.Time]
	Money sealed.Value[money]
	Next  sealed.Value[*string]
}

func (c *columns) dest() []any {
	return []any{&c.Text, &c.IBAN, &c.Blob, &c.Big, &c.Small, &c.Count, &c.Real, &c.Flag, &c.At, &c.Money, &c.Next}
}

func (c columns) args() []any {
	return []any{c.Text, c.IBAN, c.Blob, c.Big, c.Small, c.Count, c.Real, c.Flag, c.At, c.Money, c.Next}
}

// roundTrip writes Values through a real server and reads them back, plain, sealed, and NULL. The types are those of
// blob, float and timestamp columns.
func roundTrip(t *testing.T, db *sql.DB, blob, float, timestamp string) {
	t.Helper()
	ctx := t.Context()
	conn, err := db.Conn(ctx)
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.ExecContext(ctx, fmt.Sprintf(`CREATE TEMPORARY TABLE sealed_round_trip (id INTEGER, a_text TEXT, a_iban TEXT,
		a_blob %s, a_big BIGINT, a_small INTEGER, a_count INTEGER, a_real %s, a_flag BOOLEAN, a_time %s, a_money TEXT, a_next TEXT)`, blob, float, timestamp))
	require.NoError(t, err)
	insert := func(id int, c columns) {
		_, err := conn.ExecContext(ctx, "INSERT INTO sealed_round_trip VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)", append([]any{id}, c.args()...)...)
		require.NoError(t, err)
	}
	next := "next"
	in := columns{
		sealed.Of(canaryText), sealed.Of(iban(canaryText)), sealed.Of([]byte(canaryText)), sealed.Of(canaryInt), sealed.Of(canary32), sealed.Of(uint16(65535)),
		sealed.Of(canaryReal), sealed.Of(true), sealed.Of(time.Date(2093, 7, 19, 21, 43, 56, 0, time.UTC)), sealed.Of(money{4200}), sealed.Of(&next),
	}
	insert(1, in)
	insert(2, columns{})

	var text, cents string
	var big int64
	require.NoError(t, conn.QueryRowContext(ctx, "SELECT a_text, a_big, a_money FROM sealed_round_trip WHERE id = 1").Scan(&text, &big, &cents))
	assert.Equal(t, canaryText, text, "the driver got the plaintext, not what fmt prints")
	assert.Equal(t, canaryInt, big)
	assert.Equal(t, "4200 ct", cents)

	const query = "SELECT a_text, a_iban, a_blob, a_big, a_small, a_count, a_real, a_flag, a_time, a_money, a_next FROM sealed_round_trip WHERE id = $1"
	var out columns
	require.NoError(t, conn.QueryRowContext(ctx, query, 1).Scan(out.dest()...))
	assert.Equal(t, canaryText, opened(t, out.Text))
	assert.True(t, in.Text.Equal(out.Text))
	assert.True(t, in.IBAN.Equal(out.IBAN))
	assert.True(t, in.Blob.Equal(out.Blob))
	assert.True(t, in.Big.Equal(out.Big))
	assert.True(t, in.Small.Equal(out.Small))
	assert.True(t, in.Count.Equal(out.Count))
	assert.True(t, in.Real.Equal(out.Real))
	assert.True(t, in.Flag.Equal(out.Flag))
	assert.True(t, in.At.Equal(out.At))
	assert.True(t, in.Money.Equal(out.Money))
	assert.True(t, in.Next.Equal(out.Next))
	assert.False(t, out.Text.Equal(sealed.Of("another")))

	require.NoError(t, conn.QueryRowContext(ctx, query, 2).Scan(out.dest()...), "NULLs into the same struct")
	assert.Equal(t, columns{}, out, "NULL unsets every field: nothing of the previous row stays")
	var nulls int
	require.NoError(t, conn.QueryRowContext(ctx, "SELECT COUNT(*) FROM sealed_round_trip WHERE a_text IS NULL AND a_big IS NULL AND a_time IS NULL").Scan(&nulls))
	assert.Equal(t, 1, nulls)

	found := conn.QueryRowContext(ctx, "SELECT COUNT(*) FROM sealed_round_trip WHERE a_text = $1 AND a_big = $2", in.Text, &in.Big)
	require.NoError(t, found.Scan(&nulls))
	assert.Equal(t, 1, nulls, "a Value and a pointer to one select their row")

	// Conversion errors from a real result set, and their negative control.
	needles := textSpellings(canaryText)
	for name, dst := range map[string]any{"int64": &sealed.Value[int64]{}, "time": &sealed.Value[time.Time]{}, "bool": &sealed.Value[bool]{}, "hostile": &sealed.Value[hostile]{}} {
		err := conn.QueryRowContext(ctx, "SELECT a_text FROM sealed_round_trip WHERE id = 1").Scan(dst)
		require.ErrorIs(t, err, sealed.ErrConvert, name)
		assert.Empty(t, spelled(err.Error(), needles), name)
	}
	err = conn.QueryRowContext(ctx, "SELECT a_text FROM sealed_round_trip WHERE id = 1").Scan(&sql.Null[int64]{})
	require.Error(t, err)
	assert.NotEmpty(t, spelled(err.Error(), needles), "control: database/sql quotes the value")
}

func TestSQLiteRoundTrip(t *testing.T) {
	db, err := sql.Open("sqlite", ":memory:")
	require.NoError(t, err)
	defer db.Close()
	roundTrip(t, db, "BLOB", "REAL", "TIMESTAMP")
}

func TestPostgreSQLRoundTrip(t *testing.T) {
	dsn := os.Getenv("PURPOSEBOUND_POSTGRES")
	if dsn == "" {
		dsn = "postgres://postgres@127.0.0.1:5432/test?sslmode=disable&connect_timeout=3"
	}
	db, err := sql.Open("pgx", dsn)
	require.NoError(t, err)
	defer db.Close()
	if err := db.PingContext(t.Context()); err != nil {
		if os.Getenv("PURPOSEBOUND_REQUIRE_SERVERS") == "1" {
			t.Fatalf("PostgreSQL is required and does not answer: %v", err)
		}
		t.Skip("PostgreSQL does not answer: set PURPOSEBOUND_POSTGRES to its DSN")
	}
	roundTrip(t, db, "BYTEA", "DOUBLE PRECISION", "TIMESTAMPTZ")

	_, err = db.ExecContext(t.Context(), "SELECT $1::jsonb", sealed.Of(canaryText))
	require.Error(t, err, "a JSON column would take an encoded value")
	assert.Empty(t, spelled(err.Error(), textSpellings(canaryText)))
}

func TestScanUnsetsOnFailureAndNull(t *testing.T) {
	v := sealed.Of(int64(7))
	require.ErrorIs(t, v.Scan("x"), sealed.ErrConvert)
	assert.False(t, v.IsSet())
	v = sealed.Of(int64(7))
	require.NoError(t, v.Scan(nil))
	assert.False(t, v.IsSet())
}

func TestScanKeepsNoDriverMemory(t *testing.T) {
	buffer := []byte("first")
	var bytes sealed.Value[[]byte]
	var anything sealed.Value[any]
	var raw sealed.Value[sql.RawBytes]
	require.NoError(t, bytes.Scan(buffer))
	require.NoError(t, anything.Scan(buffer))
	require.ErrorIs(t, raw.Scan(buffer), sealed.ErrConvert, "RawBytes would alias it")
	copy(buffer, "other")
	assert.Equal(t, "first", string(opened(t, bytes)))
	assert.Equal(t, []byte("first"), opened(t, anything))
}

func TestValueHandsADriverItsOwnTypes(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	text := "x"
	for _, tc := range []struct {
		v    driver.Valuer
		want driver.Value
	}{
		{sealed.Of("x"), "x"},
		{sealed.Of(iban("x")), "x"},
		{sealed.Of([]byte("x")), []byte("x")},
		{sealed.Of(int32(7)), int64(7)},
		{sealed.Of(uint64(7)), int64(7)},
		{sealed.Of(float32(0.5)), 0.5},
		{sealed.Of(true), true},
		{sealed.Of(now), now},
		{sealed.Of(&text), "x"},
		{sealed.Of[*string](nil), nil},
		{sealed.Of[any](nil), nil},
		{sealed.Of(money{4200}), "4200 ct"},
		{sealed.Of(sealed.Of("x")), "x"},
		{sealed.Value[string]{}, nil},
		{sealed.Value[hostile]{}, nil},
	} {
		got, err := tc.v.Value()
		require.NoError(t, err)
		assert.Equal(t, tc.want, got)
	}
}

func TestValueErrorsNameTheTypeAlone(t *testing.T) {
	for want, v := range map[string]driver.Valuer{
		"uint64":                        sealed.Of(uint64(1<<63 + 7)),
		"[]string":                      sealed.Of([]string{canaryText}),
		"map[string]string":             sealed.Of(map[string]string{canaryText: canaryText}),
		"sealed_test.person":            sealed.Of(person{Name: canaryText}),
		"sealed_test.hostile":           sealed.Of(hostile{canaryText}),
		"func() (driver.Value, error)":  sealed.Of(func() (driver.Value, error) { return canaryText, nil }),
		"*sealed_test.hostile":          sealed.Of(&hostile{canaryText}),
		"sealed.Value[map[string]bool]": sealed.Of(sealed.Of(map[string]bool{canaryText: true})),
	} {
		got, err := v.Value()
		assert.Nil(t, got)
		require.ErrorIs(t, err, sealed.ErrConvert)

		assert.EqualError(t, err, "sealed: no conversion: "+want+" to a database value")
	}
}

// recorder is a driver that keeps the arguments it is given, as a logging wrapper around a driver would.
type recorder struct{ got []any }

func (r *recorder) Connect(context.Context) (driver.Conn, error) { return r, nil }
func (r *recorder) Driver() driver.Driver                        { return nil }
func (r *recorder) Prepare(string) (driver.Stmt, error)          { return nil, errors.New("not prepared") }
func (r *recorder) Close() error                                 { return nil }
func (r *recorder) Begin() (driver.Tx, error)                    { return nil, errors.New("no transactions") }
func (r *recorder) ExecContext(_ context.Context, _ string, args []driver.NamedValue) (driver.Result, error) {
	for _, a := range args {
		r.got = append(r.got, a.Value)
	}
	return driver.ResultNoRows, nil
}

// The documented boundary: sealed up to the driver, plaintext in it.
func TestArgumentsAreSealedUpToTheDriver(t *testing.T) {
	r := &recorder{}
	db := sql.OpenDB(r)
	defer db.Close()
	args := []any{sealed.Of(canaryText), sql.Named("pay", sealed.Of(canaryInt)), sealed.Value[string]{}}
	assert.Equal(t, "[[sealed] {{} pay [sealed]} [sealed]]", fmt.Sprint(args))
	_, err := db.ExecContext(t.Context(), "INSERT", args...)
	require.NoError(t, err)
	assert.Equal(t, []any{canaryText, canaryInt, nil}, r.got)

	_, err = db.ExecContext(t.Context(), "INSERT", sealed.Of([]string{canaryText}))
	require.ErrorIs(t, err, sealed.ErrConvert)
	assert.Empty(t, spelled(err.Error(), textSpellings(canaryText)))
}
