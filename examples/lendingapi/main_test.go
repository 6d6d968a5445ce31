package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// runs is the program with arguments.
func runs(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	t.Setenv("LENDINGAPI_POSTGRES", "")
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func TestTheDemonstrationHoldsNoSurprise(t *testing.T) {
	onEach(t, func(t *testing.T, set settings) {
		code, out, errs := runs(t, "-postgres", set.postgres)
		require.Zero(t, code, errs)
		assert.Contains(t, out, "\n0 surprises\n")
		assert.NotContains(t, out, "SURPRISE")
		for _, said := range []string{"200 name, income, credit", "not cpr: basis.law-unnamed", "403 policy.not-permitted", "200 delivered", "502 release.delivery-failed", "403 basis.consent-withdrawn",
			"The service restarts", "5 releases that clients saw, 0 of them not in the trail"} {
			assert.Contains(t, out, said)
		}
		assert.Empty(t, found(out, values(t)))
	})
}

// Every expectation of the story bites.
func TestAWrongExpectationIsASurprise(t *testing.T) {
	b, err := newBureau()
	require.NoError(t, err)
	defer b.Close()
	first, _ := story(b)
	for i := range first {
		first[i].says += " not"
	}
	var out bytes.Buffer
	told := &tale{out: &out}
	require.NoError(t, told.day(t.Context(), settings{dir: t.TempDir(), bureau: b.url}, first))
	assert.Equal(t, len(first), told.surprises)
	assert.Equal(t, len(first), strings.Count(out.String(), "SURPRISE"))

	told = &tale{out: &out, granted: []string{"0123456789abcdef0123456789abcdef"}}
	dir := t.TempDir()
	require.NoError(t, told.day(t.Context(), settings{dir: dir, bureau: b.url}, nil))
	require.Error(t, told.end(t.Context(), &settings{dir: dir}), "a release that the trail does not know")
	assert.Zero(t, told.surprises)
}

func TestArguments(t *testing.T) {
	code, out, errs := runs(t, "-help")
	assert.Zero(t, code)
	assert.Contains(t, out, "go run ./examples/lendingapi")
	assert.Empty(t, errs)
	for _, args := range [][]string{{"-no-such-flag"}, {"now"}, {"-serve"}} {
		code, out, errs := runs(t, args...)
		assert.Equal(t, 2, code, args)
		assert.Empty(t, out)
		assert.Contains(t, errs, "Usage:")
	}
	for name, tc := range map[string]struct {
		args []string
		says string
	}{
		"no address":                {[]string{"-serve", "nowhere"}, "is no address"},
		"an address of everybody":   {[]string{"-serve", ":0"}, "not an address of this machine alone"},
		"and for operations":        {[]string{"-serve", "127.0.0.1:0", "-operations", "0.0.0.0:0"}, "not an address of this machine alone"},
		"no directory":              {[]string{"-dir", os.DevNull}, "begins with a new directory"},
		"a directory in use":        {[]string{"-dir", "."}, "begins with a new directory"},
		"a bureau that is none":     {[]string{"-serve", "127.0.0.1:0", "-bureau", "secret"}, "credit_bureau is no plain URL"},
		"a database that is none":   {[]string{"-postgres", "postgres://secret:secret@127.0.0.1:1/none?connect_timeout=1"}, "does not answer"},
		"a URL that does not parse": {[]string{"-postgres", "postgres://secret:%zz@127.0.0.1/none"}, "does not parse"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := runs(t, tc.args...)
			assert.Equal(t, 1, code)
			assert.Empty(t, out)
			assert.Contains(t, errs, tc.says)
			assert.NotContains(t, errs, "secret")
		})
	}
}

func TestWhatIsKeptIsKeptWhereAsked(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	code, _, errs := runs(t)
	require.Zero(t, code, errs)
	left, err := os.ReadDir(temp)
	require.NoError(t, err)
	assert.Empty(t, left)

	dir := filepath.Join(t.TempDir(), "kept")
	code, _, errs = runs(t, "-dir", dir)
	require.Zero(t, code, errs)
	clean(t, dir)
}

func TestServingEndsWhenTold(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &buffer{}
	ended := make(chan error, 1)
	dir := t.TempDir()
	go func() { ended <- serve(ctx, out, "127.0.0.1:0", "127.0.0.1:0", settings{dir: dir}) }()
	require.Eventually(t, func() bool { return strings.Count(out.String(), "\n") == 2 }, patient, tick)
	cancel()
	require.NoError(t, <-ended)
	clean(t, dir)
}
