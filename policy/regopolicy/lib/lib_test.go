// Package lib holds the Rego library; these tests run it.
package lib

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/format"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/regopolicy/internal/steady"
)

// modules of the library, with its tests or without.
func modules(t *testing.T, tests bool) map[string]*ast.Module {
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	all := map[string]*ast.Module{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".rego") || !tests && strings.HasSuffix(e.Name(), "_test.rego") {
			continue
		}
		text, err := os.ReadFile(e.Name())
		require.NoError(t, err)
		all[e.Name()], err = ast.ParseModuleWithOpts(e.Name(), string(text), ast.ParserOptions{ProcessAnnotation: true, RegoVersion: ast.RegoV1})
		require.NoError(t, err)
	}
	require.NotEmpty(t, all)
	return all
}

// capabilities are no more than what rules may call.
func capabilities() *ast.Capabilities {
	caps := ast.CapabilitiesForThisVersion()
	caps.Builtins = slices.DeleteFunc(caps.Builtins, func(b *ast.Builtin) bool {
		return b.Name != "internal.test_case" && !slices.Contains(steady.Builtins(), b.Name)
	})
	return caps
}

func compiler() *ast.Compiler {
	return ast.NewCompiler().WithStrict(true).WithCapabilities(capabilities()).WithUseTypeCheckAnnotations(true)
}

