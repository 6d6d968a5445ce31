package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/purposebound/purposebound/retention"
)

// Whatever a CSV file holds, its rows fit the layout, and an error quotes nothing of them.
func FuzzRetentionRows(f *testing.F) {
	f.Add("id,at,length,yes\nk,2020-01-01,P1Y,true\n")
	f.Add("id,at,length,yes\nsecret-4711,secret-4711,secret-4711,secret-4711\n")
	f.Add("id,at,length,yes\n\"secret-4711\n")
	f.Add("id,at,at,length,yes\n")
	f.Add("")
	layout := retention.Layout{Key: "id", Events: []retention.EventColumn{{Event: "e", Column: "at"}},
		Lengths: []retention.LengthColumn{{Table: "l", Column: "length"}}, Answers: []retention.AnswerColumns{{Question: "q", Necessary: "yes", At: "at"}}}
	f.Fuzz(func(t *testing.T, text string) {
		r := &rowReader{file: "rows.csv", layout: &layout}
		for row, err := range r.all(strings.NewReader(text)) {
			switch {
			case err != nil && strings.Contains(err.Error(), "4711"):
				t.Error("an error quotes a row")
			case err == nil && len(row.Values) != len(layout.Columns()):
				t.Error("a row does not fit the layout")
			}
		}
	})
}

// Whatever a datum's file holds, it becomes sound facts or an error that quotes nothing.
func FuzzRetentionDatum(f *testing.F) {
	f.Add("category: c\nevents: [{event: e, at: 2020-01-01}]\n")
	f.Add("category: c\nholds: [{from: 2020-01-01, until: 2019-01-01}]\n")
	f.Add("category: [secret-4711]\n")
	f.Add("days: [{date: d, day: secret-4711}]\n")
	f.Add("secret-4711: &a [*a]\n")
	f.Fuzz(func(t *testing.T, text string) {
		e := &env{stdin: bytes.NewReader([]byte(text)), stdout: io.Discard, stderr: io.Discard}
		var d datum
		err := e.readYAML("-", &d)
		if err == nil {
			var facts *retention.Facts
			if facts, err = d.facts(time.UTC, retention.FinancialYears{}); err == nil && facts.Check() != nil {
				t.Error("facts are not sound")
			}
		}
		if err != nil && strings.Contains(err.Error(), "4711") {
			t.Error("an error quotes the file")
		}
	})
}
