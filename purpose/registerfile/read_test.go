package registerfile_test

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/registerfile"
)

// small is a register file with one of most things; the tests below spoil it.
const small = `# A register
controller: {name: Lessor, country: NO, zone: Europe/Oslo}
notices:
  - version: 2.4
    from: 2024-01-01
purposes:
  - key: service
  - key: newsletter
    consent_only: true
categories:
  - {key: name, class: confidential}
capacities: [{key: customer}]
events:
  - key: ended
    ends: [customer]
facts:
  - {key: region, type: text, values: [NO, yes, "3"]}
  - {key: count, type: int}
  - {key: agreed, type: bool}
  - {key: since, type: instant}
  - {key: ways, type: text-list}
retention:
  - key: keep
    clause: 3
    anchor: {kind: event, events: [ended]}
    ceiling: P3M
activities:
  - key: serve
    purposes: [service]
    capacities: [customer]
    categories: [name]
    claims:
      - basis: contract
    retention: [keep]
    conditions:
      - {fact: region, is: [NO, yes, "3"]}
      - {fact: count, is: [3, -12]}
      - {fact: agreed, is: true}
      - {fact: since, is: [{instant: 2024-05-06T12:00:00+02:00}, {instant: "2024-05-06T10:00:00Z"}]}
      - {fact: ways, is: [[NO, 2.4, "x"]]}
    clause: 2.10
`

func TestTextsAreReadAsTheyStand(t *testing.T) {
	spec, err := registerfile.Parse("small.yaml", []byte(small))
	require.NoError(t, err)
	assert.Equal(t, "NO", spec.Controller.Country, "a country, not false")
	assert.Equal(t, "2.4", spec.Notices[0].Version)
	assert.Equal(t, "2024-01-01", spec.Notices[0].From)
	assert.Equal(t, "3", spec.Retention[0].Clause)
	assert.Equal(t, "2.10", spec.Activities[0].Clause, "not 2.1")
	assert.Equal(t, []string{"NO", "yes", "3"}, spec.Facts[0].Values)
	at := time.Date(2024, 5, 6, 10, 0, 0, 0, time.UTC)
	for i, want := range [][]purpose.Value{
		{purpose.TextValue("NO"), purpose.TextValue("yes"), purpose.TextValue("3")},
		{purpose.IntValue(3), purpose.IntValue(-12)},
		{purpose.True()},
		{purpose.InstantValue(at), purpose.InstantValue(at)},
		{purpose.TextsValue("NO", "2.4", "x")},
	} {
		assert.Equal(t, want, spec.Activities[0].Conditions[i].Is)
	}
	r, err := registerfile.Read("small.yaml", strings.NewReader(small))
	require.NoError(t, err)
	assert.Equal(t, spec, r.Spec())
	r, err = registerfile.Read("small.yaml", strings.NewReader("\xef\xbb\xbf"+strings.ReplaceAll(small, "\n", "\r\n")))
	require.NoError(t, err, "a byte order mark and the line ends of Windows")
	assert.Equal(t, spec, r.Spec())
}

// flaw replaces a part of small, and says all that must be reported: "line:column path code".
type flaw struct{ name, old, new, want string }

