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
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
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
		assert.Empty(t, s.Surprise, s.What)
		outcomes[s.Outcome]++
	}
	assert.Zero(t, d.Surprises)
	for _, o := range []string{released, partly, refused, allowed, noted, "granted", "partial"} {
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

func TestJSONSaysWhatTheTextSays(t *testing.T) {
	code, out, errs := runs(t, story, "--json")
	require.Zero(t, code, errs)
	dec := json.NewDecoder(strings.NewReader(out))
	var got struct {
		Steps []struct {
			What, Outcome, Code string
			Explanation, Right  map[string]any
		}
		Night struct {
			Files  []map[string]any
			Erased *int
		}
		Trail     []map[string]any
		Surprises *int
	}
	require.NoError(t, dec.Decode(&got))
	assert.False(t, dec.More(), "one document")
	require.NotNil(t, got.Surprises)
	assert.Zero(t, *got.Surprises)
	require.NotNil(t, got.Night.Erased)
	d, err := live(t.Context(), "", story)
	require.NoError(t, err)
	require.Len(t, got.Steps, len(d.Steps))
	require.Len(t, got.Trail, len(d.Trail))
	require.Len(t, got.Night.Files, len(d.Night.Files))
	for i, s := range got.Steps {
		assert.Equal(t, []any{d.Steps[i].What, d.Steps[i].Outcome, d.Steps[i].Code}, []any{s.What, s.Outcome, s.Code})
		assert.True(t, s.Outcome == noted || s.Explanation["gates"] != nil || s.Right["result"] != nil, s.What)
	}
}

// Every step's expectation bites: none of them is what the program would print anyway.
func TestAWrongExpectationIsASurprise(t *testing.T) {
	for name, spoil := range map[string]func(*step){
		"outcome": func(s *step) { s.want += " not" },
		"code":    func(s *step) { s.code += " not" },
	} {
		t.Run(name, func(t *testing.T) {
			d, err := live(t.Context(), "", func(p *people) []step {
				steps := story(p)
				for i := range steps {
					spoil(&steps[i])
				}
				return steps
			})
			require.NoError(t, err)
			assert.Equal(t, len(d.Steps), d.Surprises)

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
		"the step fails": func(context.Context, *service) (answer, error) { return answer{}, errors.New("boom") },
		"no such view":   read[struct{ Salary string }](by("customer_service_agent", "ar.customer_service"), &Customer{ID: "customer-1"}),
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := runs(t, func(*people) []step { return []step{{what: "fail", do: do, want: refused}} })
			assert.Equal(t, 1, code)
			assert.Empty(t, out)
			assert.Contains(t, errs, "step 1, fail")
		})
	}
}

func TestArguments(t *testing.T) {
	code, out, errs := runs(t, story, "--help")
	assert.Zero(t, code)
	assert.Contains(t, out, "go run ./examples/lending")
	assert.Empty(t, errs)

	for _, args := range [][]string{{"--no-such-flag"}, {"now"}, {"--trail"}} {
		code, out, errs := runs(t, story, args...)
		assert.Equal(t, 2, code, args)
		assert.Empty(t, out)
		assert.Contains(t, errs, "Usage:")
	}

	code, _, errs = runs(t, story, "--trail", filepath.Join(t.TempDir(), "no", "such", "parent"))
	assert.Equal(t, 1, code)
	assert.Contains(t, errs, "lending:")
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
	code, out, errs := runs(t, story, "--trail", dir)
	require.Zero(t, code, errs)
	report, err := filetrail.Verify(dir)
	require.NoError(t, err)
	assert.Equal(t, audit.Consistent, report.Verdict)
	assert.Contains(t, out, fmt.Sprintf("The trail: %d events", report.Count))
}

// A trail that somebody changed, or cut at the end, does not pass.
func TestAChangedTrailDoesNotPass(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "trail")
	trail, err := filetrail.Open(dir, filetrail.Options{Stream: "lending", Clock: midnight})
	require.NoError(t, err)
	s, err := newService(trail, midnight)
	require.NoError(t, err)
	_, err = night(t.Context(), s, t.TempDir())
	require.NoError(t, err)
	check, err := checkpointed(t.Context(), trail, t.TempDir())
	require.NoError(t, err)
	require.NoError(t, trail.Close())
	segments, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	require.NoError(t, err)
	require.Len(t, segments, 1)
	text, err := os.ReadFile(segments[0])
	require.NoError(t, err)
	lines := bytes.SplitAfter(text, []byte("\n"))
	require.Greater(t, len(lines), 3)

	for _, c := range []struct {
		text []byte
		want audit.Verdict
	}{
		{text, audit.Pass}, // the control
		{bytes.Replace(text, []byte("ar.ret.customer"), []byte("ar.ret.prospect"), 1), audit.Edited},
		{bytes.Join(lines[:len(lines)-2], nil), audit.Truncated},
	} {
		require.NoError(t, os.WriteFile(segments[0], c.text, 0o600))
		report, err := filetrail.VerifyWith(t.Context(), dir, check)
		require.NoError(t, err)
		assert.Equal(t, c.want, report.Verdict)
	}
}

