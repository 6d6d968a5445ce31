package purpose

import (
	"slices"
	"time"

	"github.com/purposebound/purposebound/retention"
)

// notices orders the versions and gives each its span.
func (c *compiler) notices() {
	r := c.r
	switch n := len(r.spec.Notices); {
	case n == 0:
		c.problem("notice.none", "notices", "at least one notice version is needed: without one nothing is permitted")
	case n > MaxNotices:
		c.problem("list.size", "notices", "%d versions, at most %d", n, MaxNotices)
	}
	seen := make(map[string]bool)
	for i := range r.spec.Notices {
		n, p := &r.spec.Notices[i], at("notices", i)
		if !validVersion(n.Version) {
			c.problem("key.syntax", at(p, "version"), "a version is 1 to 32 letters, digits, '.', '-' or '_'")
		}
		if seen[n.Version] {
			c.problem("key.duplicate", at(p, "version"), "version %q is declared already", clip(n.Version))
		}
		seen[n.Version] = true
		if n.From == "" {
			c.problem("date.missing", at(p, "from"), "a notice version needs the day from which it is in force")
		}
		announced := c.day(at(p, "announced"), n.Announced)
		from, _ := retention.ParseDate(n.From) // a bad one is reported below
		switch {
		case !announced.IsZero() && !from.IsZero() && from.Before(announced):
			c.problem("notice.announced", at(p, "announced"), "version %q was in force before it was announced", clip(n.Version))
		case i > 0 && n.Material && n.Announced == "" && r.spec.Controller.Announces:
			c.problem("notice.announced", at(p, "announced"), "the controller promises to announce material changes")
		}
		r.notices = append(r.notices, notice{n.Version, c.span(p, n.From, n.Through), n.ObjectionClause != ""})
	}
	for i := 1; i < len(r.notices); i++ {
		before, n := &r.notices[i-1], &r.notices[i]
		switch {
		case before.from.IsZero() || n.from.IsZero(): // reported above
		case !n.from.After(before.from):
			c.problem("notice.order", at("notices", i, "from"), "versions are listed in the order in which they came into force")
		case before.until.After(n.from):
			c.problem("notice.overlap", at("notices", i-1, "through"), "version %q is still in force when %q begins", clip(before.version), clip(n.version))
		case before.until.IsZero():
			before.until = n.from
		}
	}
}

// version checks that a notice version is declared.
func (c *compiler) version(path, version string) {
	for i := range c.r.notices {
		if c.r.notices[i].version == version {
			return
		}
	}
	c.problem("ref.unknown", path, "%q is no notice version", clip(version))
}

// span is a half-open interval of time; a zero end is open.
type span struct{ from, until time.Time }

func (s span) contains(t time.Time) bool {
	return !t.Before(s.from) && (s.until.IsZero() || t.Before(s.until))
}

// changesOf lists the instants at which any span begins or ends, in order.
func changesOf(r *Register) (list []time.Time) {
	add := func(spans ...span) {
		for _, s := range spans {
			for _, t := range [...]time.Time{s.from, s.until} {
				if !t.IsZero() {
					list = append(list, t)
				}
			}
		}
	}
	for i := range r.notices {
		add(r.notices[i].span)
	}
	for _, spans := range [...][]span{r.lawSpans, r.assessmentSpans, r.agreementSpans, r.adequacySpans} {
		add(spans...)
	}
	for _, spans := range r.safeguardSpans {
		add(spans...)
	}
	slices.SortFunc(list, time.Time.Compare)
	return slices.Clip(slices.CompactFunc(list, time.Time.Equal))
}

// span reads a first and a last day in the controller's zone.
func (c *compiler) span(path, from, through string) (s span) {
	first, last := c.day(at(path, "from"), from), c.day(at(path, "through"), through)
	if !first.IsZero() {
		s.from = first.StartIn(c.r.zone)
	}
	if !last.IsZero() {
		s.until = last.EndIn(c.r.zone)
		if last.Before(first) {
			c.problem("date.order", at(path, "through"), "ends before it begins")
		}
	}
	return s
}

// day reads a date; empty is no day.
func (c *compiler) day(path, text string) retention.Date {
	if text == "" {
		return retention.Date{}
	}
	d, err := retention.ParseDate(text)
	if err != nil {
		c.problem("date.syntax", path, "%q is no day of the form 2006-01-02", clip(text))
	}
	return d
}
