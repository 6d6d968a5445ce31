package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// common are packages of the standard library that print, encode, reflect and store in every way; and modules of the same kind.
var common = strings.Fields(`fmt log log/slog errors encoding/json encoding/xml encoding/gob text/template html/template text/template/parse
	database/sql database/sql/driver reflect strings bytes strconv sort slices maps sync sync/atomic context io io/fs os path/filepath
	bufio time net/url net/mail net/textproto mime regexp archive/zip compress/flate crypto/x509 encoding/asn1 encoding/csv expvar flag
	go/ast go/parser go/token go/types container/list math/big testing testing/quick testing/slogtest unicode/utf8
	github.com/stretchr/testify/assert github.com/davecgh/go-spew/spew go.yaml.in/yaml/v3 github.com/google/go-cmp/cmp github.com/oklog/ulid/v2`)

// Nothing that knows nothing of personal data is reported. PURPOSEBOUND_NIGHTLY=1 takes the whole standard library and every package
// that the module is built and tested with.
func TestPackagesOfOthersHaveNoFindings(t *testing.T) {
	packages := common
	if os.Getenv("PURPOSEBOUND_NIGHTLY") == "1" {
		const others = `{{if not .ForTest}}{{with .Module}}{{if not .Main}}{{$.ImportPath}}{{end}}{{end}}{{end}}`
		list, err := exec.Command("go", "list", "-deps", "-test", "-f", others, "../../../../...").Output()
		require.NoError(t, err)
		packages = append(strings.Fields(string(list)), "std")
		require.Greater(t, len(packages), 300)
	}
	code, out, errs := tool(packages...)
	assert.Zero(t, code, errs)
	assert.Equal(t, "purposevet: 0 findings, 0 declarations\n", out)
}
