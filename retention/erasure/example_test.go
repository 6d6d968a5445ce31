package erasure_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/retention"
	"github.com/purposebound/purposebound/retention/erasure"
)

// leads is a store of one table: a day for each key.
type leads map[string]string

func (l leads) Look(_ context.Context, keys []string) (rows []retention.Row, err error) {
	for _, k := range keys {
		if day, ok := l[k]; ok {
			rows = append(rows, retention.Row{Key: k, Values: []retention.Value{retention.DayValue(retention.MustDate(day))}})
		}
	}
	return rows, nil
}

func (l leads) Carry(_ context.Context, order erasure.Order) (n int, err error) {
	for task := range order.Rows() {
		delete(l, task.Key)
		n++
	}
	return n, nil
}

func (l leads) all(yield func(retention.Row, error) bool) {
	rows, _ := l.Look(context.Background(), []string{"a", "b", "c"})
	for _, r := range rows {
		if !yield(r, nil) {
			return
		}
	}
}

func Example() {
	store := leads{"a": "2028-05-31", "b": "2029-06-01", "c": "2030-01-01"}
	schedule, err1 := retention.NewSchedule(retention.Table{
		Name: "leads", Zone: retention.MustZone("Europe/Copenhagen"),
		Layout: retention.Layout{Key: "id", Events: []retention.EventColumn{{Event: "declined", Column: "declined_on"}}},
		Uses: retention.UsesOf(&retention.Rule{Key: "lead", Clause: "2.3", Anchor: retention.After("declined"),
			Ceiling: retention.MustPeriod("P12M")}),
	})
	dir, err2 := os.MkdirTemp("", "erasure")
	defer func() { _ = os.RemoveAll(dir) }()
	journal, err3 := erasure.OpenJournal(filepath.Join(dir, "journal"))
	ledger, err4 := erasure.OpenLedger(filepath.Join(dir, "ledger"), "leads", secret)
	trail := audittest.NewRecorder(nil)
	clock := func() time.Time { return time.Date(2030, 6, 2, 9, 0, 0, 0, time.UTC) }
	executor, err5 := erasure.New(erasure.Options{Schedule: schedule, Store: store, Journal: journal, Ledger: ledger, Trail: trail, Clock: clock})
	fmt.Println(err1, err2, err3, err4, err5)

	report, err := executor.Execute(context.Background(), store.all)
	fmt.Println(err, len(store), report.Next().Format(time.DateOnly))
	_ = report.Done.WriteTable(os.Stdout)
	for _, e := range trail.Events() {
		if e.Name == audit.RetentionErased {
			fmt.Println(e.Outcome, e.N, e.RetentionRule, e.Clause)
		}
	}
	fmt.Println(journal.Close(), ledger.Close())
	// Output:
	// <nil> <nil> <nil> <nil> <nil>
	// <nil> 1 2031-01-02
	// STATUS      THEN   REASON                    RULE  CLAUSE  ROWS  LAST DAYS KEPT
	// must-erase  erase  retention.ceiling-passed  lead  2.3     2     2029-05-31 to 2030-06-01
	// 2 rows; next change never
	// done 2 lead 2.3
	// <nil> <nil>
}
