package retentionschedule

import (
	"strings"

	"github.com/purposebound/purposebound/retention"
)

// starts says in words when a rule's clock starts.
func starts(r *retention.Rule) string {
	events := strings.Join(r.Anchor.Events, " or ")
	switch r.Anchor.Kind {
	case retention.OnEvent:
		return "first " + events
	case retention.OnLaterOf:
		return "the later of " + strings.Join(r.Anchor.Events, " and ")
	case retention.OnLastActivity:
		return "latest " + events
	case retention.OnCaseEnd:
		if len(r.Anchor.Reopened) > 0 {
			return "latest " + events + ", unless " + strings.Join(r.Anchor.Reopened, " or ") + " came after it"
		}
		return "latest " + events
	case retention.OnFinancialYearEnd:
		return "end of the financial year of the latest " + events
	case retention.OnFinancialCalendarYearEnd:
		return "31 December of the year in which the financial year of the latest " + events + " ended"
	case retention.OnCalendarYearEnd:
		return "31 December of the year of the latest " + events
	case retention.OnGivenDate:
		return "the day " + r.Anchor.Date + " of the case"
	}
	if !r.Criterion.IsZero() {
		return "the answer to " + r.Criterion.Question
	}
	return ""
}

// condition says in words when a rule applies; empty for always.
func condition(c retention.Condition) string {
	var parts []string
	if len(c.Happened) > 0 {
		parts = append(parts, strings.Join(c.Happened, " and ")+" happened")
	}
	if len(c.NotHappened) > 0 {
		parts = append(parts, "no "+strings.Join(c.NotHappened, " or ")+" happened")
	}
	return strings.Join(parts, " and ")
}
