// Package desk serves people.
package desk

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"

	"example.com/seeded/domain"
	"example.com/seeded/store"
)

// View is the need to know.
type View struct{ IBAN string }

var lastSeen View

// Desk asks the guard.
type Desk struct {
	Guard *policy.Guard
	cache map[string]View
}

// Serve does it all wrong.
func (d *Desk) Serve(ctx context.Context, b *domain.Borrower, why string) (View, error) {
	req := policy.Request{Principal: policy.Principal{ID: "u", Roles: []string{"clerk"}}, Purpose: "invoicing"}
	v, err := policy.Read[View](ctx, d.Guard, req, b)
	if err != nil {
		return View{}, fmt.Errorf("%v: %w", b, err) // seeded: whole
	}
	lastSeen = v           // seeded: keep
	d.cache[b.ID] = v      // seeded: keep
	slog.Info("b", "b", b) // seeded: whole
	if b.IBAN == "" {      // seeded: read
		return v, nil
	}
	account := store.Account(b) // seeded: launder
	_ = account
	policy.Decide(ctx, d.Guard, req, b)                                             // seeded: discard
	_, _ = policy.Share[View](ctx, d.Guard, req.To("hausbnk"), b)                   // seeded: discard // seeded: register
	_, _, err = policy.Permitted[View](ctx, d.Guard, req.For("invoice"), b)         // seeded: discard // seeded: register
	_, err = policy.Read[View](ctx, d.Guard, req.For(fmt.Sprint(why, len(why))), b) // seeded: purpose
	_, err = policy.Read[View](ctx, d.Guard, ask(why+"!"), b)                       // seeded: purpose
	_ = req.With(purpose.Named("assgined", purpose.BoolValue(true)))                // seeded: register
	return v, err
}

func ask(why string) policy.Request { return policy.Request{Purpose: why} }
