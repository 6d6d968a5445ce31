package acceptance

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// outcomes are all that a case may expect.
var outcomes = []string{Allow, Deny, Redact, Return, EraseIt, Keep, MustKeep, Partial, Granted, Refused, Refer, Report, Valid, Invalid, Escalate}

// TestEveryExpectationBites: with another outcome, or another value in any part of the detail, no case passes.
func TestEveryExpectationBites(t *testing.T) {
	notices := Notices("..")
	list := all(t)
	for i := range list {
		c := &list[i]
		r, diffs := RunOne(notices, c)
		if len(diffs) > 0 {
			continue // TestCases and TestSiblings tell
		}
		n := noticeOf(notices, c)
		for _, o := range outcomes {
			other := *c
			other.Expect = o
			granted := func(s string) bool { return s == Granted || s == EraseIt }
			if o == c.Expect || c.Request.Text("action") == "request_right" && granted(o) && granted(c.Expect) {
				continue
			}
			assert.NotEmpty(t, Compare(n, &other, &r), "%s would pass with the outcome %s too", c.ID, o)
		}
		for _, key := range c.Detail.Keys() {
			if key == "note" || key == "first_erasable_note" {
				continue // for the reader
			}
			other := *c
			other.Detail = maps.Clone(c.Detail)
			if other.Detail[key] = spoilt(t, key, c.Detail[key], &r); other.Detail[key] == nil {
				continue
			}
			assert.NotEmpty(t, Compare(n, &other, &r), "%s would pass with %s = %v too", c.ID, key, other.Detail[key])
		}
	}
}

// spoilt is another value of the same form.
func spoilt(t *testing.T, key string, v any, r *Result) any {
	switch x := v.(type) {
	case string:
		if key == "exclude" {
			break
		}
		if tm, ok := instant(x, time.UTC); ok {
			if strings.Contains(x, "T") {
				return tm.Add(1e9).Format("2006-01-02T15:04:05Z07:00")
			}
			return tm.AddDate(0, 0, 1).Format("2006-01-02")
		}
		return "other-" + x
	case []any:
		if key == "exclude" {
			if inc := texts(r.Detail["include"]); len(inc) > 0 {
				return append(slices.Clone(x), inc[0])
			}
			return nil // nothing is included that it could exclude
		}
		return append(slices.Clone(x), "other")
	case map[string]any:
		y := maps.Clone(x)
		for k := range y {
			f, ok := y[k].(float64)
			require.True(t, ok)
			y[k] = f + 1
		}
		return y
	}
	require.Fail(t, "no other value", "%s: %T", key, v)
	return nil
}

// TestWithoutItsActivityAPermitFails: whatever lets something through rests on an entry of the register, and is refused
// without it.
func TestWithoutItsActivityAPermitFails(t *testing.T) {
	notices := Notices("..")
	list := all(t)
	rests := map[string][]int{} // "FX activity" -> cases
	for i := range list {
		c := &list[i]
		if c.Expect != Allow {
			continue
		}
		r, diffs := RunOne(notices, c)
		if len(diffs) > 0 {
			continue
		}
		for _, e := range r.Entries {
			if a, ok := strings.CutPrefix(e, "activity:"); ok {
				rests[prefix(c.ID)+" "+a] = append(rests[prefix(c.ID)+" "+a], i)
			}
		}
	}
	require.NotEmpty(t, rests)
	var spare []string // activities beside which another one permits the same
	for _, key := range keysOf(rests) {
		p, activity, _ := strings.Cut(key, " ")
		n := notices[slices.IndexFunc(notices, func(n *Notice) bool { return n.Prefix == p })]
		spec := n.Register.Spec()
		spec.Activities = slices.DeleteFunc(spec.Activities, func(a purpose.Activity) bool { return a.Key == activity })
		reg, err := purpose.Compile(spec)
		if err != nil {
			continue // the register holds together by it: that is a refusal, too
		}
		less := []*Notice{n.With(reg)}
		failed := 0
		for _, i := range rests[key] {
			if _, diffs := RunOne(less, &list[i]); len(diffs) > 0 {
				failed++
			}
		}
		if failed == 0 {
			spare = append(spare, key)
		}
	}
	t.Logf("%d activities carry permits; permitted without, too: %v", len(rests), spare)
	assert.Less(t, len(spare)*10, len(rests), "permits rest on activities")
}

// TestWithoutItsReasonARefusalFails: a case that refuses because of what is given permits without it.
func TestWithoutItsReasonARefusalFails(t *testing.T) {
	notices := Notices("..")
	list := all(t)
	tried, failed := 0, 0
	for i := range list {
		c := list[i]
		if c.Expect != Deny || c.Kind != "objection" && c.Kind != "restriction" || len(c.Given.Objections)+len(c.Given.Restrictions) == 0 {
			continue
		}
		if _, diffs := RunOne(notices, &c); len(diffs) > 0 {
			continue
		}
		tried++
		c.Given.Objections, c.Given.Restrictions = nil, nil
		if r, diffs := RunOne(notices, &c); len(diffs) > 0 {
			failed++
		} else {
			t.Logf("%s is refused without objection and restriction too: %v", c.ID, r.Codes)
		}
	}
	require.NotZero(t, tried)
	assert.GreaterOrEqual(t, failed*10, tried*7, "most refusals rest on the objection or restriction")
}

// TestACorruptRegisterFailsCases: a register that lost a part does not pass.
func TestACorruptRegisterFailsCases(t *testing.T) {
	notices := Notices("..")
	list := slices.DeleteFunc(sample(all(t), 3), func(c Case) bool {
		_, diffs := RunOne(notices, &c)
		return len(diffs) > 0 // TestCases and TestSiblings tell
	})
	for name, corrupt := range map[string]func(*purpose.Spec){
		"contracts count when settled": func(s *purpose.Spec) {
			for i := range s.Activities {
				for j := range s.Activities[i].Claims {
					if s.Activities[i].Claims[j].Basis == basis.Contract {
						s.Activities[i].Claims[j].Stages = []basis.Stage{basis.Settled}
					}
				}
			}
		},
		"floors gone": func(s *purpose.Spec) {
			for i := range s.Retention {
				if !s.Retention[i].Ceiling.IsZero() {
					s.Retention[i].Floor = retention.Period{}
				}
			}
		},
		"no recipients": func(s *purpose.Spec) {
			for i := range s.Activities {
				s.Activities[i].Recipients = nil
			}
		},
		"no prohibition and no lock": func(s *purpose.Spec) {
			s.Prohibited, s.Locks = nil, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			failed := 0
			for _, n := range notices {
				if n.Err != nil {
					continue
				}
				spec := n.Register.Spec()
				corrupt(&spec)
				reg, err := purpose.Compile(spec)
				if err != nil {
					failed++
					continue
				}
				less := []*Notice{n.With(reg)}
				for i := range list {
					if prefix(list[i].ID) == n.Prefix {
						if _, diffs := RunOne(less, &list[i]); len(diffs) > 0 {
							failed++
						}
					}
				}
			}
			assert.NotZero(t, failed)
			t.Logf("%d of %d cases fail", failed, len(list))
		})
	}
}
