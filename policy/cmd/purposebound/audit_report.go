package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"io"
	"iter"
	"time"

	_ "modernc.org/sqlite" // the index of one report, in memory

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/filetrail"
	"github.com/purposebound/purposebound/audit/index"
)

// moment is a time as a flag: a date (UTC) or RFC 3339.
type moment struct{ at time.Time }

func (m *moment) String() string { return "" }

func (m *moment) Set(s string) (err error) {
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if m.at, err = time.Parse(form, s); err == nil {
			return nil
		}
	}
	return errors.New("take 2026-03-26 or 2026-03-26T12:00:00Z")
}

type reportFlags struct {
	as, purpose, record string
	from, to            moment
	thresholds          index.Thresholds
}

func auditReportCommand() command {
	var r reportFlags
	return command{
		name: "audit report", args: "QUESTION DIR [ID...]", summary: "answer a question about an audit trail",
		about: `
Audit report builds an index of a file trail in memory and answers one question:

  person ALIAS...       what a person may see: dates, purposes, bases, clauses, recipients (GDPR Art. 15)
  controller ALIAS...   every event that names the person
  notify ALIAS...       recipients to tell of a rectification, erasure or restriction (GDPR Art. 19)
  recipient ID          every event that names the recipient
  principal ALIAS       what a principal did and was refused
  decision ID           the events of one decision
  totals                figures per purpose and basis, from -from and before -to (GDPR Art. 30)
  anomalies             many denials, many data subjects in an hour, and new pairs of principal and purpose

Reading a trail is an act on personal data. -as says who does so, by pseudonym, and -record names the directory of a file trail
(one that no other process writes) where that goes on record before the answer is given. Verify the trail first:
a report follows the chain of the lines, and no anchor.`,
		examples: `
purposebound audit report -as pr-aebagbafaydqqcikbmga2dqpca -record /var/lib/app/readings person /var/lib/app/trail ds-aebagbafaydqqcikbmga2dqpca
purposebound audit report -as pr-aebagbafaydqqcikbmga2dqpca -record readings -json -from 2026-01-01 -to 2027-01-01 totals trail`,
		flags: func(set *flag.FlagSet) {
			set.StringVar(&r.as, "as", "", "`pseudonym` of who asks")
			set.StringVar(&r.purpose, "purpose", "", "register `key` of the purpose of asking")
			set.StringVar(&r.record, "record", "", "`directory` of the file trail where the question goes on record")
			set.Var(&r.from, "from", "first `time` of the period")
			set.Var(&r.to, "to", "first `time` behind the period")
			set.IntVar(&r.thresholds.Denials, "denials", 0, "denials of a principal in an hour that are unusual (20)")
			set.IntVar(&r.thresholds.Breadth, "breadth", 0, "data subjects of a principal in an hour that are unusual (100)")
		},
		run: func(ctx context.Context, e *env, args []string) error { return auditReport(ctx, e, &r, args) },
	}
}

// textual is a report.
type textual interface{ WriteText(w io.Writer) error }

func auditReport(ctx context.Context, e *env, r *reportFlags, args []string) (err error) {
	if len(args) < 2 {
		return usagef("name a question and a directory")
	}
	question, dir, ids := args[0], args[1], args[2:]
	switch question {
	case "person", "controller", "notify":
		if len(ids) == 0 {
			return usagef("name the aliases of the person")
		}
	case "recipient", "principal", "decision":
		if len(ids) != 1 {
			return usagef("name one %s", question)
		}
	case "totals", "anomalies":
		if len(ids) != 0 {
			return usagef("%s takes no id", question)
		}
	default:
		return usagef("%q is no question", question)
	}
	if r.as == "" || r.record == "" {
		return usagef("say who asks with -as, and where that goes on record with -record")
	}
	source := &trailFiles{dir}
	if _, err := source.Head(ctx); err != nil { // before anything is written
		return err
	}
	record, err := filetrail.Open(r.record, filetrail.Options{})
	if errors.Is(err, filetrail.ErrLocked) {
		return errors.New("another process writes the trail for the record")
	} else if err != nil {
		return errors.New("the trail for the record cannot be opened")
	}
	defer func() {
		if closed := record.Close(); closed != nil && err == nil {
			err = errors.New("the trail for the record cannot be closed")
		}
	}()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return errors.New("there is no database")
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // which is the database
	x, err := index.Open(ctx, db, source, record)
	if err == nil {
		_, err = x.Update(ctx)
	}
	if err != nil {
		return err
	}
	answer, err := r.ask(ctx, x, question, ids)
	switch {
	case errors.Is(err, index.ErrQuestion):
		return usagef("an id or -as is malformed")
	case err != nil:
		return err
	case e.json:
		return e.encode(answer)
	}
	return answer.WriteText(e.stdout)
}

func (r *reportFlags) ask(ctx context.Context, x *index.Index, question string, ids []string) (textual, error) {
	who, period := index.Asker{Principal: r.as, Purpose: r.purpose}, index.Period{From: r.from.at, To: r.to.at}
	switch question {
	case "person":
		return x.ForPerson(ctx, who, ids)
	case "controller":
		return x.AboutPerson(ctx, who, ids)
	case "notify":
		return x.ToNotify(ctx, who, ids)
	case "recipient":
		return x.ByRecipient(ctx, who, ids[0])
	case "principal":
		return x.ByPrincipal(ctx, who, ids[0])
	case "decision":
		return x.ByDecision(ctx, who, ids[0])
	case "totals":
		return x.Totals(ctx, who, period)
	}
	return x.Anomalies(ctx, who, period, r.thresholds)
}

// trailFiles is a trail in files as an index reads it, also while somebody writes there.
type trailFiles struct{ dir string }

// walk follows the chain of all lines.
func (t *trailFiles) walk(ctx context.Context, yield func([]byte) bool) (audit.Head, error) {
	pruned, err := filetrail.Pruned(t.dir)
	if err != nil {
		return audit.Head{}, err
	}
	follow := audit.Follow(pruned.Head)
	for line, err := range filetrail.Lines(ctx, t.dir) {
		if err != nil {
			return follow.Head(), err
		}
		if err := follow.Next(line); err != nil {
			return follow.Head(), errors.New("a line does not follow the one before; \"audit verify\" says more")
		}
		if !yield(line) {
			break
		}
	}
	return follow.Head(), nil
}

// Head implements [index.Source].
func (t *trailFiles) Head(ctx context.Context) (audit.Head, error) {
	return t.walk(ctx, func([]byte) bool { return true })
}

// Read implements [audit.Reader].
func (t *trailFiles) Read(ctx context.Context, from uint64) iter.Seq2[audit.Event, error] {
	return func(yield func(audit.Event, error) bool) {
		_, err := t.walk(ctx, func(line []byte) bool {
			e, err := audit.ParseLine(line)
			return err == nil && e.Seq < from || yield(e, err) && err == nil
		})
		if err != nil {
			yield(audit.Event{}, err)
		}
	}
}
