package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The test binary is the tool that go vet calls.
func TestMain(m *testing.M) {
	if asked(os.Args[1:]) {
		main()
		return
	}
	os.Exit(m.Run())
}

// seeded is a module of its own, as a user's is, and the folder to run in.
func seeded(t *testing.T) string {
	root, err := filepath.Abs("../../../..")
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("testdata/seeded")))
	file := func(name string) string {
		b, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		return string(b)
	}
	const own = "github.com/purposebound/purposebound"
	mod := strings.Replace(file("go.mod"), "module "+own, "module example.com/seeded\n\nrequire "+own+" v0.0.0\n\nreplace "+own+" => "+root, 1)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), []byte(file("go.sum")), 0o600))
	t.Chdir(dir)
	t.Setenv("GOFLAGS", "-mod=mod")
	return dir
}

// seeds are the violations that the module's comments name: "desk/desk.go:20 read".
func seeds(t *testing.T, dir string) (list []string) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.go"))
	require.NoError(t, err)
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		for i, line := range strings.Split(string(b), "\n") {
			for _, part := range strings.Split(line, "// seeded: ")[1:] {
				name, err := filepath.Rel(dir, f)
				require.NoError(t, err)
				list = append(list, name+":"+strconv.Itoa(i+1)+" "+strings.TrimSpace(part))
			}
		}
	}
	slices.Sort(list)
	return list
}

var line = regexp.MustCompile(`(?m)^(?:vet: )?(?:\./)?(\S+\.go:\d+):\d+: (\w+): `)

// reported are the findings in an output, in the form of seeds.
func reported(out string) (list []string) {
	for _, m := range line.FindAllStringSubmatch(out, -1) {
		list = append(list, m[1]+" "+m[2])
	}
	slices.Sort(list)
	return list
}

func tool(args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = run(args, &o, &e)
	return code, o.String(), e.String()
}

// wanted is the number of violations in testdata/seeded: one more or less there is on purpose.
const wanted = 30

func TestEverySeededViolationIsFoundAndNothingElse(t *testing.T) {
	dir := seeded(t)
	want := seeds(t, dir)
	require.Len(t, want, wanted)

	code, out, errs := tool("-register", "register.yaml", "./...")
	assert.Equal(t, 1, code, errs)
	assert.Equal(t, want, reported(out))
	assert.Contains(t, out, "purposevet: "+strconv.Itoa(wanted)+" findings, 1 declarations")
	assert.Contains(t, out, "store/store.go:1:1: declared stores for package store (3 covered): the repository of borrowers")

	self, err := os.Executable()
	require.NoError(t, err)
	vet := exec.Command("go", "vet", "-vettool="+self, "-register="+filepath.Join(dir, "register.yaml"), "./...")
	b, err := vet.CombinedOutput()
	require.Error(t, err)
	assert.Equal(t, want, reported(string(b)), "by go vet itself")
}

func TestAChangedRegisterIsSeenAndAMissingOneStops(t *testing.T) {
	seeded(t)
	count := func() int {
		_, out, _ := tool("-register=register.yaml", "./domain")
		return len(reported(out))
	}
	before := count()
	b, err := os.ReadFile("register.yaml")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile("register.yaml", bytes.Replace(b, []byte("{key: contact.name}"), []byte("{key: contact.name}\n  - {key: contact.nick}"), 1), 0o600))
	assert.Equal(t, before-1, count())

	require.NoError(t, os.WriteFile("register.yaml", append(b, "nonsense: 1\n"...), 0o600))
	code, out, errs := tool("-register=register.yaml", "./domain")
	assert.NotZero(t, code)
	assert.Contains(t, out+errs, "nonsense")

	code, out, errs = tool("-register=none.yaml", "./domain")
	assert.Equal(t, 2, code)
	assert.Contains(t, errs, "none.yaml")
	assert.Empty(t, out)
	code, _, errs = tool("-register")
	assert.Equal(t, 2, code)
	assert.Contains(t, errs, "-register needs a path")
}

func TestWhatDoesNotCompileIsNoSuccess(t *testing.T) {
	seeded(t)
	require.NoError(t, os.WriteFile("server/broken.go", []byte("package server\n\nvar x int = \"\"\n"), 0o600))
	code, _, errs := tool("./server")
	assert.NotZero(t, code)
	assert.Contains(t, errs, "broken.go:3")
	code, _, _ = tool("./nowhere")
	assert.NotZero(t, code)
}

func TestFixesAreApplied(t *testing.T) {
	seeded(t)
	code, out, errs := tool("-fix", "./domain")
	require.Zero(t, code, out+errs)
	b, err := os.ReadFile("domain/domain.go")
	require.NoError(t, err)
	assert.Regexp(t, "`personal:\"contact.name\"` +// seeded: tag", string(b))
	assert.NotContains(t, string(b), "persnal")
}

func TestAModuleWithoutFindingsPasses(t *testing.T) {
	seeded(t)
	for _, name := range []string{"desk", "letters", "server", "store", "domain"} {
		require.NoError(t, os.RemoveAll(name))
	}
	require.NoError(t, os.WriteFile("main.go", []byte("package main\n\nfunc main() {}\n"), 0o600))
	code, out, errs := tool("./...")
	assert.Zero(t, code, errs)
	assert.Equal(t, "purposevet: 0 findings, 0 declarations\n", out)
}
