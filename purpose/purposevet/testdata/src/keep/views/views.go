// Package views returns what the guard released.
package views

import (
	"context"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose/purposevet/testdata/src/domain"
)

// Debit is a view.
type Debit struct{ Name string }

// Last is for all to see.
var Last *Debit

// Get releases.
func Get(ctx context.Context, g *policy.Guard, req policy.Request, l *domain.Lessee) (Debit, error) { // want Get:"view in 0"
	v, err := policy.Read[Debit](ctx, g, req, l)
	if err != nil {
		return Debit{}, err
	}
	return v, nil
}
