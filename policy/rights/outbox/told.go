package outbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
)

// Told is a notice as the person may see it, who asks whom the controller told (GDPR Art. 19, second sentence).
type Told struct {
	Recipient  string            `json:"recipient"` // key
	Title      string            `json:"title"`
	Kind       string            `json:"kind,omitempty"`
	Country    string            `json:"country,omitempty"`
	Change     purpose.RightKind `json:"change"`
	Categories []string          `json:"categories,omitempty"` // titles
	State      State             `json:"state"`
	At         time.Time         `json:"at"` // since when the state is so, in the controller's zone
	Reason     string            `json:"reason,omitempty"`
}

// Told lists whom the controller told, or is to tell, of the changes to a person's data, and why it did not tell others. Who asks for
// it is on record before it is answered: an id of class principal. What a law forbids to tell is left out.
func (b *Outbox) Told(ctx context.Context, who, dataSubject string) ([]Told, error) {
	if ctx == nil || who == "" || dataSubject == "" {
		return nil, fmt.Errorf("%w: context, who asks or data_subject: missing", ErrRequest)
	}
	if err := b.reading(ctx, who, dataSubject); err != nil {
		return nil, err
	}
	notices, err := b.store.OfPerson(ctx, dataSubject)
	if err != nil {
		return nil, err
	}
	list := []Told{}
	for i := range notices {
		n := &notices[i]
		if n.Silent {
			continue
		}
		t := Told{Recipient: n.Recipient, Title: b.title(n.Recipient), Kind: n.RecipientKind, Country: n.RecipientCountry, Change: n.Kind, State: n.State, At: n.ChangedAt.In(b.reg.Zone())}
		if n.State == Impossible || n.State == Disproportionate {
			t.Reason = n.Reason
		}
		for _, k := range n.Categories {
			t.Categories = append(t.Categories, b.category(k))
		}
		list = append(list, t)
	}
	return list, nil
}

// reading puts on record who asks.
func (b *Outbox) reading(ctx context.Context, who, dataSubject string) error {
	alias, err := apart(ctx, b.opt.timeout, func(ctx context.Context) (string, error) { return b.alias(ctx, audit.Principal, who) })
	if err != nil {
		return &failure{ErrRecord, err}
	}
	return b.record(ctx, dataSubject, audit.Event{Name: audit.TrailRead, Outcome: audit.Done, Action: "read", Reason: reasonTold, PrincipalRef: alias})
}

func (b *Outbox) title(key string) string {
	i := slices.IndexFunc(b.spec.Recipients, func(x purpose.Recipient) bool { return x.Key == key })
	if i < 0 || b.spec.Recipients[i].Title == "" {
		return key
	}
	return b.spec.Recipients[i].Title
}

func (b *Outbox) category(key string) string {
	i := slices.IndexFunc(b.spec.Categories, func(x purpose.Category) bool { return x.Key == key })
	if i < 0 || b.spec.Categories[i].Title == "" {
		return key
	}
	return b.spec.Categories[i].Title
}

// Case lists the notices of a case, for the controller's eyes.
func (b *Outbox) Case(ctx context.Context, id string) ([]Notice, error) {
	return b.store.OfCase(ctx, id)
}

// Forget removes what is kept of a person, when nobody is to be told any more (else ErrOpen), and says how many notices it was. The
// trail keeps that they were told.
func (b *Outbox) Forget(ctx context.Context, dataSubject string) (int, error) {
	return b.store.Forget(ctx, dataSubject)
}

// Owed reads the trail and lists the cases, in its order, whose recipients must be told and that nobody has opened: what a crash
// between the desk's answer and [Outbox.Open] leaves. Cases that a forgotten person had are among them. Who asks is on record.
func (b *Outbox) Owed(ctx context.Context, who string, trail audit.Reader) (cases []string, err error) {
	if ctx == nil || who == "" || isNil(trail) {
		return nil, fmt.Errorf("%w: context, who asks or trail: missing", ErrRequest)
	}
	if err := b.reading(ctx, who, ""); err != nil {
		return nil, err
	}
	var owed []string
	seen := map[string]bool{}
	for e, err := range trail.Read(ctx, 0) {
		if err != nil {
			return nil, &failure{ErrTrail, err}
		}
		granted := e.Outcome == audit.Permitted || e.Outcome == audit.Partial
		switch e.Name {
		case audit.RightsRectification, audit.RightsErasure, audit.RightsRestriction:
			if granted && e.DecisionID != "" && slices.Contains(e.Obligations, rights.NotifyRecipients) && !seen[e.DecisionID] {
				owed, seen[e.DecisionID] = append(owed, e.DecisionID), true
			}
		}
	}
	for _, id := range owed {
		opened, err := b.store.Opened(ctx, id)
		if err != nil {
			return nil, err
		}
		if !opened {
			cases = append(cases, id)
		}
	}
	return cases, nil
}
