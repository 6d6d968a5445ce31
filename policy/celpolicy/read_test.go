package celpolicy

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

func file(text string) fs.FS { return fstest.MapFS{"rules.yaml": {Data: []byte(text)}} }

// places lists "line:column code" of an error.
func places(t testing.TB, err error) []string {
	t.Helper()
	var problems Problems
	require.ErrorAs(t, err, &problems)
	require.ErrorIs(t, err, ErrInvalid)
	list := make([]string, len(problems))
	for i, p := range problems {
		list[i] = fmt.Sprintf("%d:%d %s", p.Line, p.Column, p.Code)
	}
	return list
}

func TestAFileSaysWhatTheSameRulesInGoSay(t *testing.T) {
	reg := register(t)
	loaded, err := Load(reg, "need-to-know", file(`# who needs to know
rules:
  - id: billing-reads
    effect: permit
    actions: [read, use]
    roles: [billing, "clerk"]
    tasks: [case-1]
    purposes: [invoicing]
    categories:
      - contact
      - finance.iban
    when: facts.case_open && hour >= 8
  - id: mask
    effect: redact
    except_roles: [dpo]
    recipients: [bureau]
    mask: last-four
  - {id: tell, effect: oblige, obligations: [notify]}
  - effect: deny
    id: none
    when: |
      !facts.case_open
`))
	require.NoError(t, err)
	written, err := New(reg, "need-to-know",
		Rule{ID: "billing-reads", Effect: policy.EffectPermit, Actions: []purpose.Action{purpose.Read, purpose.Use}, Roles: []string{"billing", "clerk"}, Tasks: []string{"case-1"},
			Purposes: []string{"invoicing"}, Categories: []string{"contact", "finance.iban"}, When: `facts.case_open && hour >= 8`},
		Rule{ID: "mask", Effect: policy.EffectRedact, ExceptRoles: []string{"dpo"}, Recipients: []string{"bureau"}, Mask: policy.LastFour},
		Rule{ID: "tell", Effect: policy.EffectOblige, Obligations: []string{"notify"}},
		Rule{ID: "none", Effect: policy.EffectDeny, When: `!facts.case_open`},
	)
	require.NoError(t, err)
	assert.Equal(t, written.Digest(), loaded.Digest())
	assert.Equal(t, "need-to-know", loaded.Name())
	for i, line := range map[string]int{"billing-reads": 3, "mask": 13, "tell": 18, "none": 19} {
		for _, r := range loaded.rules {
			if r.id == i {
				assert.Equal(t, line, r.line)
				assert.Equal(t, "rules.yaml", r.file)
			}
		}
	}
}