// values are those in the records of the story, and the longer words of the texts.
func values(t *testing.T, p *people) (list []string) {
	var walk func(reflect.Value)
	walk = func(v reflect.Value) {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return
			}
			v = v.Elem()
		}
		for i := range v.NumField() {
			f := v.Field(i)
			if s, ok := f.Interface().(driver.Valuer); ok {
				plain, err := s.Value()
				require.NoError(t, err)
				text := fmt.Sprint(plain)
				if plain == nil || text == "" || text == "0" {
					continue
				}
				list = append(list, text)
				for _, word := range strings.Fields(text) {
					if len(word) > 7 {
						list = append(list, word)
					}
				}
			} else if f.Kind() == reflect.Pointer {
				walk(f)
			}
		}
	}
	for _, record := range []any{&p.karl, &p.lone, &p.maja, &p.rasmus, &p.ditte, &p.olivia, &p.visit} {
		walk(reflect.ValueOf(record))
	}
	return list
}

func found(text string, list []string) (hits []string) {
	for _, s := range list {
		if strings.Contains(text, s) {
			hits = append(hits, s)
		}
	}
	return hits
}

// No value of a record is printed or kept in the trail, which knows people by pseudonyms.
func TestNoPersonalValueComesOut(t *testing.T) {
	list := values(t, newPeople())
	require.Greater(t, len(list), 50)
	dir := filepath.Join(t.TempDir(), "trail")
	_, text, _ := runs(t, story, "--trail", dir)
	_, doc, _ := runs(t, story, "--json")
	var trail []byte
	segments, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	require.NoError(t, err)
	for _, s := range segments {
		b, err := os.ReadFile(s)
		require.NoError(t, err)
		trail = append(trail, b...)
	}
	require.NotEmpty(t, trail)
	require.NotEmpty(t, text)
	require.NotEmpty(t, doc)
	ids := []string{"applicant-1", "applicant-2", "household-1", "customer-1", "customer-2", "customer-3", "owner-1", "visitor-1", "staff-"}
	for place, out := range map[string]string{"text": text, "json": doc, "trail": string(trail)} {
		assert.Empty(t, found(out, list), place)
		if place == "trail" {
			assert.Empty(t, found(out, ids), place)
		}
	}

	// The control: the search finds a view that was released.
	clock := func() time.Time { return minute(0) }
	s, err := newService(audittest.NewRecorder(clock), clock)
	require.NoError(t, err)
	p := newPeople()
	require.NoError(t, s.ledger.Record(t.Context(), p.past()...))
	view, err := policy.Read[CallerView](t.Context(), s.guard, by("customer_service_agent", "ar.identify_on_contact"), &p.maja)
	require.NoError(t, err)
	assert.NotEmpty(t, found(fmt.Sprint(view), list))
}

// An analyst sees a year of birth, who recognises a caller the whole date.
func TestMaskShowsTheYear(t *testing.T) {
	clock := func() time.Time { return minute(0) }
	s, err := newService(audittest.NewRecorder(clock), clock)
	require.NoError(t, err)
	p := newPeople()
	require.NoError(t, s.ledger.Record(t.Context(), p.past()...))
	masked, err := policy.Read[RiskView](t.Context(), s.guard, by("analyst", "ar.risk_management"), &p.maja)
	require.NoError(t, err)
	whole, err := policy.Read[CallerView](t.Context(), s.guard, by("customer_service_agent", "ar.identify_on_contact"), &p.maja)
	require.NoError(t, err)
	assert.Equal(t, whole.BirthDate[:4], masked.BirthDate)
	assert.Len(t, whole.BirthDate, 10)
}

// While the trail cannot be written nothing is released, and what somebody asked for does not take effect half recorded.
func TestAFailingTrailReleasesNothing(t *testing.T) {
	clock := func() time.Time { return minute(1) }
	s, err := newService(audittest.NewFaulty(audittest.Fails, clock), clock)
	require.NoError(t, err)
	p := newPeople()
	require.NoError(t, s.ledger.Record(t.Context(), p.past()...))
	view, err := policy.Read[ServiceView](t.Context(), s.guard, by("customer_service_agent", "ar.customer_service"), &p.maja)
	require.ErrorIs(t, err, policy.ErrDenied)
	assert.Zero(t, view)
	_, err = asks(request(p.maja.ID, purpose.MarketingObjectionRight))(t.Context(), s)
	require.ErrorIs(t, err, rights.ErrRecord)
	st, err := s.ledger.StateAt(t.Context(), p.maja.ID, clock(), time.Time{})
	require.NoError(t, err)
	assert.Empty(t, st.Objections)
}
