package rights_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
)

var update = flag.Bool("update", false, "rewrite generated files")

// declared are the codes of code.go by their names.
func declared(t *testing.T) map[string]rights.Code {
	f, err := parser.ParseFile(token.NewFileSet(), "code.go", nil, 0)
	require.NoError(t, err)
	list := map[string]rights.Code{}
	ast.Inspect(f, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok {
			if id, ok := v.Type.(*ast.Ident); ok && id.Name == "Code" && len(v.Values) == 1 {
				s, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
				require.NoError(t, err)
				list[v.Names[0].Name] = rights.Code(s)
			}
		}
		return true
	})
	return list
}

func TestEveryCodeHasATextAndIsGivenSomewhere(t *testing.T) {
	codes := declared(t)
	require.Greater(t, len(codes), 40)
	assert.Len(t, rights.Codes(), len(codes))
	var source strings.Builder
	require.NoError(t, fs.WalkDir(os.DirFS("."), ".", func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") && !strings.Contains(path, "/") && !strings.HasSuffix(path, "_test.go") && !strings.HasPrefix(path, "code") {
			text, err := os.ReadFile(path)
			source.Write(text)
			return err
		}
		return err
	}))
	for name, c := range codes {
		assert.NotEmpty(t, c.Text(), name)
		assert.Regexp(t, `^right\.[a-z]+(-[a-z]+)*$`, string(c))
		assert.Regexp(t, `\b`+name+`\b`, source.String(), "nothing gives the code")
		e := audit.Event{Name: audit.RightsAccess, Outcome: audit.Denied, Reason: string(c), DataSubjectRefs: []string{audit.DataSubject.Alias([16]byte{})}}
		assert.NoError(t, e.Validate(), "the trail takes it")
	}
	assert.Empty(t, rights.Code("right.identity-mising").Text(), "the control")
	assert.NotRegexp(t, `\bCodeNobodyGives\b`, source.String(), "the control")
}

func TestReasonPageIsCurrent(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Reason codes of rights\n\nGenerated from code_table.go by `go test ./policy/rights -run ReasonPage -update`. The list is closed: codes are added, never renamed.\n\n| code | meaning |\n|---|---|\n")
	for _, c := range rights.Codes() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", c, strings.ReplaceAll(c.Text(), "%s", "…"))
	}
	if *update {
		require.NoError(t, os.WriteFile("reasons.md", []byte(b.String()), 0o644))
	}
	page, err := os.ReadFile("reasons.md")
	require.NoError(t, err)
	require.True(t, b.String() == string(page), "reasons.md is stale: run this test with -update")
}

type named interface {
	comparable
	String() string
	MarshalText() ([]byte, error)
}

func check[T interface {
	~uint8
	named
}](t *testing.T, n int, read func(*T, []byte) error) {
	t.Helper()
	seen := map[string]bool{}
	for i := range n {
		v := T(i)
		text, err := v.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, v.String(), string(text))
		assert.False(t, seen[string(text)])
		seen[string(text)] = true
		var back T
		require.NoError(t, read(&back, text))
		assert.Equal(t, v, back)
	}
	_, err := T(n).MarshalText()
	assert.ErrorIs(t, err, rights.ErrRequest)
	assert.Empty(t, T(n).String())
	var back T
	assert.ErrorIs(t, read(&back, []byte("no such name")), rights.ErrRequest)
	assert.Zero(t, back)
}

func TestNames(t *testing.T) {
	check(t, int(rights.Proven)+1, (*rights.Identity).UnmarshalText)
	check(t, int(rights.Inferred)+1, (*rights.Origin).UnmarshalText)
	check(t, int(rights.OwnSituation)+1, (*rights.Ground).UnmarshalText)
	check(t, int(rights.Excessive)+1, (*rights.Finds).UnmarshalText)
	check(t, int(rights.Granted)+1, (*rights.Result).UnmarshalText)
	for p := rights.Open; p <= rights.Overdue; p++ {
		assert.NotEmpty(t, p.String())
	}
}

// The zero values are the safe ones.
func TestZeroValues(t *testing.T) {
	var o rights.Outcome
	assert.Equal(t, rights.Refused, o.Result)
	assert.Equal(t, rights.Refused, rights.Item{}.Result)
	assert.Equal(t, "unknown", rights.Request{}.Identity.String())
	assert.Empty(t, o.Of(rights.Granted))
	assert.Empty(t, o.Changed())
}

// An outcome is plain JSON for a letter to the person; what must not be told is not in it.
func TestAnOutcomeAsJSON(t *testing.T) {
	w := newWorld(t)
	formerly(w)
	o := w.ask("2024-04-15", rights.Request{Kind: purpose.ErasureRight, Holdings: append(held("aml.record", "finance.income"), rights.Holding{Category: "aml.suspicion", Dataset: "own", Withheld: "dk.hvl"})})
	text, err := json.MarshalIndent(o.Told(), "", " ")
	require.NoError(t, err)
	for _, want := range []string{`"result": "partial"`, `"right.legal-obligation"`, `"LastDay": "2027-12-31"`, `"due": "2024-05-15"`, `"authority": "Datatilsynet"`} {
		assert.Contains(t, string(text), want)
	}
	assert.NotContains(t, string(text), "suspicion")
	whole, err := json.Marshal(o)
	require.NoError(t, err)
	assert.Regexp(t, regexp.MustCompile("suspicion"), string(whole), "the control")
}