// TestProblemsHaveTheirPlace: all at once, each with line and column.
func TestProblemsHaveTheirPlace(t *testing.T) {
	reg := register(t)
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"several at once", `rules:
  - id: a
    effect: permitt
    purposes: [invocing, credit, kredit]
    categories: [contact, contat]
    recipients: [bureau, burau]
    actions: [read, raed]
  - id: a
    effect: deny
    roles: [clerk]
    tasks: [case-1]
    when: facts.lone && x
  - id: Not A Key
    effect: permit
    except_roles: [x]
    colour: red
`, []string{"3:13 rule.effect", "4:16 ref.unknown", "4:34 ref.unknown", "5:27 ref.unknown", "6:26 ref.unknown", "7:21 value.invalid",
			"8:9 rule.duplicate", "10:12 rule.selector", "11:12 rule.selector", "12:11 when.fact", "13:9 rule.id", "15:19 rule.selector", "16:5 file.key"}},
		{"missing keys", "rules:\n  - roles: [x]\n  - id: b\n", []string{"2:5 rule.id", "2:5 rule.effect", "3:5 rule.effect"}},
		{"masks", "rules:\n - {id: a, effect: redact, mask: blur}\n - {id: b, effect: deny, mask: remove}\n - {id: c, effect: redact, mask: [year]}\n",
			[]string{"2:34 rule.mask", "3:32 rule.mask", "4:34 file.shape"}},
		{"obligations", "rules:\n - {id: a, effect: oblige}\n - {id: b, effect: deny, obligations: [x]}\n - {id: c, effect: oblige, obligations: [A B]}\n",
			[]string{"2:4 rule.obligations", "3:39 rule.obligations", "4:42 value.invalid"}},
		{"duplicate keys", "rules:\n - id: a\n   effect: permit\n   roles: [x]\n   roles: [y]\n", []string{"5:4 file.duplicate"}},
		{"duplicate top", "rules:\n - {id: a, effect: permit}\nrules: []\n", []string{"3:1 file.duplicate"}},
		{"duplicate entries", "rules:\n - {id: a, effect: permit, roles: [x, x], actions: [read, read], purposes: [credit, credit], recipients: [bureau, bureau]}\n",
			[]string{"2:39 list.duplicate", "2:59 list.duplicate", "2:85 list.duplicate", "2:115 list.duplicate"}},
		{"empty lists", "rules:\n - {id: a, effect: permit, roles: [], purposes: []}\n", []string{"2:35 list.empty", "2:49 list.empty"}},
		{"empty texts", "rules:\n - {id: \"\", effect: permit, when: \"  \", roles: [\"\"]}\n", []string{"2:9 file.shape", "2:35 file.shape", "2:49 value.invalid"}},
		{"nulls", "rules:\n - id: a\n   effect: permit\n   when:\n   roles: ~\n", []string{"4:9 file.shape", "5:11 file.shape"}},
		{"not texts", "rules:\n - {id: 7, effect: true, roles: [1, 2.5, 2026-01-01, yes], when: true}\n", []string{"2:9 file.shape", "2:20 file.shape", "2:34 file.shape", "2:37 file.shape", "2:42 file.shape", "2:66 file.shape"}},
		{"not lists", "rules:\n - {id: a, effect: permit, roles: billing, purposes: {credit: x}}\n", []string{"2:35 file.shape", "2:54 file.shape"}},
		{"no rules", "rules: {}\n", []string{"1:8 file.shape"}},
		{"empty rules", "rules: []\n", []string{"0:0 rule.none"}},
		{"other top", "policies: []\n", []string{"1:1 file.key", "1:1 file.shape"}},
		{"list on top", "- id: a\n", []string{"1:1 file.shape", "1:1 file.shape"}},
		{"rule is a text", "rules: [a, {id: b, effect: permit}]\n", []string{"1:9 file.shape"}},
		{"tagged condition", "rules:\n - id: a\n   effect: permit\n   when: !facts.case_open\n", []string{"4:10 file.tag"}},
		{"tagged text", "rules:\n - {id: !!str a, effect: permit}\n", []string{"2:9 file.tag"}},
		{"alias", "rules:\n - {id: a, effect: permit, roles: &r [x]}\n - {id: b, effect: permit, roles: *r}\n", []string{"2:35 file.alias", "3:35 file.alias"}},
		{"anchored key", "rules:\n - {&k id: a, effect: permit}\n", []string{"2:4 rule.id", "2:5 file.alias"}},
		{"merge", "rules:\n - {id: a, effect: permit, <<: {roles: [x]}}\n", []string{"2:28 file.shape"}},
		{"two documents", "rules:\n - {id: a, effect: permit}\n---\nrules: []\n", []string{"1:1 file.syntax"}},
		{"empty", "", []string{"1:1 file.syntax"}},
		{"comments", "# nothing\n", []string{"1:1 file.syntax"}},
		{"not YAML", "rules:\n - {id: a\n - b: [\n", []string{"2:1 file.syntax"}},
		{"tab", "rules:\n\t- id: a\n", []string{"2:1 file.syntax"}},
		{"not UTF-8", "rules: \xff\n", []string{"1:1 file.syntax"}},
		{"nothing selected", "rules:\n - {id: a, effect: permit, purposes: [nowhere]}\n", []string{"2:39 ref.unknown"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Load(reg, "", file(c.text))
			require.Nil(t, p)
			got := places(t, err)
			if c.name == "not YAML" || c.name == "tab" { // the parser's own idea of the line
				require.Len(t, got, 1)
				assert.Contains(t, got[0], "file.syntax")
				return
			}
			assert.Equal(t, c.want, got, "%v", err)
			for _, p := range err.(Problems) {
				if p.Code != "rule.none" {
					assert.Equal(t, "rules.yaml", p.File)
				}
			}
		})
	}
}

// TestConditionsAreLocatedInEveryStyle: YAML has six ways to write a text.
func TestConditionsAreLocatedInEveryStyle(t *testing.T) {
	reg := register(t)
	const head = "rules:\n  - id: a\n    effect: permit\n    when: "
	for name, c := range map[string]struct {
		text string
		at   string
	}{
		"plain":             {"facts.case_open && wrong\n", "4:30"},
		"plain lines":       {"facts.case_open &&\n       facts.auth._2fa\n         && wrong\n", "6:13"},
		"double quoted":     {`"facts.note == \"x\" && wrong"` + "\n", "4:35"},
		"single quoted":     {`'facts.note == ''x'' && wrong'` + "\n", "4:35"},
		"double over lines": {"\"facts.case_open &&\n      wrong\"\n", "5:7"},
		"literal":           {"|\n      facts.case_open &&\n\n        wrong\n", "7:9"},
		"literal deep":      {"|2-\n      facts.case_open && wrong\n", "5:26"},
		"folded":            {">-\n      facts.case_open &&\n      facts.auth._2fa &&\n      wrong\n", "7:7"},
		"other letters":     {"facts.note == \"æøå\" && wrong\n", "4:34"},
		"commented":         {"|  # why\n      wrong\n", "5:7"},
		"cut off":           {"facts.case_open &&\n  - {id: b, effect: permit}\n", "4:29 when.syntax"},
		"cut off in quotes": {"'facts.case_open &&'\n  - {id: b, effect: permit}\n", "4:30 when.syntax"},
		"cut off literal":   {"|\n     facts.case_open &&\n\n  - {id: b, effect: permit}\n", "5:24 when.syntax"},
		"flow":              {"\"true\"\n  - {id: b, effect: permit, when: \"wrong\"}\n", "5:36"},
	} {
		_, err := Load(reg, "", file(head+c.text))
		if !strings.Contains(c.at, " ") {
			c.at += " when.type"
		}
		assert.Equal(t, []string{c.at}, places(t, err), "%s: %v", name, err)
	}
	_, err := New(reg, "", Rule{ID: "a", Effect: policy.EffectPermit, When: "facts.case_open &&\n wrong"})
	require.ErrorContains(t, err, "rules[a].when: 2:2: undeclared reference to 'wrong'", "a rule in Go says the place in its text")
}

