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
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/retention"
)

var update = flag.Bool("update", false, "rewrite testdata")

// runs is the program with arguments.
func runs(t *testing.T, of plan, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, &stdout, &stderr, of)
	return code, stdout.String(), stderr.String()
}

func TestTheDayHoldsNoSurprise(t *testing.T) {
	d, err := live(t.Context(), "", ordinary)
	require.NoError(t, err)
	outcomes := map[string]int{}
	for i, s := range d.Steps {
		assert.Empty(t, s.Surprise, "step %d, %s", i+1, s.What)
		outcomes[s.Outcome]++
	}
	for _, a := range d.Answers {
		assert.Empty(t, a.Surprise, a.What)
		outcomes[a.Result.String()]++
	}
	for _, k := range d.Tonight {
		assert.Empty(t, k.Surprise, k.What)
		outcomes[k.Status.String()]++
	}
	assert.Zero(t, d.Surprises)
	assert.Equal(t, audit.Consistent, d.Verdict)
	for _, o := range []string{permit, partial, deny, "refused", "granted", "referred", "must-erase", "may-keep", "must-keep", "person-decides"} {
		assert.NotZero(t, outcomes[o], "the day shows nothing that is %s", o)
	}
}

func TestOutputIsTheGolden(t *testing.T) {
	code, out, errs := runs(t, ordinary)
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
	code, out, errs := runs(t, ordinary, "--json")
	require.Zero(t, code, errs)
	dec := json.NewDecoder(strings.NewReader(out))
	var got struct {
		Steps []struct {
			What, Outcome, Code string
			Explanation         map[string]any
		}
		Rights, Retention []map[string]any
		Surprises         *int
	}
	require.NoError(t, dec.Decode(&got))
	assert.False(t, dec.More(), "one document")
	require.NotNil(t, got.Surprises)
	assert.Zero(t, *got.Surprises)
	d, err := live(t.Context(), "", ordinary)
	require.NoError(t, err)
	require.Len(t, got.Steps, len(d.Steps))
	require.Len(t, got.Rights, len(d.Answers))
	require.Len(t, got.Retention, len(d.Tonight))
	for i, s := range got.Steps {
		assert.Equal(t, []any{d.Steps[i].What, d.Steps[i].Outcome, string(d.Steps[i].Code)}, []any{s.What, s.Outcome, s.Code})
		assert.NotEmpty(t, s.Explanation["gates"], s.What)
	}
}

// Every expectation bites: none is what the program would print anyway.
func TestAWrongExpectationIsASurprise(t *testing.T) {
	d, err := live(t.Context(), "", plan{
		func(p *people) []step {
			steps := story(p)
			for i := range steps {
				if steps[i].code == policy.CodeRecordNil {
					t.Fatal("the control needs another code")
				}
				steps[i].code = policy.CodeRecordNil
			}
			return steps
		},
		func(p *people) []asked {
			list := requests(p)
			for i := range list {
				list[i].want = rights.Escalated
			}
			return list
		},
		func(p *people) []datum {
			list := onFile(p)
			for i := range list {
				list[i].want = (list[i].want + 1) % (retention.MustKeep + 1)
			}
			return list
		},
	})
	require.NoError(t, err)
	assert.Equal(t, len(d.Steps)+len(d.Answers)+len(d.Tonight), d.Surprises)

	code, out, errs := runs(t, plan{func(p *people) []step {
		steps := story(p)
		steps[3].want = permit
		return steps
	}, requests, onFile})
	assert.Equal(t, 1, code)
	assert.Equal(t, 1, strings.Count(out, "SURPRISE"))
	assert.Contains(t, errs, "1 surprise(s)")
}

func TestAFailureIsNoAnswer(t *testing.T) {
	for name, do := range map[string]call{
		"the step fails": func(context.Context, *policy.Guard, policy.Request) (*policy.Explanation, error) {
			return nil, errors.New("boom")
		},
		"no such view": read[struct{ Salary string }](&Tenant{ID: "tenant-3"}),
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := runs(t, plan{func(*people) []step {
				return []step{{what: "fail", req: by("letting_agent", "df.lease_creation"), do: do, want: deny}}
			}, requests, onFile})
			assert.Equal(t, 1, code)
			assert.Empty(t, out)
			assert.Contains(t, errs, "step 1, fail")
		})
	}
}

func TestArguments(t *testing.T) {
	code, out, errs := runs(t, ordinary, "--help")
	assert.Zero(t, code)
	assert.Contains(t, out, "go run ./examples/housing")
	assert.Empty(t, errs)

	for _, args := range [][]string{{"--no-such-flag"}, {"now"}, {"--trail"}} {
		code, out, errs := runs(t, ordinary, args...)
		assert.Equal(t, 2, code, args)
		assert.Empty(t, out)
		assert.Contains(t, errs, "Usage:")
	}

	code, _, errs = runs(t, ordinary, "--trail", filepath.Join(t.TempDir(), "no", "such", "parent"))
	assert.Equal(t, 1, code)
	assert.Contains(t, errs, "housing:")
}

func TestTheTrailIsKeptOnlyWhereAsked(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	code, _, _ := runs(t, ordinary)
	require.Zero(t, code)
	left, err := os.ReadDir(temp)
	require.NoError(t, err)
	assert.Empty(t, left)

	dir := filepath.Join(t.TempDir(), "trail")
	code, out, errs := runs(t, ordinary, "--trail", dir)
	require.Zero(t, code, errs)
	report, err := filetrail.Verify(dir)
	require.NoError(t, err)
	assert.Equal(t, audit.Consistent, report.Verdict)
	assert.Contains(t, out, fmt.Sprintf("%d events, %s", report.Count, report.Verdict))
}

