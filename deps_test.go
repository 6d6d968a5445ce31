package purposebound_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/purposebound/purposebound/"

// floors says what each package may import beside the standard library: packages of the module,
// and modules by prefix. A package that is not here fails the test.
var floors = map[string][]string{
	// floor 0
	"basis":             {},
	"retention":         {},
	"internal/unseal":   {},
	"internal/plain":    {},
	"internal/mortal":   {},
	"internal/sqlstore": {},
	"internal/beside":   {},
	// floor 1
	"purpose": {"basis", "retention", "internal/unseal"},
	"audit":   {"github.com/oklog/ulid/v2"},
	// floor 2
	"purpose/sealed": {"internal/unseal"},
	"policy":         {"audit", "basis", "purpose", "retention", "internal/unseal", "github.com/oklog/ulid/v2"},
	// floor 3
	"policy/celpolicy":                  {"policy", "purpose", "cel.dev/", "go.yaml.in/yaml/v3", "google.golang.org/protobuf/"},
	"purpose/registerfile":              {"purpose", "basis", "retention", "go.yaml.in/yaml/v3"},
	"basis/sqlledger":                   {"internal/sqlstore", "basis"},
	"audit/filetrail":                   {"audit"},
	"policy/table":                      {"audit", "basis", "policy", "purpose", "go.yaml.in/yaml/v3"},
	"retention/erasure":                 {"retention", "audit"},
	"policy/regopolicy":                 {"policy", "purpose", "policy/regopolicy/internal/steady", "github.com/open-policy-agent/opa/", "go.yaml.in/yaml/v3"},
	"policy/regopolicy/internal/steady": {"github.com/open-policy-agent/opa/"},
	"policy/regopolicy/lib":             {},
	"policy/regopolicy/bundle":          {"policy/live", "github.com/open-policy-agent/opa/"},
	"policy/live":                       {"policy", "audit", "purpose"},
	"policy/check":                      {"policy", "purpose"},
	"policy/cmd/purposebound": {"policy", "policy/celpolicy", "policy/check", "policy/regopolicy", "policy/table", "purpose", "purpose/registerfile",
		"audit", "audit/checkpoint", "audit/filetrail", "audit/index", "golang.org/x/mod/sumdb/note", "modernc.org/sqlite", "purpose/retentionschedule", "purpose/ropa", "retention", "retention/retentionsql",
		"github.com/rogpeppe/go-internal/diff", "go.yaml.in/yaml/v3"},
	"audit/checkpoint":                 {"audit", "golang.org/x/mod/sumdb/", "golang.org/x/sys/"},
	"audit/checkpoint/sqlanchor":       {"internal/sqlstore", "audit/checkpoint"},
	"audit/sqltrail":                   {"internal/sqlstore", "audit"},
	"audit/aliastable":                 {"internal/sqlstore", "audit"},
	"audit/export":                     {"audit"},
	"audit/index":                      {"audit"},
	"audit/mirror":                     {"audit"},
	"audit/mirror/slogmirror":          {"audit", "audit/export", "audit/mirror"},
	"audit/mirror/otelmirror":          {"audit", "audit/export", "audit/mirror", "go.opentelemetry.io/otel/"},
	"audit/mirror/natsmirror":          {"audit", "audit/mirror", "github.com/nats-io/nats.go", "github.com/nats-io/nats.go/"},
	"retention/retentionsql":           {"retention"},
	"retention/retentionsql/sqleraser": {"retention", "retention/erasure", "retention/retentionsql"},
	"purpose/retentionschedule":        {"purpose", "retention", "internal/plain"},
	"purpose/ropa":                     {"purpose", "purpose/retentionschedule", "basis", "retention", "internal/plain"},
	"policy/rights":                    {"audit", "basis", "purpose", "retention"},
	"policy/rights/access":             {"audit", "audit/index", "basis", "policy", "policy/rights", "purpose", "purpose/ropa", "retention"},
	"policy/rights/portability":        {"audit", "basis", "policy", "policy/rights", "policy/rights/access", "purpose", "internal/plain"},
	"policy/rights/outbox":             {"audit", "audit/index", "policy/rights", "purpose"},
	"policy/rights/outbox/sqloutbox":   {"internal/sqlstore", "policy/rights/outbox"},
	"policy/carry":                     {"policy", "purpose"},
	"policy/httpguard":                 {"policy", "policy/carry"},
	"policy/httpshare":                 {"policy", "purpose"},
	"policy/rpcguard":                  {"policy", "policy/carry"},
	"purpose/redactlog":                {"purpose"},
	"policy/jsonview":                  {"policy"},
	"policy/protoguard":                {"policy", "purpose", "google.golang.org/protobuf/"},
	"purpose/rowscan":                  {"purpose"},
	// beside
	"purpose/purposevet":                {"purpose", "purpose/registerfile", "golang.org/x/tools/go/"},
	"purpose/purposevet/cmd/purposevet": {"purpose/purposevet", "golang.org/x/tools/go/"},
	"internal/acme":                     {"audit/audittest", "basis", "policy", "purpose", "purpose/sealed", "retention"},
	"audit/audittest":                   {"audit"},
	"basis/ledgertest":                  {"basis"},
	"policy/oracle":                     {},
	"policy/agreement":                  {},
	"policy/internal/confined":          {},
	"audit/mirror/mirrortest":           {"audit", "audit/audittest", "audit/mirror"},
	"audit/checkpoint/anchortest":       {"audit", "audit/checkpoint", "golang.org/x/mod/sumdb/note"},
	"audit/aliastable/aliastest":        {"audit"},
	"policy/policytest":                 {"basis", "policy", "policy/table", "purpose", "github.com/stretchr/testify/assert", "github.com/stretchr/testify/require"},
	"policy/rights/outbox/outboxtest":   {"policy/rights/outbox", "purpose"},
	"retention/erasure/erasuretest":     {"retention", "retention/erasure"},
}