var flaws = []flaw{
	{"unknown key", "    clause: 2.10", "    clauze: 2.10", `41:5 activities[0].clauze yaml.key-unknown: did you mean "clause"?`},
	{"unknown key, nothing near", "  - key: service", "  - key: service\n    colour: red", `8:5 purposes[0].colour yaml.key-unknown: known: bases, clause, concept, consent_only, disclosure, key, marketing, title`},
	{"unknown section", "facts:", "fakts:", `16:1 fakts yaml.key-unknown: did you mean "facts"?`},
	{"long unknown key", "  - key: service", "  - key: service\n    " + strings.Repeat("ø", 300) + ": 1", `8:5 purposes[0].øøøøøøøøøøøøøøøøøøøø... yaml.key-unknown: "øøøøøøøøøøøøøøøøøøøø..." is no key here`},
	{"keys are written exactly", "    clause: 2.10", "    Clause: 2.10", `41:5 activities[0].Clause yaml.key-unknown: did you mean "clause"?`},
	{"key twice", "    clause: 3", "    clause: 3\n    key: other", `25:5 retention[0].key yaml.key-duplicate: given already in line 23`},
	{"section twice", "facts:", "purposes: []\nfacts:", `16:1 purposes yaml.key-duplicate: given already in line 6`},
	{"empty key", "    clause: 3", "    clause: 3\n    \"\": x", `25:5 retention[0]. yaml.key-unknown: known:`},
	{"a list as a key", "    clause: 3", "    clause: 3\n    ? [a]\n    : x", `25:7 retention[0] yaml.key: a key is a plain word`},

	{"a list where a mapping belongs", "controller: {name: Lessor, country: NO, zone: Europe/Oslo}", "controller: [a]", `2:13 controller yaml.kind: this is a list where a mapping belongs`},
	{"a mapping where a list belongs", "capacities: [{key: customer}]", "capacities: {key: customer}", `12:13 capacities yaml.kind: this is a mapping where a list belongs`},
	{"a text where a list belongs", "    purposes: [service]", "    purposes: service", `29:15 activities[0].purposes yaml.kind: this is a single value where a list belongs`},
	{"a list where a text belongs", "    clause: 3", "    clause: [3]", `24:13 retention[0].clause yaml.kind: this is a list where a single value belongs`},
	{"a mapping where a text belongs", "    categories: [name]", "    categories: [{key: name}]", `31:18 activities[0].categories[0] yaml.kind: this is a mapping where a single value belongs`},
	{"a mapping where a period belongs", "    ceiling: P3M", "    ceiling: {months: 3}", `26:14 retention[0].ceiling yaml.kind: this is a mapping where a single value belongs`},
	{"a text where a truth value belongs", "    consent_only: true", "    consent_only: [true]", `9:19 purposes[1].consent_only yaml.kind: this is a list where a single value belongs`},

	{"nothing given", "    clause: 3", "    clause:", `24:12 retention[0].clause yaml.null: nothing is given`},
	{"null", "    clause: 3", "    clause: null", `24:13 retention[0].clause yaml.null: nothing is given`},
	{"tilde in a list", "    categories: [name]", "    categories: [name, ~]", `31:24 activities[0].categories[1] yaml.null: nothing is given`},
	{"section without anything", "events:\n  - key: ended\n    ends: [customer]", "events:", `13:8 events yaml.null: nothing is given`},
	{"empty item", "    claims:\n", "    claims:\n      -\n", `33:8 activities[0].claims[0] yaml.null: nothing is given`},

	{"aim in words", "purposes:\n", "rights:\n  - {kind: access, clause: \"4.1\", aim: five}\npurposes:\n", `7:40 rights[0].aim yaml.value: "five" is no whole number`},
	{"yes is not true", "    consent_only: true", "    consent_only: yes", `9:19 purposes[1].consent_only yaml.value: "yes" is neither true nor false`},
	{"True is not true", "    consent_only: true", "    consent_only: True", `9:19 purposes[1].consent_only yaml.value: "True" is neither true nor false`},
	{"quoted true is not true", "    consent_only: true", `    consent_only: "true"`, `9:19 purposes[1].consent_only yaml.value: "true" is neither true nor false`},
	{"class", "class: confidential", "class: secret", `11:24 categories[0].class yaml.value: "secret" is not one of ordinary, confidential, special, criminal, national-id, third-party, anonymous`},
	{"empty class", "class: confidential", `class: ""`, `11:24 categories[0].class yaml.value: "" is not one of ordinary`},
	{"basis", "basis: contract", "basis: kontrakt", `33:16 activities[0].claims[0].basis yaml.value: "kontrakt" is not one of consent, contract, legal-obligation, vital-interests, public-task, legitimate-interests`},
	{"anchor", "kind: event,", "kind: evnt,", `25:20 retention[0].anchor.kind yaml.value: "evnt" is not one of event, later-of, last-activity`},
	{"period", "ceiling: P3M", "ceiling: 3 months", `26:14 retention[0].ceiling yaml.value: "3 months" is no period`},
	{"empty period", "ceiling: P3M", `ceiling: ""`, `26:14 retention[0].ceiling yaml.value: "" is no period`},
	{"whole numbers are decimal", "is: [3, -12]", "is: [0x10, 010, 1_0, +1]", `37:28 activities[0].conditions[1].is[0] yaml.value: "0x10" is no whole number in decimal digits
37:34 activities[0].conditions[1].is[1] yaml.value: "010" is no whole number
37:39 activities[0].conditions[1].is[2] yaml.value: "1_0" is no whole number
37:44 activities[0].conditions[1].is[3] yaml.value: "+1" is no whole number`},
	{"a number that does not fit", "is: [3, -12]", "is: [18446744073709551615]", `37:28 activities[0].conditions[1].is[0] yaml.value: "18446744073709551615" is no whole number`},
	{"an instant without a zone", "{instant: 2024-05-06T12:00:00+02:00}", "{instant: 2024-05-06}", `39:38 activities[0].conditions[3].is[0].instant yaml.value: "2024-05-06" is no instant`},
	{"something else than an instant", "{instant: 2024-05-06T12:00:00+02:00}", "{at: 1, to: 2}", `39:28 activities[0].conditions[3].is[0] yaml.value: a value is true, false, a text`},
	{"no instant", "{instant: 2024-05-06T12:00:00+02:00}", "{instant: ~}", `39:38 activities[0].conditions[3].is[0].instant yaml.null: nothing is given`},
	{"a list in a list", "is: [[NO, 2.4, \"x\"]]", "is: [[[NO], ~]]", `40:28 activities[0].conditions[4].is[0][0] yaml.kind: this is a list where a single value belongs
40:34 activities[0].conditions[4].is[0][1] yaml.null: nothing is given`},
	{"no value", "is: true", "is: ~", `38:28 activities[0].conditions[2].is yaml.null: nothing is given`},

	{"anchor of YAML", "    purposes: [service]", "    purposes: &p [service]", `29:15 activities[0].purposes yaml.alias: anchors, aliases and merge keys`},
	{"alias", "    purposes: [service]\n    capacities: [customer]", "    purposes: &p [service]\n    capacities: *p", `29:15 activities[0].purposes yaml.alias: anchors
30:17 activities[0].capacities yaml.alias: anchors`},
	{"alias of nothing", "    capacities: [customer]", "    capacities: *nobody", `30:17  yaml.alias: anchors`},
	{"alias as a key", "  - key: service", "  - &k key: service\n    *k : x", `7:5 purposes[0] yaml.alias: anchors
8:5 purposes[0] yaml.alias: anchors`},
	{"merge key", "    claims:", "    <<: {title: x}\n    claims:", `32:5 activities[0] yaml.alias: anchors`},
	{"tag", "    clause: 3", "    clause: !!str 3", `24:13 retention[0].clause yaml.tag: tags are not part of a register`},
	{"own tag", "  - key: service", "  - !secret\n    key: service", `7:5 purposes[0] yaml.tag: tags are not`},
	{"tag on a key", "    clause: 3", "    !!str clause: 3", `24:5 retention[0] yaml.key: a key is a plain word`},
	{"binary", "    clause: 3", "    clause: !!binary aGk=", `24:13 retention[0].clause yaml.tag: tags`},

	{"two documents", "facts:", "---\nfacts:", `16:1  yaml.documents: a register is one document`},
	{"a second document that is broken", "facts:", "---\nfacts: [", `0:0  yaml.syntax`},
	{"broken", "capacities: [{key: customer}]", "capacities: [{key: customer}", `0:0  yaml.syntax`},
	{"broken quotes", "    clause: 3", "    clause: 'three", `0:0  yaml.syntax`},
	{"tab", "    clause: 3", "\tclause: 3", `24:1  yaml.tab: a line is indented by spaces, not tabs`},
	{"tab after spaces", "    clause: 3", "  \t clause: 3", `24:3  yaml.tab: a line is indented by spaces, not tabs`},
	{"not UTF-8", "name: Lessor", "name: L\xf8ssor", `2:21  yaml.encoding: the file is not UTF-8`},
	{"not UTF-8 after other letters", "name: Lessor", "name: ÆØ\xffr", `2:22  yaml.encoding: the file is not UTF-8`},
	{"NUL", "name: Lessor", "name: L\x00", `2:21  yaml.control: a control character`},
	{"escape", "name: Lessor", "name: \x1b[31m", `2:20  yaml.control: a control character`},
	{"C1 control", "name: Lessor", "name: \u009b31m", `2:20  yaml.control: a control character`},
	{"text that shows in another order", "name: Lessor", "name: \u202eLessor", `2:20  yaml.control: a control character`},
	{"mark in the middle", "name: Lessor", "name: \ufeffLessor", `2:20  yaml.control: a control character`},

	{"content: a scalar", "    from: 2024-01-01", "    from: 2024-13-01", `5:11 notices[0].from date.syntax: "2024-13-01"`},
	{"content: an item", "    categories: [name]", "    categories: [name, nme]", `31:24 activities[0].categories[1] ref.unknown: did you mean "name"?`},
	{"content: a missing field is where its entry is", "    retention: [keep]\n", "", `28:5 activities[0].retention activity.retention`},
	{"content: a claim", "      - basis: contract", "      - basis: consent", `33:9 activities[0].claims[0].scope claim.scope`},
	{"content: deep inside", "      - basis: contract", "      - basis: contract\n        all:\n          - {basis: legal-obligation, laws: [dk.hvl]}", `35:46 activities[0].claims[0].all[0].laws[0] ref.unknown`},
	{"content: nothing of it is there", "notices:\n  - version: 2.4\n    from: 2024-01-01\n", "", `2:1 notices notice.none`},
	{"content and form at once, in the order of the text", "capacities: [{key: customer}]", "capacities: [{key: customer}]\nlaws: [{key: L}, {key: a, colour: red}]\nsources: [{key: S}]", `13:14 laws[0].key key.syntax: "L" is no key
13:27 laws[1].colour yaml.key-unknown: known: from, key, registration, through, title
14:17 sources[0].key key.syntax: "S" is no key`},
	{"the content of an entry waits for its form", "capacities: [{key: customer}]", "capacities: [{key: customer}]\nlaws: [{key: a, from: yesterday, colour: red}]", `13:34 laws[0].colour yaml.key-unknown: known: from, key, registration, through, title`},
	{"form that explains the content", "    retention: [keep]", "    retention: {keep: 1}", `34:16 activities[0].retention yaml.kind: this is a mapping where a list belongs`},
	{"an entry without its key leaves the content open", "  - {key: name, class: confidential}", "  - {kye: name, class: confidential}", `11:6 categories[0].kye yaml.key-unknown: did you mean "key"?`},
}

