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
	for _, o := range []string{released, partly, refused, allowed, "granted", "partial", "refused"} {
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
			Papers []map[string]any
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
	require.Len(t, got.Night.Papers, len(d.Night.Papers))
	for i, s := range got.Steps {
		assert.Equal(t, []any{d.Steps[i].What, d.Steps[i].Outcome, d.Steps[i].Code}, []any{s.What, s.Outcome, s.Code})
		assert.True(t, s.Explanation["gates"] != nil || s.Right["result"] != nil, s.What)
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
		"no such view":   read[struct{ Salary string }](by("anna", "customer_service_agent", "op.customer_service"), &Customer{ID: "customer-1"}),
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
	assert.Contains(t, out, "go run ./examples/businesscredit")
	assert.Empty(t, errs)

	for _, args := range [][]string{{"--no-such-flag"}, {"now"}, {"--trail"}} {
		code, out, errs := runs(t, story, args...)
		assert.Equal(t, 2, code, args)
		assert.Empty(t, out)
		assert.Contains(t, errs, "Usage:")
	}

	code, _, errs = runs(t, story, "--trail", filepath.Join(t.TempDir(), "no", "such", "parent"))
	assert.Equal(t, 1, code)
	assert.Contains(t, errs, "businesscredit:")
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

// A trail that somebody changed afterwards is found out.
func TestAChangedTrailIsNotConsistent(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "trail")
	code, _, errs := runs(t, story, "--trail", dir)
	require.Zero(t, code, errs)
	segments, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	require.NoError(t, err)
	require.Len(t, segments, 1)
	text, err := os.ReadFile(segments[0])
	require.NoError(t, err)
	changed := bytes.Replace(text, []byte("access.denied"), []byte("access.read"), 1)
	require.NotEqual(t, text, changed)
	require.NoError(t, os.WriteFile(segments[0], changed, 0o600))
	report, err := filetrail.Verify(dir)
	require.NoError(t, err)
	assert.NotEqual(t, audit.Consistent, report.Verdict)
}

// No value of a record is printed, kept in the trail, or part of an error.
func TestNoValueLeaks(t *testing.T) {
	var values []string
	p := newPeople()
	for _, record := range []any{p.birgit, *p.birgit.ContactPerson, p.oskar, p.sara, p.visitor, p.shy} {
		v := reflect.ValueOf(record)
		for i := range v.NumField() {
			if sealedValue, ok := v.Field(i).Interface().(driver.Valuer); ok {
				plain, err := sealedValue.Value()
				require.NoError(t, err)
				if s, ok := plain.(string); ok && s != "" {
					values = append(values, s)
				}
			}
		}
	}
	require.Greater(t, len(values), 20)
	dir := filepath.Join(t.TempDir(), "trail")
	_, text, _ := runs(t, story, "--trail", dir)
	_, js, _ := runs(t, story, "--json")
	trail := ""
	segments, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	require.NoError(t, err)
	for _, s := range segments {
		b, err := os.ReadFile(s)
		require.NoError(t, err)
		trail += string(b)
	}
	require.NotEmpty(t, trail)
	for _, v := range values {
		assert.NotContains(t, text, v)
		assert.NotContains(t, js, v)
		assert.NotContains(t, trail, v)
	}
	for _, id := range []string{"customer-1", "customer-2", "applicant-1", "contact-1", "visitor-1"} {
		assert.NotContains(t, trail, id, "the trail knows people by pseudonyms")
	}
}

// While the trail cannot be written nothing is released, and what somebody asked for does not take effect half recorded.
func TestAFailingTrailReleasesNothing(t *testing.T) {
	clock := func() time.Time { return minute(1) }
	s, err := newService(audittest.NewFaulty(audittest.Fails, clock), clock)
	require.NoError(t, err)
	p := newPeople()
	require.NoError(t, s.ledger.Record(t.Context(), p.past()...))
	view, err := policy.Read[ServiceView](t.Context(), s.guard, by("anna", "customer_service_agent", "op.customer_service"), &p.birgit)
	require.ErrorIs(t, err, policy.ErrDenied)
	assert.Zero(t, view)
	_, err = asks(rights.Request{Kind: purpose.MarketingObjectionRight, DataSubject: p.birgit.ID})(t.Context(), s)
	require.ErrorIs(t, err, rights.ErrRecord)
	st, err := s.ledger.StateAt(t.Context(), p.birgit.ID, clock(), time.Time{})
	require.NoError(t, err)
	assert.Empty(t, st.Objections)
}
