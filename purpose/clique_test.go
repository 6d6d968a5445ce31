package purpose_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/purposebound/purposebound/purpose"
)

// A graph of types may have more paths than anyone can walk: these refer to each other, and the last
// is a person.
func TestBindDoesNotWalkEveryPath(t *testing.T) {
	p, err := bind[clique0](t)
	assert.ErrorIs(t, err, purpose.ErrInvalid)
	assert.ErrorContains(t, err, "more than 256 tagged fields or people")
	assert.Nil(t, p)
}

type (
	clique0 struct {
		B *clique1
		C *clique2
		D *clique3
		E *clique4
		F *clique5
		G *clique6
		H *clique7
		I *clique8
		J *clique9
	}
	clique1 struct {
		A *clique0
		C *clique2
		D *clique3
		E *clique4
		F *clique5
		G *clique6
		H *clique7
		I *clique8
		J *clique9
	}
	clique2 struct {
		A *clique0
		B *clique1
		D *clique3
		E *clique4
		F *clique5
		G *clique6
		H *clique7
		I *clique8
		J *clique9
	}
	clique3 struct {
		A *clique0
		B *clique1
		C *clique2
		E *clique4
		F *clique5
		G *clique6
		H *clique7
		I *clique8
		J *clique9
	}
	clique4 struct {
		A *clique0
		B *clique1
		C *clique2
		D *clique3
		F *clique5
		G *clique6
		H *clique7
		I *clique8
		J *clique9
	}
	clique5 struct {
		A *clique0
		B *clique1
		C *clique2
		D *clique3
		E *clique4
		G *clique6
		H *clique7
		I *clique8
		J *clique9
	}
	clique6 struct {
		A *clique0
		B *clique1
		C *clique2
		D *clique3
		E *clique4
		F *clique5
		H *clique7
		I *clique8
		J *clique9
	}
	clique7 struct {
		A *clique0
		B *clique1
		C *clique2
		D *clique3
		E *clique4
		F *clique5
		G *clique6
		I *clique8
		J *clique9
	}
	clique8 struct {
		A *clique0
		B *clique1
		C *clique2
		D *clique3
		E *clique4
		F *clique5
		G *clique6
		H *clique7
		J *clique9
	}
	clique9 struct {
		ID string `subject:"id"`
		A  *clique0
		B  *clique1
		C  *clique2
		D  *clique3
		E  *clique4
		F  *clique5
		G  *clique6
		H  *clique7
		I  *clique8
	}
)
