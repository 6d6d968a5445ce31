package aliastable_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/aliastable"
	"github.com/purposebound/purposebound/audit/aliastable/aliastest"
	"github.com/purposebound/purposebound/audit/audittest"
)

func TestTableConforms(t *testing.T) {
	for kind, make := range kinds {
		for name, size := range map[string]int{"cached": 0, "a cache of one": 1, "not cached": -1} {
			t.Run(kind+", "+name, func(t *testing.T) {
				aliastest.TestPseudonymizer(t, func(t *testing.T) audit.Pseudonymizer {
					p := make(t)
					table, err := p.open(t.Context(), p.pool(t), keys(t), audittest.NewRecorder(nil), aliastable.Options{CacheSize: size})
					require.NoError(t, err)
					return table
				})
			})
		}
	}
}

func TestAliasesOutliveTheProcessAndAreRandom(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		first := alias(t, p.table(t, keys(t), nil), "4711")
		assert.Equal(t, first, alias(t, p.table(t, keys(t), nil), "4711"))
		other := kinds[p.kind](t)
		assert.NotEqual(t, first, alias(t, other.table(t, keys(t), nil), "4711"), "the same key and id in another table")
	})
}

func TestABatchIsWhatItsPartsAre(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		table := p.table(t, keys(t), nil)
		var ids []string
		for i := range 700 {
			ids = append(ids, fmt.Sprint("n", i%600)) // some twice
		}
		for i := 0; i < 600; i += 7 {
			alias(t, table, ids[i]) // some known
		}
		rand.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
		got, err := table.AliasAll(t.Context(), audit.DataSubject, ids...)
		require.NoError(t, err)
		require.Len(t, got, len(ids))
		again := p.table(t, keys(t), nil)
		for i := range ids {
			if i%20 == 0 {
				assert.Equal(t, alias(t, again, ids[i]), got[i])
			}
		}
		assert.Equal(t, 600, p.rows(t, "SELECT count(*) FROM audit_aliases"))

		none, err := table.AliasAll(t.Context(), audit.DataSubject)
		require.NoError(t, err)
		assert.Empty(t, none)
		_, err = table.AliasAll(t.Context(), audit.DataSubject, "new", "")
		require.Error(t, err)
		assert.Equal(t, 600, p.rows(t, "SELECT count(*) FROM audit_aliases"), "all or none")
	})
}

func TestAfterARotationAliasesAreUnrelatedAndAllAreFound(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		source := keys(t)
		table := p.table(t, source, nil)
		old := alias(t, table, "anna")
		alias(t, table, "bert")
		require.NoError(t, source.Rotate(key(t, "2027", "l")))
		young := alias(t, table, "anna")
		assert.NotEqual(t, old, young)
		got, err := table.Aliases(t.Context(), audit.DataSubject, "anna")
		require.NoError(t, err)
		assert.Equal(t, []string{old, young}, got)
		none, err := table.Aliases(t.Context(), audit.Principal, "anna")
		require.NoError(t, err)
		assert.Empty(t, none, "the other class")

		require.NoError(t, source.Shred("2026"))
		got, err = table.Aliases(t.Context(), audit.DataSubject, "anna")
		require.NoError(t, err)
		assert.Equal(t, []string{young}, got, "of the shredded epoch nobody knows")
	})
}

func TestAliasesDoNotChange(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		a := alias(t, p.table(t, keys(t), nil), "anna")
		db := p.pool(t)
		_, err := db.Exec("UPDATE audit_aliases SET class = 2")
		require.Error(t, err)
		_, err = db.Exec("UPDATE audit_alias_epochs SET epoch = 'x'")
		require.Error(t, err)
		if p.kind == "sqlite" {
			_, err = db.Exec("INSERT OR REPLACE INTO audit_aliases SELECT lookup, epoch, class, randomblob(16) FROM audit_aliases")
			require.NoError(t, err)
		}
		assert.Equal(t, a, alias(t, p.table(t, keys(t), nil), "anna"))
	})
}

func BenchmarkAlias(b *testing.B) {
	for kind, make := range kinds {
		b.Run(kind+"/cached", func(b *testing.B) {
			table := make(b).table(b, keys(b), nil)
			for b.Loop() {
				alias(b, table, "anna")
			}
		})
		b.Run(kind+"/looked up", func(b *testing.B) {
			p := make(b)
			table, err := p.open(b.Context(), p.pool(b), keys(b), audittest.NewRecorder(nil), aliastable.Options{CacheSize: -1})
			require.NoError(b, err)
			for b.Loop() {
				alias(b, table, "anna")
			}
		})
		b.Run(kind+"/created", func(b *testing.B) {
			table := make(b).table(b, keys(b), nil)
			n := 0
			for b.Loop() {
				n++
				alias(b, table, fmt.Sprint(n))
			}
		})
		b.Run(kind+"/created in batches of 256", func(b *testing.B) {
			table := make(b).table(b, keys(b), nil)
			ids := [256]string{}
			n := 0
			for b.Loop() {
				for i := range ids {
					n++
					ids[i] = fmt.Sprint(n)
				}
				_, err := table.AliasAll(b.Context(), audit.DataSubject, ids[:]...)
				require.NoError(b, err)
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "aliases/s")
		})
	}
}
