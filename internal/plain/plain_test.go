package plain_test

import (
	"bytes"
	"encoding/csv"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/internal/plain"
)

func TestACellIsNoFormula(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "plain": "plain", " ": " ", "a=1": "a=1", "=1": "'=1", "+1": "'+1", "-1": "'-1", "@x": "'@x", "|x": "'|x", "%0": "'%0",
		"\t": "'\t", "\tx": "'\tx", "\rx": "'\rx", "\nx": "'\nx", "\t=1": "'\t=1", " =1": "' =1", "\u200b=1": "'\u200b=1", "\x00=1": "'\x00=1", "＝1": "'＝1",
		"'=1": "'=1", "\u202e@": "'\u202e@",
	} {
		assert.Equal(t, want, plain.Cell(in), "%q", in)
	}
}

func TestMarkdownShowsATextAsItIs(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "plain, text.": "plain, text.", "a|b": `a\|b`, "<b>": "&lt;b&gt;", "&lt;": "&amp;lt;", "[a](b)": `\[a\]\(b\)`, "`c`": "\\`c\\`",
		"a\n# b": `a \# b`, `\|`: `\\\|`, "x\u202ey": "xy", "https://x": `https\://x`, "*a* _b_": `\*a\* \_b\_`, "a\u2028b": "a b", "\xff": "",
	} {
		assert.Equal(t, want, plain.Markdown(in), "%q", in)
	}
}

var escaped = regexp.MustCompile(`\\.`)

func FuzzPlain(f *testing.F) {
	for _, s := range []string{"=1", "\t=cmd|' /C calc'!A1", "a|b\\", "<script>", "\\`", "\u200b\u202e-1", "\xff=", "&amp;", "\r\n", "'", ":::////9", ":/\x02/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		require.NoError(t, w.Write([]string{plain.Cell(text), "end"}))
		w.Flush()
		rows, err := csv.NewReader(&b).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 1)
		cell := rows[0][0]
		if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r\n|%") {
			t.Fatalf("a formula: %q", cell)
		}
		if rest := strings.TrimPrefix(cell, "'"); strings.ReplaceAll(rest, "\n", "") != strings.NewReplacer("\r\n", "", "\n", "").Replace(strings.TrimPrefix(text, "'")) &&
			!strings.Contains(text, "\r") {
			t.Fatalf("the text is another: %q", cell)
		}
		md := plain.Markdown(text)
		if rest := escaped.ReplaceAllString(md, "e"); strings.ContainsAny(rest, "<>`[]*_~$|#\\\n\r") || strings.Contains(rest, "://") {
			t.Fatalf("markup: %q", md)
		}
		if strings.ContainsFunc(md, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
			t.Fatalf("unseen: %q", md)
		}
	})
}
