package acceptance

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	_ "modernc.org/sqlite" // the index of the trail

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/index"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/policy/rights/access"
	"github.com/purposebound/purposebound/policy/rights/portability"
)

// aliases are pseudonyms of one epoch: a person has one.
type aliases struct{ *audit.KeyedHMAC }

// Aliases implements [access.Pseudonyms].
func (a aliases) Aliases(ctx context.Context, class audit.Class, id string) ([]string, error) {
	alias, err := a.Alias(ctx, class, id)
	return []string{alias}, err
}

// accessReport serves a request for access and says what its report holds.
func (w *World) accessReport(h *house, desk *rights.Desk, req *rights.Request, r *Result) (o rights.Outcome, err error) {
	ctx := context.Background()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	ix, err := index.Open(ctx, db, h.trail, h.trail)
	if err != nil {
		return o, err
	}
	maker, err := access.New(h.register, desk, ix, h.aliases, access.WithClock(h.now))
	if err != nil {
		return o, err
	}
	if len(req.Holdings) == 0 {
		req.Holdings = w.everything()
	}
	report, o, err := maker.Make(ctx, *req, nil)
	if errors.Is(err, access.ErrNotGranted) {
		return o, nil
	}
	if err != nil {
		return o, err
	}
	w.contents(report, r)
	return o, nil
}

// contents are the parts of a report that are not empty, by the words of the cases.
func (w *World) contents(report *access.Report, r *Result) {
	var parts, data []string
	has := func(part string, there bool) {
		if there {
			parts = append(parts, part)
		}
	}
	uses, sources, periods := false, true, true
	for i := range report.Data {
		d := &report.Data[i]
		uses = uses || len(d.Uses) > 0
		sources = sources && (d.Source != nil || len(d.Possible) > 0)
		periods = periods && d.Kept.Status.String() != ""
		data = append(data, or(d.Field, d.Category.Key))
	}
	has("data", len(report.Data) > 0)
	has("categories", len(report.Data) > 0)
	has("purposes", uses)
	has("sources", len(report.Data) > 0 && sources)
	has("retention", len(report.Data) > 0 && periods)
	has("recipients", len(report.Recipients)+len(report.MayReceive) > 0)
	has("rights", len(report.Rights) > 0)
	has("authority", report.Authority != "")
	has("dpo", report.Controller.Officer != "")
	has("controller", report.Controller.Name != "")
	has("automated_decisions", len(report.Automated) > 0)
	has("transfers", len(report.Transfers) > 0)
	has("safeguards", len(report.Transfers) > 0)
	has("origin", len(report.Data) > 0 && sources)
	r.Report = map[string]any{"must_contain": parts, "include": sorted(data)}
}

// export serves a request for portability and says what its export holds.
func (w *World) export(h *house, desk *rights.Desk, req *rights.Request, r *Result) (rights.Outcome, error) {
	exporter, err := portability.New(h.register, desk, portability.WithClock(h.now))
	if err != nil {
		return rights.Outcome{}, err
	}
	x, o, err := exporter.Make(context.Background(), *req, func(_ context.Context, d rights.Holding) (access.Value, error) {
		return access.Value{Text: "value of " + d.Field}, nil
	})
	if errors.Is(err, portability.ErrNotGranted) {
		return o, nil
	}
	if err != nil {
		return o, err
	}
	var data []string
	for i := range x.Data {
		data = append(data, or(x.Data[i].Field, x.Data[i].Category))
	}
	r.Report = map[string]any{"include": sorted(data)}
	if err := machineReadable(x); err != nil {
		return o, err
	}
	r.Report["format"] = "structured,common,machine-readable"
	return o, nil
}

// machineReadable reads an export back: every datum, as JSON and as CSV.
func machineReadable(x *portability.Export) error {
	var text bytes.Buffer
	if err := x.WriteJSON(&text); err != nil {
		return err
	}
	var back portability.Export
	if err := json.Unmarshal(text.Bytes(), &back); err != nil {
		return err
	}
	text.Reset()
	if err := x.WriteCSV(&text); err != nil {
		return err
	}
	rows, err := csv.NewReader(&text).ReadAll()
	if err == nil && (len(back.Data) != len(x.Data) || len(rows) != len(x.Data)+1) {
		err = fmt.Errorf("the export has %d data, its JSON %d and its CSV %d", len(x.Data), len(back.Data), len(rows)-1)
	}
	return err
}

// everything is what a program holds on somebody of whom a case lists nothing: all that the activities collect of persons in
// such capacities.
func (w *World) everything() (list []rights.Holding) {
	var seen []string
	for _, a := range w.Spec.Activities {
		if len(a.Sources) == 0 || !slices.ContainsFunc(a.Capacities, func(c string) bool { return slices.Contains(w.Case.Given.Subject, c) }) {
			continue
		}
		for _, c := range w.leaves(a.Categories) {
			if !slices.Contains(seen, c) {
				seen = append(seen, c)
				w.Data[c] = Object{}
				list = append(list, w.holding(c, c))
			}
		}
	}
	return list
}
