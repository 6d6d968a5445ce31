package index

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/audit"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// Total is what was done for one purpose on one basis: the figures behind a record of processing activities (GDPR Art. 30).
// Decisions are counted, whose events may be several.
type Total struct {
	Purpose      string   `json:"purpose"` // empty: none was said
	Basis        string   `json:"basis"`
	Reads        int      `json:"reads"`
	Shares       int      `json:"shares"`
	BreakGlass   int      `json:"break_glass"`
	Denied       int      `json:"denied"`
	Aborted      int      `json:"aborted"`
	DataSubjects int      `json:"data_subjects"` // aliases, of what was released
	Recipients   []string `json:"recipients,omitempty"`
	Countries    []string `json:"countries,omitempty"` // of recipients
	Categories   []string `json:"categories,omitempty"`
	Special      bool     `json:"special,omitempty"`
}

// TotalsReport has a total for each purpose and basis, sorted.
type TotalsReport struct {
	Known  Known   `json:"known"`
	Period Period  `json:"period"`
	Totals []Total `json:"totals"`
}

// tally is a total under way.
type tally struct {
	decisions                               map[audit.Name]map[string]bool
	refs, recipients, countries, categories map[string]bool
	special                                 bool
}

func newTally() *tally {
	return &tally{map[audit.Name]map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, false}
}

func (t *tally) add(e *audit.Event) {
	if t.decisions[e.Name] == nil {
		t.decisions[e.Name] = map[string]bool{}
	}
	t.decisions[e.Name][e.DecisionID] = true
	if !released(e) {
		return
	}
	for _, r := range e.DataSubjectRefs {
		t.refs[r] = true
	}
	for _, c := range e.Categories {
		t.categories[c] = true
	}
	if e.RecipientID != "" {
		t.recipients[e.RecipientID] = true
	}
	if e.RecipientCountry != "" {
		t.countries[e.RecipientCountry] = true
	}
	t.special = t.special || e.Special
}

// Totals adds up what was decided in a period.
func (x *Index) Totals(ctx context.Context, who Asker, in Period) (out TotalsReport, err error) {
	err = x.ask(ctx, who, "report.totals", audit.Event{}, func(conn *sql.Conn, known Known) error {
		from, to := in.bounds()
		by := map[[2]string]*tally{}
		err := each(ctx, conn, func(e *audit.Event) {
			key := [2]string{e.Purpose, e.Basis}
			if by[key] == nil {
				by[key] = newTally()
			}
			by[key].add(e)
		}, "SELECT line FROM index_event WHERE at BETWEEN ? AND ? AND name IN ('access.read', 'access.share', 'access.break_glass', 'access.denied', 'release.aborted')", from, to)
		out = TotalsReport{known, in, []Total{}}
		for key, t := range by {
			out.Totals = append(out.Totals, Total{
				Purpose: key[0], Basis: key[1], Reads: len(t.decisions[audit.AccessRead]), Shares: len(t.decisions[audit.AccessShare]),
				BreakGlass: len(t.decisions[audit.AccessBreakGlass]), Denied: len(t.decisions[audit.AccessDenied]),
				Aborted: len(t.decisions[audit.ReleaseAborted]), DataSubjects: len(t.refs), Recipients: sortedKeys(t.recipients),
				Countries: sortedKeys(t.countries), Categories: sortedKeys(t.categories), Special: t.special,
			})
		}
		slices.SortFunc(out.Totals, func(a, b Total) int {
			return cmp.Or(strings.Compare(a.Purpose, b.Purpose), strings.Compare(a.Basis, b.Basis))
		})
		return err
	})
	if err != nil {
		return TotalsReport{}, err
	}
	return out, nil
}

// each walks over the events that a query for lines finds, without keeping them.
func each(ctx context.Context, conn *sql.Conn, f func(*audit.Event), query string, args ...any) error {
	rows, err := conn.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var line sql.RawBytes
		if err := rows.Scan(&line); err != nil {
			return err
		}
		e, err := audit.ParseLine(line)
		if err != nil {
			return ErrDamaged
		}
		f(&e)
	}
	return rows.Err()
}
