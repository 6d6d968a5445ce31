package regopolicy

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// one is a permit, so that a policy with another mistake has no mistake but that.
const one = "permit contains {\"rule\": \"one\", \"category\": \"*\"} if input.action == \"read\"\n"

// TestLoadNamesWhatIsWrongAndWhere: each text stands from line 6 on, after the header.
func TestLoadNamesWhatIsWrongAndWhere(t *testing.T) {
	reg := register(t)
	for name, c := range map[string]struct{ text, want string }{
		"syntax":               {one + "deny contains {", "policy0.rego:7:"},
		"unknown purpose":      {one + `deny contains {"rule": "a", "category": "*"} if input.purpose == "invocing"`, `policy0.rego:7:66: "invocing" is not among the purposes`},
		"purpose is no leaf":   {one + `deny contains {"rule": "a", "category": "*"} if input.purpose == "invoicing"`, `policy0.rego:7:66: "invoicing" is not among the purposes that a request can name`},
		"unknown above":        {one + `deny contains {"rule": "a", "category": "*"} if "invocing" in input.purposes`, `policy0.rego:7:49: "invocing" is not among the purposes of the register; did you mean "invoicing"?`},
		"purpose in a set":     {one + `deny contains {"rule": "a", "category": "*"} if input.purpose in {"credit", "invocing"}`, `"invocing" is not among the purposes`},
		"purpose by a name":    {one + "deny contains {\"rule\": \"a\", \"category\": \"*\"} if {\n\tp := input.purpose\n\tp == \"nothing\"\n}", `policy0.rego:9:7: "nothing" is not among the purposes`},
		"purpose that differs": {one + `deny contains {"rule": "a", "category": "*"} if input.purpose != "invocing"`, `"invocing" is not among the purposes`},
		"unknown recipient":    {one + `deny contains {"rule": "a", "category": "*"} if not input.recipient.key == "hausbnk"`, `"hausbnk" is not among the recipients of the register; did you mean "hausbank"?`},
		"unknown kind":         {one + `deny contains {"rule": "a", "category": "*"} if not input.recipient.kind == "procesor"`, `"procesor" is not among the kinds of recipient`},
		"no country":           {one + `deny contains {"rule": "a", "category": "*"} if not input.recipient.country == "Denmark"`, `"Denmark" is no country code`},
		"unknown class":        {one + "deny contains {\"rule\": \"a\", \"field\": n} if {\n\tsome n, f in input.fields\n\tf.class == \"secret\"\n}", `policy0.rego:9:13: "secret" is not among the classes`},
		"unknown category":     {one + "deny contains {\"rule\": \"a\", \"field\": n} if {\n\tsome n, f in input.fields\n\t\"finances\" in f.within\n}", `"finances" is not among the categories of the register; did you mean "finance"?`},
		"category no field has": {one + "deny contains {\"rule\": \"a\", \"field\": n} if {\n\tsome n, f in input.fields\n\tf.category == \"finance\"\n}",
			`"finance" is not among the categories that a field can have`},
		"by a function": {one + "deny contains {\"rule\": \"a\", \"field\": n} if {\n\tsome n, f in input.fields\n\tbelow(f, \"finances\")\n}\n\nbelow(f, c) if c in f.within",
			`policy0.rego:9:11: "finances" is not among the categories`},
		"by two functions": {one + "deny contains {\"rule\": \"a\", \"field\": n} if {\n\tsome n, f in input.fields\n\tbelow(f, \"finances\")\n}\n\nbelow(f, c) if lies(f, c)\n\nlies(f, c) if c in f.within",
			`policy0.rego:9:11: "finances" is not among the categories`},
		"unknown attribute": {one + "deny contains {\"rule\": \"a\", \"field\": n} if {\n\tsome n, f in input.fields\n\tf.clas == \"special\"\n}", `policy0.rego:9:4: a field has no attribute "clas"`},
		"unknown action":    {one + `deny contains {"rule": "a", "category": "*"} if input.action == "raed"`, `"raed" is not among the actions`},
		"unknown input":     {one + `deny contains {"rule": "a", "category": "*"} if input.purpos == "credit"`, `policy0.rego:7:49: undefined ref: input.purpos`},
		"unknown in time":   {one + `deny contains {"rule": "a", "category": "*"} if input.time.day == 1`, `undefined ref: input.time.day`},
		"unknown fact":      {one + `deny contains {"rule": "a", "category": "*"} if not input.facts["case-opn"]`, `input.facts["case-opn"]`},
		"fact's values":     {one + `deny contains {"rule": "a", "category": "*"} if not input.facts.channel == "fax"`, `"fax" is not among the values of the fact`},
		"fact's type":       {one + `deny contains {"rule": "a", "category": "*"} if not input.facts.channel == 3`, `policy0.rego:7:76: 3 is compared with a text`},
		"fact in texts":     {one + `deny contains {"rule": "a", "category": "*"} if not input.facts["case-open"] == "true"`, `"true" is compared with a truth value`},
		"hour in texts":     {one + `deny contains {"rule": "a", "category": "*"} if input.time.hour < "08"`, `"08" is compared with a number`},
		"list as a text":    {one + `permit contains {"rule": "a", "category": "*"} if input.principal.roles == "clerk"`, `policy0.rego:7:51: match error (rego.type-error)`},
		"no instant":        {one + `permit contains {"rule": "a", "category": "*"} if input.facts["loan.until"] >= "1 May 2026"`, `"1 May 2026" is not the beginning of 2006-01-02T15:04:05.000000000Z`},
		"no date":           {one + `permit contains {"rule": "a", "category": "*"} if input.time.date >= "2026-5-1"`, `"2026-5-1" is not the beginning of 2006-01-02`},
		"capacity":          {one + `permit contains {"rule": "a", "category": "*"} if "leasee" in input.capacities`, `"leasee" is not among the capacities`},
		"notice":            {one + `permit contains {"rule": "a", "category": "*"} if input.notice == "v3"`, `"v3" is not among the notice versions`},
		"every":             {one + "permit contains {\"rule\": \"a\", \"category\": \"*\"} if {\n\tevery p in input.purposes { p != \"invocing\" }\n}", `"invocing" is not among the purposes of the register`},

		"head category":      {`permit contains {"rule": "a", "category": "contacts"} if input.action == "read"`, `policy0.rego:6:43: "contacts" is not among the categories of the register; did you mean "contact"?`},
		"head without rule":  {`permit contains {"category": "contact"} if input.action == "read"`, "names its rule by a text written out"},
		"head rule computed": {"permit contains {\"rule\": r, \"category\": \"contact\"} if r := input.action", "names its rule by a text written out"},
		"head rule no key":   {`permit contains {"rule": "No Key", "category": "contact"} if input.action == "read"`, "names its rule by a text written out"},
		"head unknown key":   {`permit contains {"rule": "a", "categorie": "contact"} if input.action == "read"`, `policy0.rego:6:31: an answer of permit has no key "categorie"`},
		"head both":          {`permit contains {"rule": "a", "category": "contact", "field": n} if some n, _ in input.fields`, "has one of the keys field and category"},
		"head neither":       {`permit contains {"rule": "a"} if input.action == "read"`, "has one of the keys field and category"},
		"head mask":          {`redact contains {"rule": "a", "category": "contact", "mask": "lastfour"} if input.action == "read"`, `"lastfour" is no mask`},
		"head no mask":       {`redact contains {"rule": "a", "category": "contact"} if input.action == "read"`, "an answer of redact has the key mask"},
		"mask elsewhere":     {`deny contains {"rule": "a", "category": "contact", "mask": "remove"} if input.action == "read"`, `has no key "mask"`},
		"obligation":         {`obligations contains {"rule": "a", "obligation": "Tell Them"} if input.action == "read"`, `"Tell Them" is no key`},
		"no obligation":      {`obligations contains {"rule": "a"} if input.action == "read"`, "has the key obligation"},
		"obligation reaches": {`obligations contains {"rule": "a", "obligation": "x", "category": "contact"} if input.action == "read"`, `has no key "category"`},
		"constant field":     {`permit contains {"rule": "a", "field": "iban"} if input.action == "read"`, "a field is one of input.fields"},
		"number":             {`permit contains {"rule": "a", "category": 3} if input.action == "read"`, "category is a text"},
		"no object":          {"permit contains \"contact\" if input.action == \"read\"", "contains an object written out in the head"},
		"head by a variable": {"permit contains x if {\n\tinput.action == \"read\"\n\tx := {\"rule\": \"a\", \"category\": \"*\"}\n}", "contains an object written out in the head"},
		"complete rule":      {"permit := {\"rule\": \"a\"} if input.action == \"read\"", "permit is a set: write permit contains"},
		"boolean rule":       {"permit if input.action == \"read\"", "permit is a set: write permit contains"},
		"default":            {"default permit := false", "permit is a set"},
		"function":           {"permit(x) if input.action == x", "permit is a set"},
		"below":              {one + "permit.more contains {\"rule\": \"a\", \"category\": \"*\"} if input.action == \"read\"", "conflict"},
		"by key":             {"permit[\"a\"] if input.action == \"read\"", "permit is a set"},
		"misspelt set":       {one + `denny contains {"rule": "a", "category": "*"} if input.action == "use"`, "denny is none of the sets that decide"},
		"no permit":          {`deny contains {"rule": "a", "category": "*"} if input.action == "read"`, "a policy without one permits nothing"},

		"http":          {one + `deny contains {"rule": "a", "category": "*"} if http.send({"url": "http://localhost", "method": "get"}).status_code == 200`, "the function http.send is not allowed"},
		"now":           {one + `deny contains {"rule": "a", "category": "*"} if time.now_ns() > 0`, "the function time.now_ns is not allowed"},
		"runtime":       {one + `deny contains {"rule": "a", "category": "*"} if opa.runtime().env.HOME == "x"`, "the function opa.runtime is not allowed"},
		"shift":         {one + `deny contains {"rule": "a", "category": "*"} if bits.lsh(1, 100) > 0`, "the function bits.lsh is not allowed"},
		"multiply":      {one + `deny contains {"rule": "a", "category": "*"} if input.time.hour * 3 > 10`, "the function mul is not allowed"},
		"sprintf":       {one + `deny contains {"rule": "a", "category": "*"} if sprintf("%d", [1]) == "1"`, "the function sprintf is not allowed"},
		"schema":        {one + `deny contains {"rule": "a", "category": "*"} if json.match_schema({}, {"$ref": "file:///etc/hosts"})[0]`, "json.match_schema is not allowed"},
		"template":      {one + "deny contains {\"rule\": \"a\", \"category\": \"*\"} if $\"{input.action}\" == \"read\"", "policy0.rego:7:"},
		"print":         {one + "deny contains {\"rule\": \"a\", \"category\": \"*\"} if {\n\tprint(input.principal.id)\n\tinput.action == \"use\"\n}", "print would show what was asked"},
		"unknown call":  {one + `deny contains {"rule": "a", "category": "*"} if nosuch(input.action)`, "undefined function nosuch"},
		"with":          {one + "deny contains {\"rule\": \"a\", \"category\": \"*\"} if helper with input.action as \"use\"\n\nhelper if input.action == \"use\"", "with is for tests"},
		"big number":    {one + `deny contains {"rule": "a", "category": "*"} if input.time.hour < 1e20`, "a number has at most 15 digits and no exponent"},
		"huge number":   {one + `deny contains {"rule": "a", "category": "*"} if input.time.hour < 1e100000`, "number too big (rego.parse)"},
		"pattern":       {one + `deny contains {"rule": "a", "category": "*"} if regex.match(input.action, "x")`, "the pattern must be written out"},
		"large pattern": {one + `deny contains {"rule": "a", "category": "*"} if regex.match("(a{500}){2}", input.action)`, "the pattern is "},
		"bad pattern":   {one + `deny contains {"rule": "a", "category": "*"} if regex.match("(?=a)", input.action)`, "is no pattern of RE2"},
		"many counts":   {one + `deny contains {"rule": "a", "category": "*"} if regex.match("((a{9}){9}){9}", input.action)`, "the pattern is too large"},
		"own schema":    {"# METADATA\n# schemas:\n#   - input: {type: object}\n" + one, "leave schemas out"},
		"unused import": {"import data.purposebound.helpers\n" + one, "policy0.rego:6:"},
		"deep":          {one + "deny contains {\"rule\": \"a\", \"category\": \"*\"} if " + strings.Repeat("[", 100) + strings.Repeat("]", 100) + " == []", "more than 64 brackets inside each other"},
		"recursion":     {one + "deny contains {\"rule\": \"a\", \"category\": \"*\"} if a\n\na if b\n\nb if a", "recursive"},
		"steady":        {one + `permit contains {"rule": "a", "category": "*"} if not input.facts["case-open"]`, "steady."},
		"steady deny":   {one + `deny contains {"rule": "a", "category": "*"} if input.facts["case-open"]`, "steady."},
	} {
		t.Run(name, func(t *testing.T) {
			list := problemsOf(t, reg, files(c.text))
			require.NotEmpty(t, list)
			assert.Contains(t, strings.Join(list, "\n"), c.want)
		})
	}
	assert.Empty(t, problemsOf(t, reg, files(one)), "control: without a mistake there is no problem")
}

