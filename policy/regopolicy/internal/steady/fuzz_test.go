package steady_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy/regopolicy/internal/steady"
)

// FuzzCheck: whatever compiles is checked without a panic, and problems lie inside the text.
func FuzzCheck(f *testing.F) {
	for _, row := range table {
		text, _ := marked(header + row.policy)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := compile(map[string]string{"a.rego": text})
		if err != nil {
			return
		}
		lines := strings.Split(text, "\n")
		for _, p := range steady.Check(c, spec(t)) {
			if p.Line < 1 || p.Line > len(lines) || p.Column < 1 || p.Message == "" || p.Code == "" {
				t.Fatalf("%+v in\n%s", p, text)
			}
		}
	})
}

// TestManyCallsAreNotFollowedForEver: functions that call others in ever new ways are refused in time.
func TestManyCallsAreNotFollowedForEver(t *testing.T) {
	var text strings.Builder
	text.WriteString(header + "permit contains {\"rule\": \"r\", \"category\": \"*\"} if f0(1)\n\n")
	for i := range 40 {
		fmt.Fprintf(&text, "f%d(x) if {\n\tf%d([x])\n\tf%d({x})\n}\n\n", i, i+1, i+1)
	}
	text.WriteString("f40(x) if count(x) > 0\n")
	c, err := compile(map[string]string{"a.rego": text.String()})
	require.NoError(t, err)
	problems := steady.Check(c, spec(t))
	require.NotEmpty(t, problems)
	assert.Equal(t, steady.CodeForm, problems[0].Code)
	assert.Contains(t, problems[0].Message, "more to follow")
}
