package purpose

import (
	"fmt"
	"time"

	"github.com/purposebound/purposebound/retention"
)

// Financial years that end on one date each year are known from firstYear to lastYear.
const firstYear, lastYear = 1900, 2199

// financialYears checks the controller's years, and that they are there if a retention rule counts from their end.
func (c *compiler) financialYears() {
	const path = "controller.financial_years"
	y := &c.r.spec.Controller.FinancialYears
	var err error
	switch {
	case y.Ending != "" && len(y.Table) > 0:
		c.problem("years.form", path, "the years end on one date, or a table lists them: not both")
	case y.Ending != "":
		var end time.Time
		if end, err = time.Parse("2006-01-02", "2000-"+y.Ending); err != nil {
			c.problem("years.form", path+".ending", "%q is no month and day such as 12-31", clip(y.Ending))
			return
		}
		c.r.years, err = retention.FinancialYearsEnding(end.Month(), end.Day(), firstYear, lastYear)
	case len(y.Table) > 0:
		table := make([]retention.FinancialYear, len(y.Table))
		for i, x := range y.Table {
			table[i] = retention.FinancialYear{Start: c.day(fmt.Sprintf("%s.table[%d].start", path, i), x.Start), End: c.day(fmt.Sprintf("%s.table[%d].end", path, i), x.End)}
		}
		c.r.years, err = retention.NewFinancialYears(table...)
	default:
		c.yearsNeeded(path)
	}
	if err != nil {
		c.problem("years.table", path, "financial years follow one another without gap or overlap, and none ends before it starts")
	}
	c.assumed(path, "the financial year", y.Assumed, y.Note)
}

func (c *compiler) yearsNeeded(path string) {
	for i := range c.r.spec.Retention {
		switch r := &c.r.spec.Retention[i]; r.Anchor.Kind {
		case retention.OnFinancialYearEnd, retention.OnFinancialCalendarYearEnd:
			c.problem("years.missing", path, "rule %q counts from the end of a financial year, and the controller has none", clip(r.Key))
		}
	}
}