// TestLoadReportsEverythingAtOnce, in the order of the text.
func TestLoadReportsEverythingAtOnce(t *testing.T) {
	all := files(`permit contains {"rule": "a", "category": "contacts"} if input.purpose == "invocing"`, `deny contains {"rule": "B", "category": "*"} if input.purpose == "nothing"`)
	all["data.json"] = &fstest.MapFile{Data: []byte(`{"a": null}`)}
	list := problemsOf(t, register(t), all)
	require.Len(t, list, 5)
	for i, prefix := range []string{"data.json:1:11: ", "policy0.rego:6:43: ", "policy0.rego:6:75: ", "policy1.rego:6:24: ", "policy1.rego:6:66: "} {
		assert.True(t, strings.HasPrefix(list[i], prefix), "%s before %s", prefix, list[i])
	}
}

// TestModulesSayWhichRegoTheyAreIn and where their rules belong.
func TestModulesSayWhichRegoTheyAreIn(t *testing.T) {
	reg := register(t)
	for name, c := range map[string]struct{ text, want string }{
		"no import":       {"package purposebound\n\n" + one, "p.rego:1:1: import rego.v2"},
		"import v1":       {"package purposebound\n\nimport rego.v1\n\n" + one, "import rego.v2"},
		"import too late": {"package purposebound\n\n" + one + "\nimport rego.v2\n", "import"},
		"library":         {"package purposebound.lib\n\nimport rego.v2\n\nx := 1\n", "package purposebound.lib is shipped with the engine"},
		"in the library":  {"package purposebound.lib.more\n\nimport rego.v2\n\nx := 1\n", "is shipped with the engine"},
		"system":          {"package system.log\n\nimport rego.v2\n\nx := 1\n", "package system means something to OPA"},
		"empty":           {"", "p.rego"},
		"not text":        {"package purposebound\n\nimport rego.v2\n# \xff\xfe", "p.rego: is not UTF-8"},
	} {
		list := problemsOf(t, reg, fstest.MapFS{"p.rego": {Data: []byte(c.text)}})
		assert.Contains(t, strings.Join(list, "\n"), c.want, name)
	}
}

