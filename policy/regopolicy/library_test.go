package regopolicy

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
)

const usesLibrary = `import data.purposebound.lib

permit contains {"rule": "billing", "field": n} if {
	some n, _ in input.fields
	lib.within(n, "contact")
	lib.has_role("billing")
	lib.working_hours(lib.workdays, [8, 0], [17, 0])
}

redact contains {"rule": "masked", "category": "contact", "mask": lib.mask_last_four} if not lib.has_role("officer")
`

// TestPoliciesUseTheLibrary without having its files.
func TestPoliciesUseTheLibrary(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	p := mustLoad(t, reg, usesLibrary)
	v := decide(t, p, ask(t, pl))
	assert.ElementsMatch(t, []string{"name", "mail"}, pathsOf(pl, v.Permit))
	require.Len(t, v.Redactions, 1)
	assert.Equal(t, policy.LastFour, v.Redactions[0].Mask)
	v = decide(t, p, ask(t, pl, func(in *policy.Input) { in.Request.At = now.AddDate(0, 0, -1) }))
	assert.True(t, v.Permit.Empty(), "control: a Sunday")
	for _, r := range p.Rules() {
		assert.False(t, inLibrary(r.File), "the library decides nothing")
	}
}

// TestMistakesInCallsAreThoseOfThePolicy: the library is never at fault.
func TestMistakesInCallsAreThoseOfThePolicy(t *testing.T) {
	reg := register(t)
	for text, want := range map[string]string{
		`lib.within(n, "contacts")`: `policy0.rego:12:16: "contacts" is not among the categories`,
		`not lib.has_role("x")`:     "policy0.rego:12:",
		`lib.no_such("x")`:          "policy0.rego:12:",
		`lib.within(n)`:             "policy0.rego:12:",
	} {
		list := problemsOf(t, reg, files("import data.purposebound.lib\n\n"+one+"\npermit contains {\"rule\": \"a\", \"field\": n} if {\n\tsome n, _ in input.fields\n\t"+text+"\n}\n"))
		require.NotEmpty(t, list, text)
		for _, x := range list {
			assert.True(t, strings.HasPrefix(x, "policy0.rego:"), x)
		}
		assert.Contains(t, strings.Join(list, "\n"), want)
	}
}

// TestCopiesOfTheLibraryLieBesidePolicies for the tools of OPA, unchanged.
func TestCopiesOfTheLibraryLieBesidePolicies(t *testing.T) {
	reg := register(t)
	all := files(usesLibrary)
	copied := 0
	require.NoError(t, fs.WalkDir(Library(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(Library(), name)
		all["lib/"+name] = &fstest.MapFile{Data: text}
		copied++
		return err
	}))
	require.Positive(t, copied)
	require.Empty(t, problemsOf(t, reg, all))
	with, err := Load(reg, "test", all)
	require.NoError(t, err)
	assert.Equal(t, mustLoad(t, reg, usesLibrary).Digest(), with.Digest(), "a copy changes nothing")
	for name, f := range all {
		if strings.HasPrefix(name, "lib/") {
			f.Data = append(f.Data, "\n# changed\n"...)
			break
		}
	}
	assert.Contains(t, strings.Join(problemsOf(t, reg, all), "\n"), "is shipped with the engine", "control: one that differs is another library")
}

// TestTheLibraryIsWhole: every module in the folder is shipped, and no test of it, which speaks of facts of no register.
func TestTheLibraryIsWhole(t *testing.T) {
	there, err := fs.Glob(os.DirFS("lib"), "*.rego")
	require.NoError(t, err)
	there = slices.DeleteFunc(there, func(name string) bool { return strings.HasSuffix(name, "_test.rego") })
	shipped, err := fs.Glob(Library(), "*")
	require.NoError(t, err)
	assert.Equal(t, there, shipped)
}

// TestTheLibraryMakesNoProblems by itself.
func TestTheLibraryMakesNoProblems(t *testing.T) {
	var problems Problems
	for _, m := range parse(libraryModules(), capabilities(nil), &problems) {
		importsV2(m, &problems)
		assert.True(t, m.Package.Path.HasPrefix(libPackage))
	}
	assert.Empty(t, problems)
}
