package table_test

import (
	"context"
	"fmt"
	"os"
	"testing/fstest"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/table"
	"github.com/purposebound/purposebound/purpose"
)

func ExampleRun() {
	register, err := purpose.Compile(lessor())
	if err != nil {
		fmt.Println(err)
		return
	}
	rules := clerks{} // a policy, as celpolicy.Load or regopolicy.Load make one
	tables, err := table.Read(fstest.MapFS{"leases.yaml": {Data: []byte(one)}}, "*.yaml")
	if err != nil {
		fmt.Println(err) // every problem with its file, line and column
		return
	}
	seen := table.NewCollector(register, rules)
	report, err := table.Run(context.Background(), register, []policy.Decider{rules}, tables, table.Into(seen))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := report.WriteText(os.Stdout); err != nil {
		fmt.Println(err)
	}
	for _, missing := range seen.Coverage().Below(table.Threshold{Rules: 0.6}) {
		fmt.Println(missing)
	}
	// Output:
	// 1 case(s), 1 passed, 0 failed
	// rules that matched: 2 of 4 (50.0%), at least 60.0% wanted; missing: clerks/debtors (clerks.go:2), clerks/incomes (clerks.go:3)
}