func TestEveryFlawHasItsPlace(t *testing.T) {
	for _, f := range flaws {
		t.Run(f.name, func(t *testing.T) {
			require.Equal(t, 1, strings.Count(small, f.old), "the test spoils one place")
			text := strings.Replace(small, f.old, f.new, 1)
			r, err := registerfile.Read("small.yaml", strings.NewReader(text))
			assert.Nil(t, r)
			ps := problems(t, err)
			want := strings.Split(f.want, "\n")
			require.Len(t, ps, len(want), "%v", err)
			for i, p := range ps {
				head, message, _ := strings.Cut(want[i], ": ")
				if place, rest, _ := strings.Cut(head, " "); place == "0:0" { // the parser knows a line at most
					head = fmt.Sprintf("%d:%d %s", p.Line, p.Column, rest)
				}
				assert.Equal(t, head, fmt.Sprintf("%d:%d %s %s", p.Line, p.Column, p.Path, p.Code))
				assert.Contains(t, p.Message, message)
				assert.Equal(t, "small.yaml", p.File)
				lines := strings.Split(text, "\n")
				assert.True(t, p.Line >= 1 && p.Line <= len(lines), p.Line)
				assert.GreaterOrEqual(t, p.Column, 1)
			}
		})
	}
}

// problems are those of an error that is nothing else.
func problems(t *testing.T, err error) purpose.Problems {
	t.Helper()
	require.ErrorIs(t, err, purpose.ErrInvalid)
	var ps purpose.Problems
	require.ErrorAs(t, err, &ps)
	return ps
}

