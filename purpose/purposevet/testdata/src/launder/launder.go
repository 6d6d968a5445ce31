// Package launder gets plain values of others.
package launder

import (
	"github.com/purposebound/purposebound/purpose/purposevet/testdata/src/domain"
	"github.com/purposebound/purposebound/purpose/purposevet/testdata/src/launder/names"
	"github.com/purposebound/purposebound/purpose/purposevet/testdata/src/store"
)

func gets(l *domain.Lessee, r *names.Repo) {
	_ = names.Of(l)       // want `launder: names.Of returns domain.Lessee.Name \(contact.name\) as a plain value, past the guard`
	_, _ = names.Upper(l) // want `launder: names.Upper returns domain.Lessee.Name`
	_ = names.Indirect(l) // want `launder: names.Indirect returns domain.Lessee.Name`
	_ = names.Err(l)      // want `launder: names.Err returns domain.Lessee.Name`
	_ = names.Map(l)      // want `launder: names.Map returns domain.Lessee.Name`
	_, _ = r.Income("1")  // want `launder: names.Repo.Income returns domain.Lessee.Income`
	_ = store.NameOf(l)   // want `launder: store.NameOf returns domain.Lessee.Name`
	_ = again(l)
	_ = Mine(l)    // want `launder: launder.Mine returns domain.Lessee.Name`
	_ = Cleaned(l) // want `launder: launder.Cleaned returns domain.Lessee.Name`
	_, _ = r.Load("1")
	_ = r.Has("x")
	_ = r.Count()
	_ = names.Seal(l)
}

func again(l *domain.Lessee) string { return names.Of(l) } // want `launder: names.Of returns`

// Mine may read, its callers may not.
//
//purposevet:stores a helper of the store
func Mine(l *domain.Lessee) string { return l.Name } // want Mine:`domain.Lessee.Name \(contact.name\) in 0`

// Cleaned sends it through another package.
//
//purposevet:stores a helper of the store
func Cleaned(l *domain.Lessee) string { return names.Clean(l.Name) } // want Cleaned:`domain.Lessee.Name \(contact.name\) in 0`
