package main

import (
	"context"
	"flag"
	"time"

	"github.com/purposebound/purposebound/purpose/retentionschedule"
	"github.com/purposebound/purposebound/retention"
)

func retentionCommand() command {
	var x retainer
	return command{
		name: "retention", args: "schedule | explain | plan REGISTER", summary: "say how long data is kept, and plan what is due",
		about: `
Retention schedule prints what the register says: every category, purpose and activity with the rule that it cites.

Retention explain answers for one datum: each rule of each purpose, the last day kept, the first instant at which it may go,
and when the answer next changes. The datum is YAML or JSON with the keys category, events (event, at), days (date, day),
lengths (table, length), answers (question, necessary, at, review_by), holds and restrictions (ref, from, until).

Retention plan reads rows of a store as CSV with a head, and counts what would happen to them and why; no key and no value
is printed. The layout is YAML with the keys name, categories (nodes of the register that the store holds) and layout (which
column holds what). An empty cell is NULL; an instant is RFC 3339, or a day; a length is ISO 8601; an answer is true or
false. What is none of these is malformed and for a person, and ends the call with 1.`,
		examples: `
purposebound retention schedule register.yaml
purposebound retention schedule -format csv register.yaml >schedule.csv
purposebound retention explain -datum datum.yaml -at 2026-03-01 register.yaml
purposebound retention plan -rows customers.csv -layout layout.yaml -at 2026-03-01T00:00:00Z register.yaml`,
		flags: func(set *flag.FlagSet) {
			set.StringVar(&x.format, "format", "", "`form` of what is printed: markdown, csv or json of a schedule; table, csv or json of a plan")
			set.StringVar(&x.at, "at", "", "`instant` asked about, RFC 3339 or a day; now without it")
			set.StringVar(&x.datum, "datum", "", "explain: `file` with the datum; - is standard input")
			set.StringVar(&x.rows, "rows", "", "plan: CSV `file` with the rows; - is standard input")
			set.StringVar(&x.layout, "layout", "", "plan: YAML `file` with the layout")
		},
		run: x.run,
	}
}

// retainer is the subcommand.
type retainer struct{ format, at, datum, rows, layout string }

func (x *retainer) run(ctx context.Context, e *env, args []string) error {
	if len(args) != 2 {
		return usagef("say which, and name a register: schedule, explain or plan REGISTER")
	}
	if e.json && x.format != "" && x.format != "json" {
		return usagef("-json and -format %s exclude each other", x.format)
	}
	e.json = e.json || x.format == "json"
	switch args[0] {
	case "schedule", "explain", "plan":
	default:
		return usagef("%q is none of schedule, explain and plan", args[0])
	}
	reg, err := loadRegister(args[1])
	if err != nil {
		return err
	}
	switch args[0] {
	case "schedule":
		return x.schedule(e, reg)
	case "explain":
		return x.explain(e, reg)
	}
	return x.plan(ctx, e, reg)
}

func (x *retainer) schedule(e *env, reg *register) error {
	s := retentionschedule.Of(reg.Register)
	switch {
	case e.json:
		return s.WriteJSON(e.stdout)
	case x.format == "" || x.format == "markdown":
		return s.WriteMarkdown(e.stdout)
	case x.format == "csv":
		return s.WriteCSV(e.stdout)
	}
	return usagef("%q is no format of a schedule: markdown, csv or json", x.format)
}

// instant is the instant asked about.
func (x *retainer) instant(zone *time.Location) (time.Time, error) {
	if x.at == "" {
		return time.Now(), nil
	}
	t, ok := instantOf(x.at, zone)
	if !ok {
		return time.Time{}, usagef("-at is neither RFC 3339 nor a day")
	}
	return t, nil
}

// instantOf reads RFC 3339, or a day, which stands for its first instant.
func instantOf(text string, zone *time.Location) (time.Time, bool) {
	if d, err := retention.ParseDate(text); err == nil {
		return d.StartIn(zone), true
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	return t, err == nil
}