func TestNothingIsNoRegister(t *testing.T) {
	for _, text := range []string{"", "\n\n", "# a comment\n", "---\n", "~", "null\n", "\xef\xbb\xbf"} {
		ps := problems(t, second(registerfile.Read("r.yaml", strings.NewReader(text))))
		require.Len(t, ps, 1, "%q", text)
		assert.Equal(t, purpose.Problem{Code: "yaml.empty", Message: "the file is empty", File: "r.yaml", Line: 1, Column: 1}, ps[0])
	}
	for text, code := range map[string]string{"[]": "yaml.kind", "hello": "yaml.kind", "42": "yaml.kind", "{}": "controller.name", "---\n---\n": "yaml.documents"} {
		assert.True(t, problems(t, second(registerfile.Read("r.yaml", strings.NewReader(text)))).Has(code), text)
	}
}

func second[A any](_ A, err error) error { return err }

func TestLimits(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'z'; c++ {
		bomb += fmt.Sprintf("%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n", c, c, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1)
	}
	deepAll := "activities:\n  - key: a\n    claims: " + strings.Repeat("[{all: ", 40) + "[]" + strings.Repeat("}]", 40) + "\n"
	for name, c := range map[string]struct {
		text, code string
	}{
		"50 MB":                      {strings.Repeat("x", 50<<20), "yaml.size"},
		"50 MB of good lines":        {small + strings.Repeat("# comment\n", 5<<20), "yaml.size"},
		"one byte too many":          {strings.Repeat("#", registerfile.MaxSize+1), "yaml.size"},
		"too many nodes, flow":       {"purposes: [" + strings.Repeat("a,", registerfile.MaxNodes) + "]", "yaml.size"},
		"too many nodes, block":      {strings.Repeat("- \n", registerfile.MaxNodes/2+1), "yaml.size"},
		"too many nodes, one line":   {strings.Repeat("- ", registerfile.MaxNodes+1), "yaml.size"},
		"alias bomb":                 {bomb, "yaml.key-unknown"},
		"alias bomb in a known key":  {"purposes: &a [*a, *a]\n", "yaml.alias"},
		"10,000 levels of lists":     {strings.Repeat("[", 10_000), "yaml.syntax"},
		"10,000 levels, closed":      {strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000), "yaml.kind"},
		"100,000 levels of lists":    {strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000), "yaml.syntax"},
		"100,000 levels of mappings": {strings.Repeat("{a: ", 100_000), "yaml.syntax"},
		"10,000 levels of dashes":    {strings.Repeat("- ", 10_000) + "x", "yaml.kind"},
		"100,000 levels of dashes":   {strings.Repeat("- ", 100_000) + "x", "yaml.syntax"},
		"100,000 levels of ?":        {strings.Repeat("? ", 100_000) + "x", "yaml.syntax"},
		"10,000 levels of claims":    {"activities: [{claims: " + strings.Repeat("[{all: ", 4_500) + "[]" + strings.Repeat("}]", 4_500) + "}]", "yaml.depth"},
		"40 levels of claims":        {deepAll, "yaml.depth"},
	} {
		ps := problems(t, second(registerfile.Read("r.yaml", strings.NewReader(c.text))))
		assert.True(t, ps.Has(c.code), "%s: %.300v", name, ps)
		for _, p := range ps {
			assert.Positive(t, p.Line)
			assert.Less(t, len(p.Message), 500)
		}
	}
	_, err := registerfile.Parse("r.yaml", []byte(strings.Repeat("#", registerfile.MaxSize)))
	assert.True(t, problems(t, err).Has("yaml.empty"), "the limit itself is allowed")
}