// names of what the library offers.
func names(t *testing.T) (all []string) {
	for _, m := range modules(t, false) {
		for _, r := range m.Rules {
			if name := string(r.Head.Name); !strings.HasPrefix(name, "_") && !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	slices.Sort(all)
	return all
}

// TestLibrary runs the library's own tests, which cover all of it.
func TestLibrary(t *testing.T) {
	covered := cover.New()
	store := inmem.New()
	txn, err := store.NewTransaction(t.Context())
	require.NoError(t, err)
	defer store.Abort(t.Context(), txn)
	results, err := tester.NewRunner().SetCompiler(compiler()).SetModules(modules(t, true)).SetStore(store).
		SetCoverageQueryTracer(covered).RaiseBuiltinErrors(true).RunTests(t.Context(), txn)
	require.NoError(t, err)
	ran := []string{}
	for r := range results {
		assert.True(t, r.Pass(), "%s: %v", r.Name, r.Error)
		ran = append(ran, r.Name)
	}
	for _, name := range names(t) {
		about := slices.DeleteFunc(slices.Clone(ran), func(s string) bool { return !strings.HasPrefix(s, "test_"+name) })
		if strings.HasPrefix(name, "mask_") || name == "workdays" {
			continue // constants
		}
		assert.NotEmpty(t, about, "%s has tests", name)
		assert.True(t, slices.ContainsFunc(about, func(s string) bool { return strings.Contains(s, "_without_") }), "%s has tests of absence", name)
	}
	report := covered.Report(modules(t, false))
	for file, f := range report.Files {
		assert.Empty(t, f.NotCovered, file)
		assert.NotEmpty(t, f.Covered, file)
	}
}

// TestTheLibraryIsFormatted as "opa fmt" writes it.
func TestTheLibraryIsFormatted(t *testing.T) {
	for name := range modules(t, true) {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		formatted, err := format.SourceWithOpts(name, text, format.Opts{RegoVersion: ast.RegoV1})
		require.NoError(t, err)
		assert.Equal(t, string(formatted), string(text), name)
	}
}

// TestMasksAreKnown: the constants are masks of the guard, all of them.
func TestMasksAreKnown(t *testing.T) {
	found := map[policy.Mask]bool{}
	for _, m := range modules(t, false) {
		for _, r := range m.Rules {
			if strings.HasPrefix(string(r.Head.Name), "mask_") {
				text, ok := r.Head.Value.Value.(ast.String)
				require.True(t, ok)
				var mask policy.Mask
				require.NoError(t, mask.UnmarshalText([]byte(text)))
				assert.Equal(t, "mask_"+strings.ReplaceAll(string(text), "-", "_"), string(r.Head.Name))
				found[mask] = true
			}
		}
	}
	for m := policy.Mask(0); m == 0 || m.String() != policy.Remove.String(); m++ {
		assert.True(t, found[m], m)
	}
}

// uses spells a use of everything in the library, with arguments that are always stated.
var uses = map[string]string{
	"between":            `lib.between("2026-01-01T00:00:00Z", input.time.at)`,
	"four_eyes":          `lib.four_eyes`,
	"has_any_role":       `lib.has_any_role({"a", "b"})`,
	"has_any_task":       `lib.has_any_task(data.tasks)`,
	"has_role":           `lib.has_role("a")`,
	"has_task":           `lib.has_task("a")`,
	"incident_access":    `lib.incident_access(incident)`,
	"incident_reaches":   `lib.incident_reaches(incident, "A.x")`,
	"mask_initials":      `lib.mask_initials == "initials"`,
	"mask_last_four":     `lib.mask_last_four == "last-four"`,
	"mask_remove":        `lib.mask_remove == "remove"`,
	"mask_year":          `lib.mask_year == "year"`,
	"needs_field":        `lib.needs_field(data.needs, "A.x")`,
	"needs_to_know":      `lib.needs_to_know("a", "b", "c")`,
	"of_class":           `lib.of_class("A.x", "special")`,
	"shared_into":        `lib.shared_into({"DK"})`,
	"shared_with":        `lib.shared_with("bank")`,
	"shared_with_kind":   `lib.shared_with_kind("processor")`,
	"shared_with_listed": `lib.shared_with_listed(data.lists)`,
	"since":              `lib.since("2026-01-01T00:00:00Z", time.parse_duration_ns("8h"))`,
	"stays_inside":       `lib.stays_inside`,
	"within":             `lib.within("A.x", "contact")`,
	"within_any":         `lib.within_any("A.x", ["contact"])`,
	"workdays":           `input.time.weekday in lib.workdays`,
	"working_hours":      `lib.working_hours(lib.workdays, [8, 30], [17, 0])`,
}

const base = `{
	"tasks": ["a"], "lists": {"p": ["bank"], "q": []},
	"needs": [{"purpose": "p", "role": "a", "category": "c"}, {"purpose": "p", "role": "a", "category": "c", "task": "t"}]
}`

// problems of a policy that uses the library.
func problems(t *testing.T, rule string) []steady.Problem {
	all := modules(t, false)
	m, err := ast.ParseModuleWithOpts("a.rego", "package purposebound\n\nimport rego.v2\nimport data.purposebound.lib\n\n"+rule+`

incident := {"id": "i", "from": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z", "categories": ["c"]}
`, ast.ParserOptions{RegoVersion: ast.RegoV1})
	require.NoError(t, err)
	all["a.rego"] = m
	c := compiler()
	c.Compile(all)
	require.False(t, c.Failed(), "%v", c.Errors)
	v, err := ast.ValueFromReader(strings.NewReader(base))
	require.NoError(t, err)
	return steady.Check(c, steady.Spec{
		Entrypoints: map[string]steady.Direction{"data.purposebound.permit": steady.Shrinks, "data.purposebound.deny": steady.Grows},
		Facts:       map[string]steady.Kind{"case-id": steady.Text, "opened": steady.Instant},
		Data:        v.(ast.Object),
	})
}

// TestEverythingIsSteadyWhereItSaysSo: what is always stated may stand anywhere; what may be left out is asked plainly to
// permit and under not to deny, and nowhere else.
func TestEverythingIsSteadyWhereItSaysSo(t *testing.T) {
	stated := map[string]string{}
	for _, m := range modules(t, false) {
		for _, a := range m.Annotations {
			if target, ok := a.GetTargetPath(), a.Scope == "document"; ok {
				assert.NotEmpty(t, a.Title, target)
				s, _ := a.Custom["stated"].(string)
				stated[strings.Trim(target[len(target)-1].String(), `"`)] = s
			}
		}
	}
	for _, name := range names(t) {
		use := uses[name]
		require.NotEmpty(t, use, "%s is not among the uses", name)
		always := stated[name] == "always"
		require.True(t, always || stated[name] == "optional", "%s says what it asks for", name)
		for form, anywhere := range map[string]bool{
			`permit contains {"rule": "r", "category": "*"} if %s`:                  true,
			`deny contains {"rule": "r", "category": "*"} if not %s`:                true,
			`permit contains {"rule": "r", "category": "*"} if not %s`:              always,
			`deny contains {"rule": "r", "category": "*"} if %s`:                    always,
			`permit contains {"rule": "r", "category": "*"} if count([1 | %s]) > 0`: always,
		} {
			found := problems(t, fmt.Sprintf(form, use))
			assert.Equal(t, anywhere, len(found) == 0, "%s in %s: %v", name, form, found)
		}
	}
	assert.Len(t, uses, len(names(t)))
}

// TestArgumentsThatMayBeLeftOutCountWhereTheyAreWritten: a fact as an argument is asked where the call stands.
func TestArgumentsThatMayBeLeftOutCountWhereTheyAreWritten(t *testing.T) {
	const since = `lib.since(input.facts.opened, time.parse_duration_ns("8h"))`
	assert.Empty(t, problems(t, `permit contains {"rule": "r", "category": "*"} if `+since))
	assert.Empty(t, problems(t, `deny contains {"rule": "r", "category": "*"} if not `+since))
	assert.NotEmpty(t, problems(t, `permit contains {"rule": "r", "category": "*"} if not `+since))
	assert.NotEmpty(t, problems(t, `deny contains {"rule": "r", "category": "*"} if `+since))

	found := problems(t, `permit contains {"rule": "r", "category": "*"} if lib.since(input.facts["case-id"], 5)`)
	require.NotEmpty(t, found, "a text that is no instant")
	assert.Contains(t, found[0].Message, "used at a.rego:6")
}
