//purposevet:stores the repository of names

// Package names hands out tagged fields as plain values.
package names

import (
	"fmt"
	"strings"

	"github.com/purposebound/purposebound/purpose/purposevet/testdata/src/domain"
	"github.com/purposebound/purposebound/purpose/sealed"
)

// Of returns a field.
func Of(l *domain.Lessee) string { return l.Name } // want Of:`domain.Lessee.Name \(contact.name\) in 0`

// Upper returns it changed.
func Upper(l *domain.Lessee) (s string, err error) { // want Upper:`domain.Lessee.Name \(contact.name\) in 0`
	s = strings.TrimSpace(l.Name)
	if s == "" {
		return "", fmt.Errorf("no name")
	}
	s = clean("Mr " + s)
	return
}

// Indirect returns it by way of another function, and of variables.
func Indirect(l *domain.Lessee) []string { // want Indirect:`domain.Lessee.Name \(contact.name\) in 0`
	n := Of(l)
	list := []string{"x"}
	list = append(list, n)
	return list
}

// Err launders in an error.
func Err(l *domain.Lessee) error { return fmt.Errorf("%s is unknown", l.Name) } // want Err:`domain.Lessee.Name \(contact.name\) in 0`

// Map launders in a map.
func Map(l *domain.Lessee) map[string]any { return map[string]any{"name": l.Name} } // want Map:`domain.Lessee.Name \(contact.name\) in 0`

func clean(s string) string {
	t := s
	return t[1:]
}

// Repo has methods.
type Repo struct{ all map[string]*domain.Lessee }

// Income is a method.
func (r *Repo) Income(id string) (int64, bool) { // want Income:`domain.Lessee.Income \(finance.income\) in 0`
	l, ok := r.all[id]
	return l.Income * 2, ok
}

// Load returns whole records, which keep their tags.
func (r *Repo) Load(id string) (*domain.Lessee, error) {
	l := r.all[id]
	return &domain.Lessee{Name: l.Name}, nil
}

// Has, Count and Seal give nothing away.
func (r *Repo) Has(name string) bool {
	for _, l := range r.all {
		if l.Name == name {
			return true
		}
	}
	return false
}

// Count counts.
func (r *Repo) Count() int { return len(r.all) }

// Seal seals.
func Seal(l *domain.Lessee) sealed.Value[string] { return sealed.Of(l.Name) }

// Clean returns what it is given, less a letter.
func Clean(s string) string { return clean(s) } // want Clean:`0 to 0`
