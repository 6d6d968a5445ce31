package oracle_test

import (
	"context"
	"slices"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// retell records a history again, event by event at its own time, in a new ledger. What the vocabulary no longer
// knows did not happen; later is recorded just before the present. The clock of the ledger is now, which ends in the present.
func retell(reg *purpose.Register, history, later []basis.Event, now *time.Time) (*basis.Memory, bool) {
	ledger := basis.NewMemory(reg.Vocabulary(), basis.WithClock(func() time.Time { return *now }))
	history = slices.Clone(history)
	slices.SortFunc(history, func(a, b basis.Event) int { return a.RecordedAt.Compare(b.RecordedAt) })
	all := true
	for _, e := range append(history, later...) {
		if *now = present.Add(-time.Minute); !e.RecordedAt.IsZero() {
			*now = e.RecordedAt
		}
		e.RecordedAt = time.Time{}
		all = ledger.Record(context.Background(), e) == nil && all
	}
	*now = present
	return ledger, all
}

// twin is a guard over a changed register or history of a world; ok is false where the change makes no register.
func (w *world) twin(change func(*purpose.Spec), history []basis.Event, later ...basis.Event) (g *policy.Guard, ok bool) {
	reg := w.reg
	if change != nil {
		spec := w.reg.Spec()
		change(&spec)
		var err error
		if reg, err = purpose.Compile(spec); err != nil {
			return nil, false
		}
	}
	now := present
	ledger, _ := retell(reg, history, later, &now)
	return w.guardOf(reg, ledger, w.clerks), true
}

// permits are the fields that a decision lets through, by path.
func permits(q *question, d *policy.Decision) map[string]bool {
	m := map[string]bool{}
	for _, f := range read(q, d).fields {
		if d.Permits(f.path) || d.ID == released {
			m[f.path] = true
		}
	}
	return m
}

// wellFormed says whether nothing in a denial speaks of a request that contradicts itself or the register: taking a
// contradiction out may well open something.
func wellFormed(d *policy.Decision) bool {
	return !slices.ContainsFunc(d.AllReasons(), func(r policy.Reason) bool { return r.Code.Malformed() })
}
