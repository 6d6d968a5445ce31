package erasure

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/retention"
)

// Anonymiser is what a store offers beside [Eraser] when a rule says [retention.Anonymise].
type Anonymiser interface {
	// Records returns the content of these rows, one record for each key, with all fields that identify or describe.
	Records(ctx context.Context, keys []string) ([]Record, error)
	// Anonymise returns what may remain of a record. It is pure, keeps no key and changes nothing; the executor checks
	// the result against [Anonymity], and hands it to [Eraser.Carry] if it passes.
	Anonymise(Record) ([]Field, error)
}

// Crowd is what an [Anonymiser] may offer, so that the last few rows of a group follow those that went before them.
type Crowd interface {
	// Alike returns how many anonymised rows there are already that share exactly these remains.
	Alike(ctx context.Context, remains []Field) (int, error)
}

// Record is the content of one row.
type Record struct {
	Key    string
	Fields []Field
}

// Field is one field of a record. It prints its name alone, and has no JSON form.
type Field struct {
	Name     string // column
	Category string // register key
	Value    string
}

// Format implements [fmt.Formatter]: no verb prints the value.
func (f Field) Format(s fmt.State, _ rune) { _, _ = fmt.Fprintf(s, "%s=[withheld]", f.Name) }

// MarshalJSON fails.
func (f Field) MarshalJSON() ([]byte, error) {
	return nil, errors.New("erasure: fields of records are not for writing")
}

// Format implements [fmt.Formatter]: no verb prints the key or a value.
func (r Record) Format(s fmt.State, _ rune) {
	_, _ = fmt.Fprintf(s, "record of %d fields", len(r.Fields))
}

// Anonymity says what an anonymised row is. Data is anonymous when nobody can be singled out by it (GDPR Recital 26), so
// that replacing a name by a token, a hash or a cipher is not enough: such values differ from row to row, and are
// refused by Group whatever they were made of.
type Anonymity struct {
	// Fields are the names that may remain. Everything else must be gone.
	Fields []string
	// Identifying are categories of which nothing may remain, each with all below it: "contact" covers "contact.name".
	Identifying []string
	// Group is the smallest number of rows that share all that remains of them, of one order and of the [Crowd]; 0 means
	// 5. Less than 2 would single people out.
	Group int
}

const defaultGroup = 5

func (a *Anonymity) group() int {
	if a.Group == 0 {
		return defaultGroup
	}
	return a.Group
}

// Reasons for which a row could not be anonymised. It is left as it is, and reported.
const (
	NotAnonymiser    retention.Reason = "erasure.no-anonymiser"      // the store has no such transformation, or it failed
	FieldRemains     retention.Reason = "erasure.field-remains"      // a field that is not among [Anonymity.Fields]
	CategoryRemains  retention.Reason = "erasure.category-remains"   // a field of an identifying category
	IdentifierInside retention.Reason = "erasure.identifier-remains" // a value of an identifying category, or the key, or a digest of one
	SinglesOut       retention.Reason = "erasure.singles-out"        // too few rows share what remains
)

// below reports whether a category is one of the nodes or lies below it.
func below(nodes []string, category string) bool {
	return slices.ContainsFunc(nodes, func(n string) bool {
		return category == n || strings.HasPrefix(category, n+".")
	})
}

// check tests one record; the empty reason passes it.
func (a *Anonymity) check(original Record, remains []Field) retention.Reason {
	categories := map[string]string{}
	identifiers := []string{original.Key}
	for _, f := range original.Fields {
		categories[f.Name] = f.Category
		if below(a.Identifying, f.Category) {
			identifiers = append(identifiers, f.Value)
		}
	}
	seen := map[string]bool{}
	for _, f := range remains {
		switch {
		case !slices.Contains(a.Fields, f.Name) || seen[f.Name]:
			return FieldRemains
		case below(a.Identifying, f.Category), below(a.Identifying, categories[f.Name]):
			return CategoryRemains
		}
		seen[f.Name] = true
	}
	if traces := tracesOf(identifiers); traces.in(remains) {
		return IdentifierInside
	}
	return ""
}

// anonymise checks records of one order together, and returns the tasks of those that pass and why others do not.
func (a *Anonymity) anonymise(originals []Record, remains map[string][]Field, alike func([]Field) int) (tasks []Task, refused map[string]retention.Reason) {
	refused = map[string]retention.Reason{}
	groups := map[string][]Task{}
	for _, r := range originals {
		left, ok := remains[r.Key]
		if !ok {
			refused[r.Key] = NotAnonymiser
			continue
		}
		if why := a.check(r, left); why != "" {
			refused[r.Key] = why
			continue
		}
		g := signature(left)
		groups[g] = append(groups[g], Task{Key: r.Key, Remains: left})
	}
	for g, members := range groups {
		// What has no remains is erased.
		if g != "" && len(members) < a.group() && len(members)+alike(members[0].Remains) < a.group() {
			for _, t := range members {
				refused[t.Key] = SinglesOut
			}
			continue
		}
		tasks = append(tasks, members...)
	}
	slices.SortFunc(tasks, func(a, b Task) int { return strings.Compare(a.Key, b.Key) })
	return tasks, refused
}

// signature is equal for records that share all that remains of them.
func signature(remains []Field) string {
	sorted := slices.Clone(remains)
	slices.SortFunc(sorted, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	var b strings.Builder
	for _, f := range sorted {
		fmt.Fprintf(&b, "%d:%s%d:%s", len(f.Name), f.Name, len(f.Value), f.Value)
	}
	return b.String()
}
