package retention

import (
	"cmp"
	"slices"
	"time"
)

// Tally counts items by what happens to them and why: a dry run, or the report of an execution. It names rules and
// never a row, and its size depends on the rules alone. The zero Tally is empty. It is not safe for concurrent use.
type Tally struct {
	rows  uint64
	next  time.Time
	lines map[tallyKey]*Line
	// recent are lines by what an item is quickly known by: mostly the next item falls on one of them.
	recent [16]*Line
}

type tallyKey struct {
	status  Status
	then    Then
	applied bool
	reason  Reason
	rule    string
}

// Line is one line of a [Tally].
type Line struct {
	Status  Status `json:"status"`
	Then    Then   `json:"then"`    // of must-erase
	Applied bool   `json:"applied"` // already restricted
	Reason  Reason `json:"reason"`
	Rule    string `json:"rule,omitempty"`
	Law     string `json:"law,omitempty"`
	Clause  string `json:"clause,omitempty"`
	Rows    uint64 `json:"rows"`
	// Earliest and Latest are the last days kept of the rows, where they are known.
	Earliest Date `json:"earliest"`
	Latest   Date `json:"latest"`
}

// Add counts an item.
func (t *Tally) Add(i *Item) {
	t.rows++
	t.next = sooner(t.next, i.NextChange)
	recent := &t.recent[(int(i.Status)<<2^len(i.Because.Rule))%len(t.recent)]
	line := *recent
	if line == nil || line.Rule != i.Because.Rule || line.Reason != i.Because.Reason || line.Status != i.Status ||
		line.Then != i.Then || line.Applied != i.Applied {
		line = t.line(i)
		*recent = line
	}
	line.Rows++
	if d := i.LastDay; !d.IsZero() {
		if line.Earliest.IsZero() || d.Before(line.Earliest) {
			line.Earliest = d
		}
		if d.After(line.Latest) {
			line.Latest = d
		}
	}
}

func (t *Tally) line(i *Item) *Line {
	k := tallyKey{i.Status, i.Then, i.Applied, i.Because.Reason, i.Because.Rule}
	line := t.lines[k]
	if line == nil {
		line = &Line{Status: i.Status, Then: i.Then, Applied: i.Applied, Reason: i.Because.Reason,
			Rule: i.Because.Rule, Law: i.Because.Law, Clause: i.Because.Clause}
		if t.lines == nil {
			t.lines = map[tallyKey]*Line{}
		}
		t.lines[k] = line
	}
	return line
}

// Rows returns how many items were counted.
func (t *Tally) Rows() uint64 { return t.rows }

// Count returns how many items have the status; those of must-erase that are restricted already are not among them.
func (t *Tally) Count(s Status) (n uint64) {
	for _, l := range t.lines {
		if l.Status == s && !l.Applied {
			n += l.Rows
		}
	}
	return n
}

// Next returns the earliest instant at which an item may change, so that a scheduler can sleep until then; zero when
// none will by itself.
func (t *Tally) Next() time.Time { return t.next }

// Lines returns the lines: what must be erased first, then what a person decides, may be kept and must be kept.
func (t *Tally) Lines() []Line {
	lines := make([]Line, 0, len(t.lines))
	for _, l := range t.lines {
		lines = append(lines, *l)
	}
	order := [4]uint8{MustErase: 0, PersonDecides: 1, MayKeep: 2, MustKeep: 3}
	slices.SortFunc(lines, func(a, b Line) int {
		applied := 0
		if a.Applied != b.Applied {
			applied = +1
			if b.Applied {
				applied = -1
			}
		}
		return cmp.Or(cmp.Compare(order[a.Status&3], order[b.Status&3]), applied, cmp.Compare(a.Then, b.Then),
			cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Reason, b.Reason))
	})
	return lines
}