func TestLoadReadsRuleFilesOnly(t *testing.T) {
	reg := register(t)
	rule := func(id string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("rules: [{id: " + id + ", effect: permit}]")}
	}
	p, err := Load(reg, "", fstest.MapFS{"a.yaml": rule("a"), "sub/b.yml": rule("b"), "c.rego": rule("c"), "README.md": rule("d"), ".hidden.yaml": rule("e"), "..2026/a.yaml": rule("a")})
	require.NoError(t, err)
	assert.Len(t, p.rules, 2)
	assert.Equal(t, "cel", p.Name())

	_, err = Load(reg, "", fstest.MapFS{"a.yaml": rule("x"), "b.yaml": rule("x"), "c.yaml": {Data: []byte("rules: 1")}})
	require.Len(t, err, 2)
	assert.Equal(t, "b.yaml", err.(Problems)[0].File, "the second is the duplicate")
	assert.Equal(t, "c.yaml", err.(Problems)[1].File)

	for name, files := range map[string]fs.FS{"nil": nil, "empty": fstest.MapFS{}, "no rule files": fstest.MapFS{"a.txt": rule("a")}, "broken": broken{}} {
		_, err = Load(reg, "", files)
		assert.Equal(t, true, err.(Problems).Has("file.read"), name)
	}
	_, err = Load(nil, "Bad Name", file("rules: [{id: a, effect: permit}]"))
	assert.True(t, err.(Problems).Has("policy.register") && err.(Problems).Has("policy.name"))
	_, err = New(reg, "")
	assert.True(t, err.(Problems).Has("rule.none"))
}

// broken is a file system that fails.
type broken struct{}

func (broken) Open(string) (fs.File, error) { return nil, errors.New("disk") }

// TestLoadFollowsMountedLinks as Kubernetes lays out a mounted volume, and takes no pipe for a file.
func TestLoadFollowsMountedLinks(t *testing.T) {
	reg := register(t)
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "..gen1"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "..gen1", "rules.yaml"), []byte("rules: [{id: a, effect: permit}]"), 0o644))
	require.NoError(t, os.Symlink("..gen1", filepath.Join(dir, "..data")))
	require.NoError(t, os.Symlink("..data/rules.yaml", filepath.Join(dir, "rules.yaml")))
	p, err := Load(reg, "", os.DirFS(dir))
	require.NoError(t, err)
	assert.Len(t, p.rules, 1)

	require.NoError(t, os.Symlink("/dev/zero", filepath.Join(dir, "endless.yaml")))
	_, err = Load(reg, "", os.DirFS(dir))
	require.ErrorContains(t, err, "endless.yaml: is no regular file")
}

func TestSizesOfFilesAreBounded(t *testing.T) {
	reg := register(t)
	_, err := Load(reg, "", file("rules: [{id: a, effect: permit}]\n#"+strings.Repeat("x", MaxBytes)))
	require.ErrorContains(t, err, "more than 4194304 bytes together")
	half := "rules: [{id: %s, effect: permit}]\n#" + strings.Repeat("x", MaxBytes/2)
	_, err = Load(reg, "", fstest.MapFS{"a.yaml": {Data: fmt.Appendf(nil, half, "a")}, "b.yaml": {Data: fmt.Appendf(nil, half, "b")}})
	require.ErrorContains(t, err, "b.yaml: the files")
	_, err = Load(reg, "", file("rules: [{id: a, effect: permit}]\n#"+strings.Repeat("x", MaxBytes/2)))
	require.NoError(t, err, "control")
}

// TestProblemsAreCapped: a file full of mistakes makes no endless list.
func TestProblemsAreCapped(t *testing.T) {
	reg := register(t)
	_, err := Load(reg, "", file("rules:\n"+strings.Repeat(" - {id: X, effect: y, z: 1}\n", 5_000)))
	require.Len(t, err, maxProblems)
	assert.True(t, err.(Problems).Has("problems.more"))
}