// TestOtherPackagesHelp: rules may lie elsewhere, tests and hidden files are not read.
func TestOtherPackagesHelp(t *testing.T) {
	reg := register(t)
	all := files("import data.teams.loans\n\npermit contains {\"rule\": \"a\", \"category\": \"*\"} if loans.mine\n")
	all["teams/loans.rego"] = &fstest.MapFile{Data: []byte("package teams.loans\n\nimport rego.v2\n\nmine if \"clerk\" in input.principal.roles\n")}
	for _, ignored := range []string{"..data/x.rego", ".hidden.rego", "a_test.rego", "readme.md", "other.json", "schema.yaml"} {
		all[ignored] = &fstest.MapFile{Data: []byte("nonsense {")}
	}
	require.Empty(t, problemsOf(t, reg, all))
}

// TestLimitsOfFiles are problems.
func TestLimitsOfFiles(t *testing.T) {
	reg := register(t)
	assert.Contains(t, problemsOf(t, reg, nil)[0], "there are no files")
	assert.Contains(t, problemsOf(t, reg, fstest.MapFS{"x.md": {}})[0], "there are no modules")
	assert.Contains(t, problemsOf(t, reg, fstest.MapFS{"x.rego": {Data: make([]byte, MaxModule+1)}})[0], "a module has at most")
	many := fstest.MapFS{}
	for i := range 20 {
		many[fmt.Sprintf("%d/data.json", i)] = &fstest.MapFile{Data: []byte(`{"a": "` + strings.Repeat("x", MaxBytes/16) + `"}`)}
	}
	assert.Contains(t, strings.Join(problemsOf(t, reg, many), "\n"), "bytes together")
	texts := make([]string, MaxRules/100+1)
	for i := range texts {
		texts[i] = strings.Repeat(one, 100)
	}
	assert.Contains(t, strings.Join(problemsOf(t, reg, files(texts...)), "\n"), "2100 rules, at most 2000")
	_, err := Load(nil, "x", files(one))
	assert.ErrorContains(t, err, "policy.register")
	_, err = Load(reg, "No Name", files(one))
	assert.ErrorContains(t, err, "policy.name")
	p, err := Load(reg, "", files(one))
	require.NoError(t, err)
	assert.Equal(t, "rego", p.Name())
}