// forbidden in everything that floors 0 to 2 link, directly or not.
var forbidden = []string{"net", "net/http", "cel.dev/", "github.com/open-policy-agent/", "go.yaml.in/", "gopkg.in/yaml"}

type listed struct {
	ImportPath string
	Imports    []string
	Deps       []string
	Standard   bool
}

func list(t *testing.T, args ...string) []listed {
	out, err := exec.Command("go", append([]string{"list", "-json=ImportPath,Imports,Deps,Standard"}, args...)...).Output()
	require.NoError(t, err)
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var l listed
		if err := dec.Decode(&l); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, l)
	}
}

func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// violations lists imports that the floors do not allow.
func violations(pkgs []listed, floors map[string][]string) (bad []string) {
	for _, p := range pkgs {
		name := strings.TrimPrefix(p.ImportPath, module)
		if name == strings.TrimSuffix(module, "/") || strings.HasPrefix(name, "examples/") {
			continue
		}
		allowed, known := floors[name]
		if !known {
			bad = append(bad, name+" stands on no floor")
		}
		for _, imp := range p.Imports {
			own := strings.TrimPrefix(imp, module)
			if standard(imp) || slices.ContainsFunc(allowed, func(a string) bool {
				return own == a || imp == a || strings.HasSuffix(a, "/") && strings.HasPrefix(imp, a)
			}) {
				continue
			}
			bad = append(bad, name+" imports "+own)
		}
	}
	return bad
}

func TestImportsPointDownTheFloors(t *testing.T) {
	pkgs := list(t, "./...")
	require.Empty(t, violations(pkgs, floors))

	// The control: with a floor taken away the test sees it.
	broken := map[string][]string{}
	for k, v := range floors {
		broken[k] = v
	}
	broken["policy"] = []string{"audit"}
	require.NotEmpty(t, violations(pkgs, broken))
}

func TestLowerFloorsLinkNoEngineFormatOrNetwork(t *testing.T) {
	for _, p := range list(t, "./basis", "./retention", "./purpose", "./purpose/sealed", "./audit", "./policy") {
		for _, dep := range p.Deps {
			for _, f := range forbidden {
				if dep == f || strings.HasSuffix(f, "/") && strings.HasPrefix(dep, f) {
					t.Errorf("%s links %s", p.ImportPath, dep)
				}
			}
		}
	}
	cel := list(t, "./policy/celpolicy")
	require.NotEmpty(t, cel)
	require.True(t, slices.ContainsFunc(cel[0].Deps, func(d string) bool { return strings.HasPrefix(d, "cel.dev/") }),
		"the control: a package that does link an engine is seen")
}
