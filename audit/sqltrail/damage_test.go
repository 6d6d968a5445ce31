package sqltrail_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/sqltrail"
)

// hash is a hash in the dialect of the place.
func (p place) hash(hex string) string {
	if p.kind == "postgres" {
		return "'\\x" + hex + "'::bytea"
	}
	return "x'" + hex + "'"
}

func TestTheDatabaseRefusesToChangeLines(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		db := p.pool(t)
		trail := p.trailOn(t, db, sqltrail.Options{})
		require.NoError(t, trail.Append(t.Context(), samples(0, 5)))
		bad := []string{
			"UPDATE audit_lines SET line = line", "UPDATE audit_lines SET purpose = 'x' WHERE seq = 2", "DELETE FROM audit_lines",
			"DELETE FROM audit_lines WHERE seq = 6", "UPDATE audit_refs SET seq = 9", "DELETE FROM audit_refs", "DELETE FROM audit_head",
			"UPDATE audit_head SET seq = seq - 1", "UPDATE audit_head SET stream = 'other', seq = seq + 1",
			"INSERT INTO audit_prunes (through, manifest) VALUES (6, 'all')", "INSERT INTO audit_prunes (through, manifest) VALUES (99, 'more')",
		}
		if p.kind == "postgres" {
			bad = append(bad, "TRUNCATE audit_lines", "TRUNCATE audit_refs", "TRUNCATE audit_head", "TRUNCATE audit_prunes")
		} else {
			bad = append(bad, "INSERT OR REPLACE INTO audit_lines SELECT seq, x'00', id, time_us, name, outcome, principal_ref, recipient_id, purpose, basis, decision_id FROM audit_lines",
				"INSERT OR REPLACE INTO audit_head SELECT 1, stream, 0, hash FROM audit_head")
		}
		for _, statement := range bad {
			_, err := db.Exec(statement)
			assert.Error(t, err, statement)
		}
		assert.Equal(t, audit.Consistent, p.verify(t, db).Verdict)
		require.NoError(t, trail.Append(t.Context(), samples(5, 1)), "the control: writers are not kept")

		// What a manifest covers may go, and the manifest stays.
		_, err := p.trail(t, sqltrail.Options{Clock: later}).Prune(t.Context(), time.Time{})
		require.NoError(t, err)
		for _, statement := range []string{"UPDATE audit_prunes SET manifest = 'x'", "DELETE FROM audit_prunes",
			"INSERT INTO audit_prunes (through, manifest) VALUES (1, 'less')"} {
			_, err := db.Exec(statement)
			assert.Error(t, err, statement)
		}
	})
}

// Damage by somebody who owns the tables: each is named by verifying, and a writer that meets it stops.
func TestDamageIsNamedAndHalts(t *testing.T) {
	for name, c := range map[string]struct {
		damage  string // %s is a wrong hash
		verdict audit.Verdict
		bad     uint64
		halts   bool // a writer who knows seq 8
	}{
		"line edited":         {"UPDATE audit_lines SET line = (SELECT line FROM audit_lines WHERE seq = 5) WHERE seq = 4", audit.Edited, 4, false},
		"line cut":            {"UPDATE audit_lines SET line = %s WHERE seq = 4", audit.Edited, 4, false},
		"last line edited":    {"UPDATE audit_lines SET line = %s WHERE seq = 8", audit.Edited, 8, true},
		"line removed":        {"DELETE FROM audit_lines WHERE seq = 4", audit.Gap, 4, false},
		"first line removed":  {"DELETE FROM audit_lines WHERE seq = 1", audit.Gap, 1, false},
		"tail removed":        {"DELETE FROM audit_lines WHERE seq > 6", audit.Truncated, 7, true},
		"all lines removed":   {"DELETE FROM audit_lines", audit.Truncated, 1, true},
		"line added":          {"INSERT INTO audit_lines (seq, line, id, time_us, name) VALUES (9, %s, 'x', 0, 'x')", audit.Forked, 9, true},
		"head hash":           {"UPDATE audit_head SET hash = %s", audit.Edited, 8, true},
		"head went back":      {"UPDATE audit_head SET seq = 5", audit.Forked, 6, true},
		"head ahead":          {"UPDATE audit_head SET seq = 12", audit.Truncated, 9, true},
		"head of another":     {"UPDATE audit_head SET stream = 'other'", audit.Edited, 8, true},
		"head removed":        {"DELETE FROM audit_head", audit.Truncated, 1, true},
		"column changed":      {"UPDATE audit_lines SET purpose = 'other' WHERE seq = 4", audit.Edited, 4, false},
		"column emptied":      {"UPDATE audit_lines SET principal_ref = NULL WHERE seq = 4", audit.Edited, 4, false},
		"column filled":       {"UPDATE audit_lines SET recipient_id = 'bank' WHERE seq = 4", audit.Edited, 4, false},
		"time changed":        {"UPDATE audit_lines SET time_us = 1 WHERE seq = 4", audit.Edited, 4, false},
		"data subject hidden": {"DELETE FROM audit_refs WHERE seq = 4", audit.Edited, 1, false},
		"data subject added":  {"INSERT INTO audit_refs (ref, seq) VALUES ('ds-x', 4)", audit.Edited, 1, false},
		"data subject moved":  {"UPDATE audit_refs SET seq = 5 WHERE seq = 4", audit.Edited, 1, false},
		"manifest without":    {"INSERT INTO audit_prunes (through, manifest) VALUES (3, 'x')", audit.Edited, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, p place) {
				db := p.pool(t)
				trail := p.trailOn(t, db, sqltrail.Options{Stream: "one"})
				require.NoError(t, trail.Append(t.Context(), samples(0, 7)))
				require.Equal(t, audit.Consistent, p.verify(t, db).Verdict, "the control")
				p.unlock(t)
				p.exec(t, strings.ReplaceAll(c.damage, "%s", p.hash(strings.Repeat("0f", 32))))

				rep := p.verify(t, db)
				assert.Equal(t, c.verdict, rep.Verdict)
				assert.Equal(t, c.bad, rep.BadSeq)
				err := trail.Append(t.Context(), samples(9, 1))
				again, opened := p.open(t.Context(), p.pool(t), sqltrail.Options{Stream: "one"})
				if !c.halts {
					require.NoError(t, errors.Join(err, opened, again.Close()))
					return
				}
				require.ErrorIs(t, err, audit.ErrPoisoned)
				require.ErrorIs(t, err, sqltrail.ErrDamaged)
				require.ErrorIs(t, trail.Append(t.Context(), samples(9, 1)), audit.ErrPoisoned, "for good")
				require.ErrorIs(t, trail.Health().Err, audit.ErrPoisoned)
				require.ErrorIs(t, trail.Close(), audit.ErrPoisoned)
				require.Error(t, opened)
			})
		})
	}
}

