package main

import (
	"bytes"
	"context"
	"database/sql/driver"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/audit/filetrail"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/retention"
)

var update = flag.Bool("update", false, "rewrite testdata")

// runs is the program with arguments.
func runs(t *testing.T, tell func(*people) []chapter, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, &stdout, &stderr, tell)
	return code, stdout.String(), stderr.String()
}

func TestTheDayHoldsNoSurprise(t *testing.T) {
	d, err := live(t.Context(), "", story)
	require.NoError(t, err)
	outcomes := map[string]int{}
	for _, c := range d.chapters {
		for _, s := range c.steps {
			assert.Empty(t, s.surprise, "%s: got %s", s.step.what, s.outcome)
			outcomes[s.outcome]++
		}
	}
	assert.Zero(t, d.surprises)
	for _, o := range []string{permit, partial, deny} {
		assert.NotZero(t, outcomes[o], "the story shows no step that is %s", o)
	}
	assert.Equal(t, audit.Consistent, d.verdict)
}

func TestOutputIsTheGolden(t *testing.T) {
	code, out, errs := runs(t, story)
	require.Zero(t, code, errs)
	got := regexp.MustCompile(`sha256:[0-9a-f]+`).ReplaceAllString(out, "sha256:...")
	file := filepath.Join("testdata", "day.txt")
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "run the test with -update if the change is meant")
}

func TestOutputIsTheSameEveryTime(t *testing.T) {
	_, text, _ := runs(t, story)
	_, again, _ := runs(t, story)
	assert.Equal(t, text, again)
}

// Every step's expectation bites: none of them is what the program would print anyway.
func TestAWrongExpectationIsASurprise(t *testing.T) {
	for name, spoil := range map[string]func(*step){
		"outcome": func(s *step) {
			if s.want == deny {
				s.want = permit
			} else {
				s.want = deny
			}
		},
		"code": func(s *step) { s.code = policy.CodeRecordNil },
	} {
		t.Run("every "+name, func(t *testing.T) {
			d, err := live(t.Context(), "", func(p *people) []chapter {
				list := story(p)
				for _, c := range list {
					for i := range c.steps {
						spoil(&c.steps[i])
					}
				}
				return list
			})
			require.NoError(t, err)
			steps := 0
			for _, c := range d.chapters {
				steps += len(c.steps)
			}
			assert.Equal(t, steps, d.surprises)
		})
		t.Run("one "+name, func(t *testing.T) {
			code, out, errs := runs(t, func(p *people) []chapter {
				list := story(p)
				spoil(&list[0].steps[3])
				return list
			})
			assert.Equal(t, 1, code)
			assert.Equal(t, 1, strings.Count(out, "SURPRISE"))
			assert.Contains(t, errs, "1 surprise(s)")
		})
	}
}

func TestAFailureIsNoAnswer(t *testing.T) {
	for name, do := range map[string]call{
		"the step fails": func(context.Context, *policy.Guard, policy.Request) (*policy.Explanation, error) {
			return nil, errors.New("boom")
		},
		"no such view": read[struct{ Salary string }](&Person{ID: "person-1"}),
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := runs(t, func(p *people) []chapter {
				return []chapter{{"Failing", []step{{what: "fail", req: by("analyst", check, p.sanne.Origin), do: do, want: deny}}}}
			})
			assert.Equal(t, 1, code)
			assert.Empty(t, out)
			assert.Contains(t, errs, "step 1, fail")
		})
	}
}

func TestArguments(t *testing.T) {
	code, out, errs := runs(t, story, "--help")
	assert.Zero(t, code)
	assert.Contains(t, out, "go run ./examples/creditbureau")
	assert.Empty(t, errs)

	for _, args := range [][]string{{"--no-such-flag"}, {"now"}, {"--trail"}} {
		code, out, errs := runs(t, story, args...)
		assert.Equal(t, 2, code, args)
		assert.Empty(t, out)
		assert.Contains(t, errs, "Usage:")
	}

	code, _, errs = runs(t, story, "--trail", filepath.Join(t.TempDir(), "no", "such", "parent"))
	assert.Equal(t, 1, code)
	assert.Contains(t, errs, "creditbureau:")
}

func TestTheTrailIsKeptOnlyWhereAsked(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	code, _, _ := runs(t, story)
	require.Zero(t, code)
	left, err := os.ReadDir(temp)
	require.NoError(t, err)
	assert.Empty(t, left)

	dir := filepath.Join(t.TempDir(), "trail")
	code, _, errs := runs(t, story, "--trail", dir)
	require.Zero(t, code, errs)
	first, err := filetrail.Verify(dir)
	require.NoError(t, err)
	assert.Equal(t, audit.Consistent, first.Verdict)

	code, _, errs = runs(t, story, "--trail", dir)
	require.Zero(t, code, errs)
	both, err := filetrail.Verify(dir)
	require.NoError(t, err)
	assert.Equal(t, 2*first.Count, both.Count)
}

