package main

import (
	"bytes"
	"context"
	"database/sql/driver"
	"encoding/json"
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
	"github.com/purposebound/purposebound/purpose/sealed"
)

var update = flag.Bool("update", false, "rewrite testdata")

// runs is the program with arguments.
func runs(t *testing.T, tell func(*people) []step, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, &stdout, &stderr, tell)
	return code, stdout.String(), stderr.String()
}

func TestTheDayHoldsNoSurprise(t *testing.T) {
	d, err := live(t.Context(), "", story)
	require.NoError(t, err)
	outcomes := map[string]int{}
	for _, s := range d.Steps {
		assert.Empty(t, s.Surprise, "step %d, %s: got %s %s", s.N, s.What, s.Outcome, s.Code)
		outcomes[s.Outcome]++
	}
	assert.Zero(t, d.Surprises)
	for _, o := range []string{permit, redact, partial, deny, breakGlass} {
		assert.NotZero(t, outcomes[o], "the story shows no step that is %s", o)
	}
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

func TestJSONSaysWhatTheTextSays(t *testing.T) {
	code, out, errs := runs(t, story, "--json")
	require.Zero(t, code, errs)
	dec := json.NewDecoder(strings.NewReader(out))
	var got struct {
		Steps []struct {
			N                           int
			What, Outcome, Code, Clause string
			Explanation                 map[string]any
		}
		Trail     []map[string]any
		Surprises *int
	}
	require.NoError(t, dec.Decode(&got))
	assert.False(t, dec.More(), "one document")
	require.NotNil(t, got.Surprises)
	assert.Zero(t, *got.Surprises)
	d, err := live(t.Context(), "", story)
	require.NoError(t, err)
	require.Len(t, got.Steps, len(d.Steps))
	require.Len(t, got.Trail, len(d.Trail))
	for i, s := range got.Steps {
		assert.Equal(t, []any{d.Steps[i].What, d.Steps[i].Outcome, string(d.Steps[i].Code)}, []any{s.What, s.Outcome, s.Code})
		assert.NotEmpty(t, s.Explanation["gates"], s.What)
	}
}

// Every step's expectation bites: none of them is what the program would print anyway.
func TestAWrongExpectationIsASurprise(t *testing.T) {
	type change func(*step)
	for name, spoil := range map[string]change{
		"outcome": func(s *step) {
			if s.want == deny {
				s.want = permit
			} else {
				s.want = deny
			}
		},
		"code": func(s *step) {
			if s.code == policy.CodeRecordNil {
				s.code = ""
			} else {
				s.code = policy.CodeRecordNil
			}
		},
	} {
		t.Run("every "+name, func(t *testing.T) {
			d, err := live(t.Context(), "", func(p *people) []step {
				steps := story(p)
				for i := range steps {
					spoil(&steps[i])
				}
				return steps
			})
			require.NoError(t, err)
			assert.Equal(t, len(d.Steps), d.Surprises)
		})
		t.Run("one "+name, func(t *testing.T) {
			code, out, errs := runs(t, func(p *people) []step {
				steps := story(p)
				spoil(&steps[3])
				return steps
			})
			assert.Equal(t, 1, code)
			assert.Equal(t, 1, strings.Count(out, "SURPRISE"))
			assert.Contains(t, errs, "1 surprise(s)")
		})
	}
}

func TestAFailureIsNoAnswer(t *testing.T) {
	for name, do := range map[string]call{
		"the step fails": func(context.Context, *policy.Guard, policy.Request) (answer, error) {
			return answer{}, errors.New("boom")
		},
		"no such view": read[struct{ Salary string }](&Lessee{ID: "lessee-1"}),
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := runs(t, func(p *people) []step {
				return []step{{what: "fail", req: by("advisor", "fx.contract_service"), do: do, want: deny}}
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
	assert.Contains(t, out, "go run ./examples/leasing")
	assert.Empty(t, errs)

	for _, args := range [][]string{{"--no-such-flag"}, {"now"}, {"--trail"}} {
		code, out, errs := runs(t, story, args...)
		assert.Equal(t, 2, code, args)
		assert.Empty(t, out)
		assert.Contains(t, errs, "Usage:")
	}

	code, _, errs = runs(t, story, "--trail", filepath.Join(t.TempDir(), "no", "such", "parent"))
	assert.Equal(t, 1, code)
	assert.Contains(t, errs, "leasing:")
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

	code, out, errs := runs(t, story, "--trail", dir)
	require.Zero(t, code, errs)
	both, err := filetrail.Verify(dir)
	require.NoError(t, err)
	assert.Equal(t, 2*first.Count, both.Count)
	assert.Contains(t, out, fmt.Sprintf("The trail: %d events", first.Count), "a second day lists its own events")
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
			values = append(values, text)
			for _, word := range strings.Fields(text) {
				if len(word) > 5 {
					values = append(values, word)
				}
			}
			return
		}
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		for i := range v.NumField() {
			switch f := v.Type().Field(i); {
			case f.Tag.Get("subject") == "id":
				ids = append(ids, v.Field(i).String())
			case f.Type.Kind() == reflect.Struct || f.Type.Kind() == reflect.Pointer:
				walk(v.Field(i))
			}
		}
	}
	p := newPeople()
	for _, r := range []any{&p.anna, &p.bo, &p.visitor, &p.shy, &p.lapsed} {
		walk(reflect.ValueOf(r))
	}
	require.Greater(t, len(values), 30)
	require.Len(t, ids, 6)
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
	_, doc, _ := runs(t, story, "--json")
	_, wrong, _ := runs(t, func(p *people) []step {
		steps := story(p)
		steps[0].want = deny
		return steps
	})
	names, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	var lines []byte
	for _, n := range names {
		b, err := os.ReadFile(n)
		require.NoError(t, err)
		lines = append(lines, b...)
	}
	for place, out := range map[string]string{"text": text, "json": doc, "errors": errs, "surprises": wrong, "trail": string(lines)} {
		assert.Empty(t, found(out, values), place)
		assert.Empty(t, found(out, ids), place)
	}
	require.NotEmpty(t, text)
	require.NotEmpty(t, doc)

	// The search finds what is there: a released view, and an id where no pseudonym stands in.
	now := minute(1)
	s, err := newService(audittest.NewRecorder(func() time.Time { return now }), func() time.Time { return now })
	require.NoError(t, err)
	p := newPeople()
	require.NoError(t, s.ledger.Record(t.Context(), p.past()...))
	now = minute(2)
	view, err := policy.Read[DebitView](t.Context(), s.guard, by("system", "fx.contract_service"), &p.anna)
	require.NoError(t, err)
	assert.NotEmpty(t, found(fmt.Sprint(view), values))
	assert.NotEmpty(t, found("lessee-1", ids))
	assert.Empty(t, found(fmt.Sprintf("%+v", p.anna.Name), values), "a sealed value prints as nothing")
	assert.True(t, p.anna.IBAN.Equal(sealed.Of(view.IBAN)))
}

// The customer's account is masked for the advisor, and whole for the debit run.
func TestMaskShowsTheLastFour(t *testing.T) {
	now := minute(0)
	s, err := newService(audittest.NewRecorder(func() time.Time { return now }), func() time.Time { return now })
	require.NoError(t, err)
	p := newPeople()
	require.NoError(t, s.ledger.Record(t.Context(), p.past()...))
	now = minute(1)
	masked, err := policy.Read[DebitView](t.Context(), s.guard, by("advisor", "fx.customer_service"), &p.anna)
	require.NoError(t, err)
	whole, err := policy.Read[DebitView](t.Context(), s.guard, by("system", "fx.contract_service"), &p.anna)
	require.NoError(t, err)
	assert.Equal(t, strings.Repeat("*", len(whole.IBAN)-4)+whole.IBAN[len(whole.IBAN)-4:], masked.IBAN)
	assert.Equal(t, whole.Name, masked.Name)
}
