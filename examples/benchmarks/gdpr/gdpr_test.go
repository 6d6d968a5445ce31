package gdpr

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit/filetrail"
)

func small(t *testing.T) Options {
	return Options{Records: 500, Operations: 300, Before: 50, Seed: 7, Trail: func() (Trail, error) { return filetrail.Open(t.TempDir()+"/trail", filetrail.Options{}) }}
}

func TestTheServiceAndTheOracleAgreeOnEveryOperation(t *testing.T) {
	for _, mix := range Mixes {
		for _, zipfian := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/zipfian=%v", mix.Name, zipfian), func(t *testing.T) {
				o := small(t)
				o.Zipfian = zipfian
				r, err := Run(context.Background(), mix, o)
				require.NoError(t, err)
				require.Equal(t, o.Operations, r.Agreed, r.Disagreed)
				for _, k := range r.Timings {
					require.NotZero(t, k.N, k.Kind)
				}
				require.Positive(t, r.Own)
				require.NotZero(t, r.Events)
			})
		}
	}
}

func TestAnOracleThatHearsNoObjectionDisagrees(t *testing.T) {
	o := small(t)
	o.deaf = true
	r, err := Run(context.Background(), Mixes[2], o)
	require.NoError(t, err)
	require.Less(t, r.Agreed, o.Operations)
	require.Contains(t, r.Disagreed, "denied")
}

func TestSharesAddUpToAHundred(t *testing.T) {
	for _, m := range Mixes {
		sum := 0
		for _, p := range m.Parts {
			sum += p.Percent
		}
		require.Equal(t, 100, sum, m.Name)
	}
}
