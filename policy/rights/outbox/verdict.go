package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/purpose"
)

// Verdict is what a named person decided about a notice.
type Verdict struct {
	State     State  // Impossible or Disproportionate; Pending: it is tried again, at once
	Reason    string // key, such as "dissolved"
	Reference string // to where the reasons are written down
	By        string // who decided: an id of class principal
}

// Give puts a verdict on record and lets it take effect. A delivered notice is ErrFinal.
func (b *Outbox) Give(ctx context.Context, id string, v Verdict) (Notice, error) {
	switch {
	case ctx == nil || id == "":
		return Notice{}, fmt.Errorf("%w: context or id: missing", ErrRequest)
	case v.State != Impossible && v.State != Disproportionate && v.State != Pending:
		return Notice{}, fmt.Errorf("%w: state: no verdict", ErrRequest)
	case !purpose.ValidKey(v.Reason):
		return Notice{}, fmt.Errorf("%w: reason: no key", ErrRequest)
	case v.By == "":
		return Notice{}, fmt.Errorf("%w: by: missing", ErrRequest)
	case v.Reference == "" && v.State != Pending, len(v.Reference) > MaxText:
		return Notice{}, fmt.Errorf("%w: reference: missing or too long", ErrRequest)
	}
	by, err := apart(ctx, b.opt.timeout, func(ctx context.Context) (string, error) { return b.alias(ctx, audit.Principal, v.By) })
	if err != nil {
		return Notice{}, &failure{ErrRecord, err}
	}
	recorded := false
	for range attempts {
		n, err := b.store.Get(ctx, id)
		if err != nil {
			return Notice{}, err
		}
		if n.State == Sent {
			return n, ErrFinal
		}
		if !recorded {
			e := b.event(&n, audit.Denied, "notice."+v.State.String()+"."+v.Reason)
			if e.PrincipalRef = by; v.State == Pending {
				e.Outcome = audit.Permitted
			}
			if err := b.record(ctx, n.DataSubject, e); err != nil {
				return Notice{}, err
			}
			recorded = true
		}
		now := b.opt.now()
		n.State, n.Reason, n.Reference, n.By, n.ChangedAt, n.Next = v.State, v.Reason, v.Reference, by, now, time.Time{}
		if v.State == Pending {
			n.Next = now
		}
		switch err := b.store.Settle(ctx, n); {
		case err == nil:
			return b.store.Get(ctx, id)
		case !errors.Is(err, ErrStale):
			return Notice{}, err
		}
	}
	return Notice{}, ErrStale
}
