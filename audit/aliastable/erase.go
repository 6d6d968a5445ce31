package aliastable

import (
	"context"
	"errors"
	"slices"

	"github.com/purposebound/purposebound/audit"
)

// entry is a row of one person.
type entry struct {
	epoch  string
	lookup lookup
	alias  bits
}

// Aliases returns all aliases of a person, of every epoch whose key was not shredded, in the order of the epochs' names:
// what to look for in the trail when the person asks. A key that is not to be had is an error, for the answer would not
// be whole.
func (t *Table) Aliases(ctx context.Context, class audit.Class, id string) (aliases []string, err error) {
	err = guard(func() error {
		entries, err := t.entries(ctx, "list", class, id)
		for _, e := range entries {
			aliases = append(aliases, class.Alias(e.alias))
		}
		return err
	})
	return aliases, err
}

// entries finds the rows of a person.
func (t *Table) entries(ctx context.Context, op string, class audit.Class, id string) ([]entry, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var epochs []epoch
	err := again(ctx, op, func() (err error) {
		epochs, err = t.epochs(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(epochs) == 0 { // refuses what no key would take
		if _, err := t.current(ctx, class, id); err != nil {
			return nil, err
		}
	}
	var list []entry
	for _, known := range epochs {
		key, err := t.keys.Key(ctx, known.name)
		if errors.Is(err, audit.ErrShredded) {
			continue
		}
		if err != nil {
			return nil, err
		}
		want, err := proof(key)
		if err != nil {
			return nil, err
		}
		if !slices.Equal(known.proof, want[:]) {
			return nil, ErrKey
		}
		l, err := key.Sum(useLookup, class, id)
		if err != nil {
			return nil, err
		}
		var rows map[lookup]bits
		err = again(ctx, op, func() error {
			_, rows, err = look(ctx, t.store, []lookup{l})
			return err
		})
		if err != nil {
			return nil, err
		}
		if b, ok := rows[l]; ok {
			list = append(list, entry{known.name, l, b})
		}
	}
	return list, nil
}

func (t *Table) current(ctx context.Context, class audit.Class, id string) (l lookup, err error) {
	key, err := t.keys.Current(ctx)
	if err != nil {
		return l, err
	}
	return key.Sum(useLookup, class, id)
}

type epoch struct {
	name  string
	proof []byte
}

// epochs lists those that aliases were made in.
func (t *Table) epochs(ctx context.Context) (list []epoch, err error) {
	rows, err := t.query(ctx, "SELECT epoch, proof FROM audit_alias_epochs ORDER BY epoch")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e epoch
		if err := rows.Scan(&e.name, &e.proof); err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, rows.Err()
}

// Erase makes a person's aliases mean nobody: it appends subject.erased with all of them to the trail, deletes their rows,
// and waits until no cache of any process holds them, a little over one [Lease]. It returns how many there were. Report
// the recipients before (GDPR Art. 19), for afterwards the trail no longer tells who they were.
//
// If the event cannot be appended nothing is deleted. After any error some rows may be left: erase again, which may
// record the event a second time. The aliases of a shredded epoch mean nobody already. An erased principal is named in
// data_subject.refs, with the same 26 letters, for employees are data subjects too.
//
// What was aliased before and is appended later still has the old alias, which then means nobody.
func (t *Table) Erase(ctx context.Context, class audit.Class, id string) (erased int, err error) {
	err = guard(func() error {
		erased, err = t.erase(ctx, class, id)
		return err
	})
	return erased, err
}

func (t *Table) erase(ctx context.Context, class audit.Class, id string) (erased int, err error) {
	// Somebody may make an alias between the list and the deletion, so this ends when the list is empty.
	for range 8 {
		list, err := t.entries(ctx, "erase", class, id)
		if err != nil {
			return erased, err
		}
		if len(list) == 0 {
			t.tidy(ctx)
			t.wait(Lease + Lease/10)
			return erased, nil
		}
		if err := t.record(ctx, list); err != nil {
			return erased, err
		}
		if err := t.remove(ctx, list); err != nil {
			return erased, err
		}
		erased += len(list)
	}
	return erased, errAgree
}

func (t *Table) record(ctx context.Context, list []entry) error {
	e := audit.Event{Name: audit.DataSubjectErased, Outcome: audit.Done}
	for _, l := range list {
		e.DataSubjectRefs = append(e.DataSubjectRefs, audit.DataSubject.Alias(l.alias))
	}
	if err := t.trail.Append(ctx, audit.Split(e)); err != nil {
		return err
	}
	return nil
}

// remove deletes the very rows that were recorded.
func (t *Table) remove(ctx context.Context, list []entry) error {
	err := t.transact(ctx, "erase", func(s session) error {
		for _, e := range list {
			if _, err := s.exec(ctx, "DELETE FROM audit_aliases WHERE lookup = ? AND alias = ?", e.lookup[:], e.alias[:]); err != nil {
				return err
			}
		}
		return nil
	})
	t.cache.forget()
	return err
}

// tidy writes SQLite's log back, where nobody reads, so that what was deleted is not left there.
func (t *Table) tidy(ctx context.Context) {
	if t.dialect == &sqlite {
		_, _ = t.db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	}
}
