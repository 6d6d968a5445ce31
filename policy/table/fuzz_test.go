package table_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/table"
)

// Whatever the text, parsing ends in a table or in problems with a place; a table can be checked; one that has nothing wrong
// runs, and is decided the same way twice.
func FuzzParse(f *testing.F) {
	f.Add([]byte(one))
	f.Add([]byte(refusals))
	f.Add([]byte(asked))
	for _, text := range []string{"", "{}", "fields: {A: b}\ncases: [{name: x, expect: {denied: {A: []}}}]", "cases: [[[[", "a: &a [*a]", "\t", "? ? ? a",
		strings.Replace(one, "now: 2026-05-04T09:00:00+02:00", "now: 0000-01-01", 1), strings.Replace(one, "2024-02-01", "1969-12-31", 1),
		strings.Replace(one, "instructed: true", "since: {instant: 9999-12-31T23:59:59Z}", 1)} {
		f.Add([]byte(text))
	}
	reg := register(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, parse := range []func(string, []byte) (*table.Table, error){table.Parse, table.ParseRequest} {
			tab, err := parse("fuzz.yaml", text)
			if err != nil {
				placed(t, err)
				continue
			}
			if err := tab.Check(reg); err != nil {
				placed(t, err)
				continue
			}
			var reports []string
			for range 2 {
				r, err := table.Run(context.Background(), reg, []policy.Decider{clerks{}}, []*table.Table{tab})
				if err != nil {
					t.Fatal(err)
				}
				var b strings.Builder
				if err := r.WriteText(&b); err != nil {
					t.Fatal(err)
				}
				if strings.Contains(b.String(), "release:") {
					t.Fatalf("a release differs from its explanation:\n%s", b.String())
				}
				reports = append(reports, b.String())
			}
			if reports[0] != reports[1] {
				t.Fatalf("decided in two ways:\n%s\n%s", reports[0], reports[1])
			}
		}
	})
}

func placed(t *testing.T, err error) {
	t.Helper()
	var ps table.Problems
	if !errors.As(err, &ps) || !errors.Is(err, table.ErrInvalid) || len(ps) == 0 {
		t.Fatalf("no problems: %v", err)
	}
	for _, p := range ps {
		if p.Code != "problems.more" && (p.File != "fuzz.yaml" || p.Line < 1 || p.Column < 1 || p.Message == "") {
			t.Fatalf("a problem without its place: %+v", p)
		}
	}
}