// A database that was put back to an earlier state looks whole. Who wrote later knows better.
func TestADatabaseThatWasPutBackHaltsThoseWhoKnow(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		trail, db := p.trail(t, sqltrail.Options{}), p.pool(t)
		require.NoError(t, trail.Append(t.Context(), samples(0, 2)))
		early, err := trail.Head(t.Context())
		require.NoError(t, err)
		require.NoError(t, trail.Append(t.Context(), samples(2, 2)))
		p.unlock(t)
		query := "UPDATE audit_head SET seq = 3, hash = " + p.hash(early.Hash.String())
		p.exec(t, "DELETE FROM audit_lines WHERE seq > 3", "DELETE FROM audit_refs WHERE seq > 3", query)
		require.Equal(t, audit.Consistent, p.verify(t, db).Verdict, "it looks whole")

		// Another process goes on, past what was known.
		other := p.trail(t, sqltrail.Options{})
		require.NoError(t, other.Append(t.Context(), samples(10, 5)))
		err = trail.Append(t.Context(), samples(4, 1))
		require.ErrorIs(t, err, sqltrail.ErrDamaged)
		require.ErrorIs(t, err, audit.ErrPoisoned)
	})
}

// The line that a writer knows may go by pruning, and in no other way.
func TestALineThatIsGoneHaltsWhoKnowsIt(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		trail, other := p.trail(t, sqltrail.Options{}), p.trail(t, sqltrail.Options{})
		require.NoError(t, trail.Append(t.Context(), samples(0, 2)))
		require.NoError(t, other.Append(t.Context(), samples(2, 2)))
		n, err := p.trail(t, sqltrail.Options{Clock: later}).Prune(t.Context(), time.Time{})
		require.NoError(t, err)
		require.EqualValues(t, 6, n)
		require.NoError(t, trail.Append(t.Context(), samples(4, 2)), "the control: pruned")

		require.NoError(t, other.Append(t.Context(), samples(6, 2)))
		known := trail.Health().Known.Seq
		p.unlock(t)
		p.exec(t, fmt.Sprint("DELETE FROM audit_lines WHERE seq = ", known))
		require.ErrorIs(t, trail.Append(t.Context(), samples(8, 1)), sqltrail.ErrDamaged)
	})
}

func TestReadingStopsAtDamage(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		trail := p.trail(t, sqltrail.Options{})
		require.NoError(t, trail.Append(t.Context(), samples(0, 600)))
		p.unlock(t)
		p.exec(t, "UPDATE audit_lines SET line = (SELECT line FROM audit_lines WHERE seq = 399) WHERE seq = 400")
		for _, from := range []uint64{1, 390, 400} {
			next := from
			var failed error
			for e, err := range trail.Read(context.Background(), from) {
				if failed = err; err == nil {
					require.Equal(t, next, e.Seq)
					next++
				}
			}
			require.ErrorIs(t, failed, sqltrail.ErrDamaged)
			assert.EqualValues(t, 400, next)
		}
	})
}
