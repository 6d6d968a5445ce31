package steady_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy/regopolicy/internal/steady"
)

// BenchmarkCheck of a policy with 2,000 rules, half of them helpers, next to compiling it.
func BenchmarkCheck(b *testing.B) {
	var text strings.Builder
	text.WriteString(header)
	for i := range 1_000 {
		fmt.Fprintf(&text, "permit contains {\"rule\": \"r%d\", \"category\": \"*\"} if {\n\thelper%d(\"a\")\n\tinput.facts.days > %d\n}\n\n", i, i, i)
		fmt.Fprintf(&text, "helper%d(role) if {\n\trole in input.principal.roles\n\tnot input.purpose == \"p%d\"\n}\n\n", i, i)
	}
	modules := map[string]string{"a.rego": text.String()}
	c, err := compile(modules)
	require.NoError(b, err)
	held := spec(b)
	require.Empty(b, steady.Check(c, held))
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			steady.Check(c, held)
		}
	})
	b.Run("compile", func(b *testing.B) {
		for b.Loop() {
			_, _ = compile(modules)
		}
	})
}
