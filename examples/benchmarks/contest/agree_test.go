package contest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/examples/benchmarks/world"
)

func TestAllContendersAgree(t *testing.T) {
	for _, size := range [][2]int{{20, 10}, {200, 10}} {
		w := world.New(size[0], size[1])
		for _, c := range Contenders() {
			t.Run(fmt.Sprintf("%d fields/%s", size[0], c.Key), func(t *testing.T) {
				held, err := c.Load(w)
				require.NoError(t, err)
				asked, err := Agree(w, &c, held)
				require.NoError(t, err)
				if !c.Floor {
					require.GreaterOrEqual(t, asked, 40)
				}
			})
		}
	}
}
