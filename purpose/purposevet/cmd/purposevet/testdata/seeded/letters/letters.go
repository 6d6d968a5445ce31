// Package letters writes to people.
package letters

import (
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html/template"
	"io"

	"example.com/seeded/domain"
	"github.com/purposebound/purposebound/purpose/sealed"
)

type plain struct {
	ID     string
	Name   sealed.Value[string]
	IBAN   string
	Nick   string
	Old    string
	Aim    string
	Closed bool
}

// Write shows a loan in every way.
func Write(w io.Writer, t *template.Template, l domain.Loan, all map[string][]*domain.Loan) error {
	p := plain(l.Borrower)      // seeded: convert
	name, err := l.Name.Value() // seeded: valuer
	if err != nil {
		return err
	}
	fmt.Fprintln(w, p.ID, name, l.Amount)
	fmt.Fprintf(w, "%+v %T\n", all, all)                  // seeded: whole
	_ = json.NewEncoder(w).Encode(map[string]any{"l": l}) // seeded: whole
	_ = gob.NewEncoder(w).Encode(l)                       // seeded: whole
	_, _ = xml.Marshal(&l)                                // seeded: whole
	show(l)                                               // seeded: whole
	return t.Execute(w, l)                                // seeded: whole
}

func show(v any) { fmt.Println(v) }