// A file may be wrong in more places than anyone reads.
func TestProblemsHaveALimit(t *testing.T) {
	ps := problems(t, second(registerfile.Read("r.yaml", strings.NewReader("purposes:\n"+strings.Repeat("  - {a: 1, a: 2}\n", 100_000)))))
	require.Len(t, ps, purpose.MaxProblems+1)
	last := ps[len(ps)-1]
	assert.Equal(t, "problems.more", last.Code)
	assert.Equal(t, "there are more problems", last.Message)

	content := "controller: {name: x, country: DK, zone: UTC}\nnotices: [{version: 1, from: 2020-01-01}]\ncapacities:\n" + strings.Repeat("  - key: A\n", 5000)
	ps = problems(t, second(registerfile.Read("r.yaml", strings.NewReader(content))))
	require.Len(t, ps, purpose.MaxProblems+1)
	assert.Equal(t, "problems.more", ps[len(ps)-1].Code)
}

func TestReadersThatFail(t *testing.T) {
	broken := errors.New("disk on fire")
	_, err := registerfile.Read("r.yaml", iotest.ErrReader(broken))
	assert.ErrorIs(t, err, purpose.ErrInvalid)
	assert.ErrorIs(t, err, broken)
	assert.ErrorContains(t, err, "r.yaml")
	_, err = registerfile.Read("r.yaml", io.MultiReader(strings.NewReader(small), iotest.ErrReader(broken)))
	assert.ErrorIs(t, err, broken, "half a file is none")

	files := fstest.MapFS{"conf/register.yaml": {Data: []byte(small)}, "conf/bad.yaml": {Data: []byte("x: 1")}}
	r, err := registerfile.Load(files, "conf/register.yaml")
	require.NoError(t, err)
	assert.Equal(t, "Lessor", r.Spec().Controller.Name)
	_, err = registerfile.Load(files, "conf/no.yaml")
	assert.ErrorIs(t, err, purpose.ErrInvalid)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.ErrorContains(t, err, "conf/no.yaml")
	_, err = registerfile.Load(files, "conf")
	assert.ErrorIs(t, err, purpose.ErrInvalid)
	_, err = registerfile.Load(files, "conf/bad.yaml")
	assert.Equal(t, "conf/bad.yaml", problems(t, err)[0].File)
}