// At night the row that is due goes, and no other; what a letter granted is gone from the record.
func TestWhatIsErasedIsGone(t *testing.T) {
	clock := func() time.Time { return minute(60) }
	trail := audittest.NewRecorder(clock)
	s, err := newService(trail, clock)
	require.NoError(t, err)
	schedule, err := claimSchedule(s.register)
	require.NoError(t, err)
	list := newStore()
	columns := layout()
	require.Equal(t, []string{"needed", "reviewed", "next_review", "shielded"}, columns.Columns())
	for i, want := range []retention.Status{retention.MustErase, retention.MayKeep, retention.PersonDecides, retention.PersonDecides, retention.MayKeep} {
		item, err := schedule.Decide(list.rows[i].row(), clock())
		require.NoError(t, err)
		assert.Equal(t, want, item.Status, list.rows[i].key)
	}

	told, surprises, err := tonight(t.Context(), s, trail, clock, t.TempDir())
	require.NoError(t, err)
	assert.Zero(t, surprises)
	gone := 0
	for _, k := range told {
		if k.becomes == "erased" {
			gone++
			assert.Equal(t, "claim-1", k.key)
		}
	}
	assert.Equal(t, 1, gone)

	p := newPeople()
	require.NoError(t, s.ledger.Record(t.Context(), p.past()...))
	require.True(t, p.sanne.HistoricalPayments.IsSet())
	_, surprises, err = s.answer(t.Context(), letters(p, minute(59)))
	require.NoError(t, err)
	assert.Zero(t, surprises)
	assert.False(t, p.sanne.HistoricalPayments.IsSet())

	wrong := letters(p, minute(59))
	for i := range wrong {
		wrong[i].want = rights.Escalated
	}
	_, surprises, err = s.answer(t.Context(), wrong)
	require.NoError(t, err)
	assert.Equal(t, len(wrong), surprises, "the control: an answer that is not the expected one is counted")
}

// secrets are all values in the records of the story, and the longer words of the texts.
func secrets(t *testing.T) (values, ids []string) {
	var walk func(reflect.Value)
	walk = func(v reflect.Value) {
		if s, ok := v.Interface().(driver.Valuer); ok {
			x, err := s.Value()
			require.NoError(t, err)
			if x == nil {
				return
			}
			text := fmt.Sprint(x)
			if len(text) > 3 {
				values = append(values, text)
			}
			for _, word := range strings.Fields(text) {
				if len(word) > 5 {
					values = append(values, word)
				}
			}
			return
		}
		for i := range v.NumField() {
			switch f := v.Type().Field(i); {
			case f.Tag.Get("subject") == "id":
				ids = append(ids, v.Field(i).String())
			case f.Type.Kind() == reflect.Struct:
				walk(v.Field(i))
			}
		}
	}
	p := newPeople()
	for _, r := range []any{p.sanne, p.joris, p.ruling, p.visitor} {
		walk(reflect.ValueOf(r))
	}
	require.Greater(t, len(values), 30)
	require.Len(t, ids, 4)
	return values, ids
}

func found(text string, secrets []string) (list []string) {
	for _, s := range secrets {
		if strings.Contains(text, s) {
			list = append(list, s)
		}
	}
	return list
}

func TestNoPersonalValueComesOut(t *testing.T) {
	values, ids := secrets(t)
	dir := filepath.Join(t.TempDir(), "trail")
	_, text, errs := runs(t, story, "--trail", dir)
	names, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	var lines []byte
	for _, n := range names {
		b, err := os.ReadFile(n)
		require.NoError(t, err)
		lines = append(lines, b...)
	}
	text = text[strings.Index(text, "\n"):] // the title has no person in it
	for _, quoted := range letters(newPeople(), minute(1)) {
		text = strings.ReplaceAll(text, quoted.what, "") // her own words
	}
	for place, out := range map[string]string{"text": text, "errors": errs, "trail": string(lines)} {
		assert.Empty(t, found(out, values), place)
		assert.Empty(t, found(out, ids), place)
	}
	require.NotEmpty(t, text)

	// The search finds what is there: a released view, and an id where no alias stands in.
	now := minute(1)
	s, err := newService(audittest.NewRecorder(func() time.Time { return now }), func() time.Time { return now })
	require.NoError(t, err)
	p := newPeople()
	require.NoError(t, s.ledger.Record(t.Context(), p.past()...))
	now = minute(2)
	view, err := policy.Read[ReportView](t.Context(), s.guard, by("system", check, p.sanne.Origin), &p.sanne)
	require.NoError(t, err)
	assert.NotEmpty(t, found(fmt.Sprint(view), values))
	assert.NotEmpty(t, found("person-1", ids))
	assert.Empty(t, found(fmt.Sprintf("%+v", p.sanne.Name), values), "a sealed value prints as nothing")
}
