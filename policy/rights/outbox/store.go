package outbox

import (
	"context"
	"errors"
	"time"
)

// Errors of stores. They hold no id of a data subject, and neither does any error that wraps them.
var (
	// ErrConflict means that a case or a notice of this id is about somebody or something else.
	ErrConflict = errors.New("outbox: another case or notice has this id")
	// ErrStale means that the notice has changed since it was read.
	ErrStale = errors.New("outbox: the notice has changed meanwhile")
	// ErrUnknown means that there is no such notice.
	ErrUnknown = errors.New("outbox: no such notice")
	// ErrOpen means that recipients are still to be told.
	ErrOpen = errors.New("outbox: recipients are still to be told")
	// ErrNotice means that a case or a notice lacks what it needs, or is too large.
	ErrNotice = errors.New("outbox: malformed case or notice")
	// ErrUnavailable means that the store did not answer.
	ErrUnavailable = errors.New("outbox: the store cannot answer")
)

// Store keeps cases and notices. What it acknowledged is durable, and seen by every later call, of this process or another. It is
// safe for concurrent use. Applications do not call it; the [Outbox] does. Times are kept to the microsecond, in UTC.
type Store interface {
	// Open keeps a case and its notices, all or none. A case that is there keeps the notices that it has, unchanged, and gets those
	// that it has not. An id that belongs to something else is ErrConflict.
	Open(ctx context.Context, c Case, notices []Notice) error

	// Opened reports whether a case is kept.
	Opened(ctx context.Context, caseID string) (bool, error)

	// Claim begins an attempt at up to limit notices that are open, due at now and under no lease, the longest due first: it
	// counts the attempt, and gives nobody else the notice until the lease has passed.
	Claim(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]Notice, error)

	// Get reads a notice.
	Get(ctx context.Context, id string) (Notice, error)

	// Settle writes State, Attempts, Next, Lease, Reason, Reference, By and ChangedAt of a notice, and counts its revision, unless
	// another revision is kept: then it is ErrStale, and nothing changes.
	Settle(ctx context.Context, n Notice) error

	// OfCase lists the notices of a case by recipient and country, OfPerson those of a data subject by case, recipient and country.
	OfCase(ctx context.Context, caseID string) ([]Notice, error)
	OfPerson(ctx context.Context, dataSubject string) ([]Notice, error)

	// Open notices forbid to forget a person (ErrOpen). Forget removes all cases and notices of one, and says how many notices.
	Forget(ctx context.Context, dataSubject string) (int, error)
}

// Limits of what a store takes.
const (
	MaxNotices = 10_000 // in a case
	MaxText    = 512    // bytes of an id, a key or a reference
)

// Check is for implementations of [Store]: it reports a case or notice that none may take, as ErrNotice.
func Check(c Case, notices []Notice) error {
	if !fits(c.ID) || !fits(c.DataSubject) || c.Kind == 0 || c.OpenedAt.IsZero() || len(notices) > MaxNotices {
		return ErrNotice
	}
	for i := range notices {
		n := &notices[i]
		if !fits(n.ID) || n.Case != c.ID || n.DataSubject != c.DataSubject || n.Kind != c.Kind || !fits(n.Recipient) || !n.State.Valid() ||
			len(n.RecipientKind) > MaxText || len(n.RecipientCountry) > MaxText || n.CreatedAt.IsZero() || !settled(n) {
			return ErrNotice
		}
	}
	return nil
}

// CheckSettled is for implementations of [Store]: it reports a change that none may take, as ErrNotice.
func CheckSettled(n *Notice) error {
	if !fits(n.ID) || !settled(n) {
		return ErrNotice
	}
	return nil
}

// settled reports whether the parts of a notice that change go together.
func settled(n *Notice) bool {
	switch {
	case !n.State.Valid(), n.Attempts < 0, len(n.Reason) > MaxText, len(n.Reference) > MaxText, len(n.By) > MaxText:
		return false
	case n.State.Open():
		return !n.Next.IsZero()
	case n.State == Sent:
		return n.Next.IsZero()
	}
	return n.Next.IsZero() && n.Reason != "" && n.By != ""
}

func fits(s string) bool { return s != "" && len(s) <= MaxText }