// Parse knows the form alone.
func TestParseLeavesTheContentToCompile(t *testing.T) {
	spec, err := registerfile.Parse("r.yaml", []byte("purposes: [{key: A}]"))
	require.NoError(t, err)
	assert.Equal(t, "A", spec.Purposes[0].Key)
	spec, err = registerfile.Parse("r.yaml", []byte("purposes: [{key: A, key: B}]"))
	assert.True(t, problems(t, err).Has("yaml.key-duplicate"))
	assert.Equal(t, purpose.Spec{}, spec)
}

// Every code in the source is one that a test above brings up.
func TestEveryCodeHasAFlaw(t *testing.T) {
	tested := map[string]bool{"yaml.empty": true, "yaml.size": true, "yaml.depth": true, "problems.more": true}
	for _, f := range flaws {
		for _, w := range strings.Split(f.want, "\n") {
			head, _, _ := strings.Cut(w, ": ")
			tested[head[strings.LastIndexByte(head, ' ')+1:]] = true
		}
	}
	files, err := os.ReadDir(".")
	require.NoError(t, err)
	found := 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "problem" {
				code, err := strconv.Unquote(call.Args[0].(*ast.BasicLit).Value)
				require.NoError(t, err)
				assert.True(t, tested[code], "no flaw brings up %q", code)
				found++
			}
			return true
		})
	}
	assert.Greater(t, found, 20, "the scan finds the codes")
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(small))
	for _, x := range flaws {
		f.Add([]byte(strings.Replace(small, x.old, x.new, 1)))
	}
	sample, err := os.ReadFile("testdata/sample.yaml")
	require.NoError(f, err)
	f.Add(sample)
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := registerfile.Read("fuzz.yaml", bytes.NewReader(data))
		if err != nil {
			var ps purpose.Problems
			if r != nil || !errors.As(err, &ps) || len(ps) == 0 {
				t.Fatalf("%T: %v", err, err)
			}
			lines := 1 + bytes.Count(data, []byte("\n")) + bytes.Count(data, []byte("\r")) + bytes.Count(data, []byte("\u0085")) + bytes.Count(data, []byte("\u2028")) + bytes.Count(data, []byte("\u2029"))
			for _, p := range ps {
				if p.File != "fuzz.yaml" || p.Code == "" || p.Message == "" || p.Code != "problems.more" && (p.Line < 1 || p.Column < 1 || p.Line > lines) || len(p.Message) > 1000 {
					t.Fatalf("%+v", p)
				}
			}
			return
		}
		var file bytes.Buffer
		if err := registerfile.Write(&file, r.Spec()); err != nil {
			t.Fatal(err)
		}
		again, err := registerfile.Read("again.yaml", &file)
		if err != nil || again.Digest() != r.Digest() {
			t.Fatalf("written and read: %v", err)
		}
	})
}