// secrets are all values in the records of the day, and the names and numbers in the texts.
func secrets(t *testing.T) (values, ids []string) {
	seen := map[string]bool{}
	add := func(list *[]string, s string) {
		if s != "" && !seen[s] {
			seen[s] = true
			*list = append(*list, s)
		}
	}
	var walk func(reflect.Value)
	walk = func(v reflect.Value) {
		if v.Kind() == reflect.Slice {
			for i := range v.Len() {
				walk(v.Index(i))
			}
			return
		}
		if v.Kind() != reflect.Struct || !v.CanInterface() {
			return
		}
		if s, ok := v.Interface().(driver.Valuer); ok {
			if x, err := s.Value(); err == nil && x != nil {
				add(&values, fmt.Sprint(x))
				for _, word := range strings.Fields(fmt.Sprint(x)) {
					if len(word) > 5 && strings.ContainsAny(word, "0123456789@ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
						add(&values, word)
					}
				}
			}
			return
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.Tag.Get("subject") == "id" {
				add(&ids, v.Field(i).String())
			} else {
				walk(v.Field(i))
			}
		}
	}
	p := newPeople()
	for _, r := range []any{p.maja, p.former, p.interested, p.listed, p.newcomer, p.mail, p.job, p.sublet, p.registered, p.noisy, p.burglar, p.stranger, p.cleaning, p.sick} {
		walk(reflect.ValueOf(r))
	}
	for _, e := range p.entries {
		walk(reflect.ValueOf(e.LogEntry))
	}
	require.Greater(t, len(values), 40)
	require.Greater(t, len(ids), 10)
	return values, ids
}

func found(text string, secrets []string) (list []string) {
	for _, s := range secrets {
		word := regexp.QuoteMeta(s)
		if len(s) < 6 { // digests hold any four digits
			word = `(^|[^0-9A-Za-z])` + word + `($|[^0-9A-Za-z])`
		}
		if regexp.MustCompile(word).MatchString(text) {
			list = append(list, s)
		}
	}
	return list
}

func TestNoPersonalValueComesOut(t *testing.T) {
	values, ids := secrets(t)
	dir := filepath.Join(t.TempDir(), "trail")
	_, told, errs := runs(t, ordinary, "--trail", dir)
	_, doc, _ := runs(t, ordinary, "--json")
	names, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	var lines []byte
	for _, n := range names {
		b, err := os.ReadFile(n)
		require.NoError(t, err)
		lines = append(lines, b...)
	}
	require.NotEmpty(t, told)
	require.NotEmpty(t, doc)
	for place, out := range map[string]string{"text": told, "json": doc, "errors": errs, "trail": string(lines)} {
		assert.Empty(t, found(out, values), place)
	}
	assert.Empty(t, found(told+string(lines), ids), "pseudonyms stand in")

	// The search finds what is there: a released view.
	s, p := opened(t)
	view, err := policy.Read[MailingView](t.Context(), s.guard, by("letting_agent", "df.mailing_list"), &p.listed)
	require.NoError(t, err)
	assert.NotEmpty(t, found(fmt.Sprint(view), values))
	assert.NotEmpty(t, found("tenant-3", ids))
	assert.NotEmpty(t, found(`"PostalCode":"1401"`, values), "a short value too")
	assert.Empty(t, found(fmt.Sprintf("%+v", p.listed.Name), values), "a sealed value prints as nothing")
}

// opened is a service on the morning of the day.
func opened(t *testing.T) (*service, *people) {
	t.Helper()
	now := minute(0)
	clock := func() time.Time { return now }
	s, err := newService(audittest.NewRecorder(clock), clock)
	require.NoError(t, err)
	p := newPeople()
	require.NoError(t, s.ledger.Record(t.Context(), p.past()...))
	now = minute(1)
	return s, p
}

// What is cut to the approved window stays in the log: the search reads two of the four entries.
func TestSearchReadsTheApprovedHoursAlone(t *testing.T) {
	now := minute(0)
	clock := func() time.Time { return now }
	trail := audittest.NewRecorder(clock)
	s, err := newService(trail, clock)
	require.NoError(t, err)
	p := newPeople()
	require.NoError(t, s.ledger.Record(t.Context(), p.past()...))
	now = minute(1)
	facts := append(window(on(2024, 3, 1, 0), on(2024, 4, 15, 0)), text("incident.ref", "I-7"), text("incident.kind", "burglary"))
	e, err := search(p.entries)(t.Context(), s.guard, dated(by("security_officer", "df.key_log_investigation", facts...), p.entries[1].at))
	require.NoError(t, err)
	assert.Contains(t, e.Obligations, cutToWindow)
	reads := 0
	for _, x := range trail.Events() {
		if x.Name == audit.AccessRead {
			reads++
		}
	}
	assert.Equal(t, 2, reads)
}

// An objection reaches the next decision.
func TestAnObjectionIsSeenAtOnce(t *testing.T) {
	s, p := opened(t)
	control := by("property_manager", "df.residency_control", text("address_of", "own"))
	_, err := policy.Read[RegisterView](t.Context(), s.guard, control, &p.registered)
	require.NoError(t, err)
	require.NoError(t, s.ledger.Record(t.Context(), basis.Event{DataSubject: p.registered.ID, Body: basis.ObjectionRaised{Ground: basis.OwnSituation}}))
	_, err = policy.Read[RegisterView](t.Context(), s.guard, control, &p.registered)
	assert.ErrorIs(t, err, policy.ErrDenied)
}
