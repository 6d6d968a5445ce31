package aliastable_test

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
)

const canary = "canary.person@example.com"

// forms are ways in which an id could be written down.
func forms(id string) map[string]string {
	sum256, sum1, md := sha256.Sum256([]byte(id)), sha1.Sum([]byte(id)), md5.Sum([]byte(id))
	out := map[string]string{"raw": id, "base32": base32.StdEncoding.EncodeToString([]byte(id))[:32]}
	for name, b := range map[string][]byte{"raw": []byte(id), "sha256": sum256[:], "sha1": sum1[:], "md5": md[:]} {
		out[name+" bytes"] = string(b)
		out[name+" hex"] = hex.EncodeToString(b)
		out[name+" HEX"] = strings.ToUpper(hex.EncodeToString(b))
		out[name+" base64"] = strings.TrimRight(base64.StdEncoding.EncodeToString(b), "=")
		out[name+" base64url"] = base64.RawURLEncoding.EncodeToString(b)
	}
	return out
}

// content is all that the database holds: its files, or all rows of all tables.
func (p place) content(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	if p.kind == "sqlite" {
		files, err := filepath.Glob(p.dsn + "*")
		require.NoError(t, err)
		for _, f := range files {
			b, err := os.ReadFile(f)
			require.NoError(t, err)
			all.Write(b)
		}
		return all.String()
	}
	db := p.pool(t)
	names, err := db.Query("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
	require.NoError(t, err)
	var tables []string
	for names.Next() {
		var n string
		require.NoError(t, names.Scan(&n))
		tables = append(tables, n)
	}
	require.NoError(t, names.Err())
	for _, table := range tables {
		rows, err := db.Query("SELECT x::text FROM " + table + " x")
		require.NoError(t, err)
		for rows.Next() {
			var text string
			require.NoError(t, rows.Scan(&text))
			all.WriteString(text)
		}
		require.NoError(t, rows.Err())
	}
	return all.String()
}

func TestNoFormOfAnIDIsInTheDatabase(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		trail := p.trail(t)
		table := p.table(t, keys(t), trail)
		person, err := table.AliasAll(t.Context(), audit.DataSubject, canary, "bert")
		require.NoError(t, err)
		_, err = table.Alias(t.Context(), audit.Principal, canary)
		require.NoError(t, err)
		require.NoError(t, trail.Append(t.Context(), []audit.Event{read(person[0])}))
		_, err = table.Erase(t.Context(), audit.Principal, canary)
		require.NoError(t, err)
		all := p.content(t)
		assert.Contains(t, all, person[0], "the control: the alias is in the trail")
		for form, text := range forms(canary) {
			assert.NotContains(t, all, text, form)
		}

		// The control: each form is found where somebody wrote it.
		p.pool(t)
		db := p.pool(t)
		kind := "TEXT"
		_, err = db.Exec("CREATE TABLE careless (id " + kind + ")")
		require.NoError(t, err)
		_, err = db.Exec("INSERT INTO careless VALUES ('" + canary + "'), ('" + forms(canary)["sha256 hex"] + "')")
		require.NoError(t, err)
		all = p.content(t)
		assert.Contains(t, all, canary)
		assert.Contains(t, all, forms(canary)["sha256 hex"])
	})
}

func TestWhatIsErasedIsNotLeftInTheFile(t *testing.T) {
	p := newSQLite(t)
	source := keys(t)
	table := p.table(t, source, nil)
	current, err := source.Current(t.Context())
	require.NoError(t, err)
	lookup, err := current.Sum("alias lookup", audit.DataSubject, canary)
	require.NoError(t, err)
	alias(t, table, canary)
	alias(t, table, "bert")
	assert.Contains(t, p.content(t), string(lookup[:]), "the control: it was there")
	_, err = table.Erase(t.Context(), audit.DataSubject, canary)
	require.NoError(t, err)
	assert.NotContains(t, p.content(t), string(lookup[:]))
}
