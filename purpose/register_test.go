package purpose_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

func TestClassesAndMarketingReachBelow(t *testing.T) {
	s := bare()
	s.Categories = []purpose.Category{
		{Key: "a", Class: purpose.Special}, {Key: "a.b.c"}, {Key: "a.d", Class: purpose.Anonymous}, {Key: "a.d.e"}, {Key: "x.y"}, {Key: "a-b"},
	}
	s.Purposes = []purpose.Purpose{{Key: "m", Marketing: true}, {Key: "m.n.o"}, {Key: "m-n"}, {Key: "p.q", Marketing: true}, {Key: "p.r"}}
	r, err := purpose.Compile(s)
	require.NoError(t, err)
	for key, want := range map[string]purpose.Class{
		"a": purpose.Special, "a.b": purpose.Special, "a.b.c": purpose.Special, "a.d": purpose.Anonymous, "a.d.e": purpose.Anonymous,
		"x": purpose.Ordinary, "x.y": purpose.Ordinary, "a-b": purpose.Ordinary,
	} {
		id, ok := r.Categories().ID(key)
		require.True(t, ok, key)
		assert.Equal(t, want, r.ClassOf(id), key)
	}
	for key, want := range map[string]bool{"m": true, "m.n": true, "m.n.o": true, "m-n": false, "p": false, "p.q": true, "p.r": false} {
		id, ok := r.Purposes().ID(key)
		require.True(t, ok, key)
		assert.Equal(t, want, r.Marketing(id), key)
	}
	assert.Zero(t, r.ClassOf(99))
	assert.False(t, r.Marketing(99))
}

func TestVocabularyOfTheLedger(t *testing.T) {
	r, err := purpose.Compile(sound())
	require.NoError(t, err)
	v := r.Vocabulary()
	assert.Equal(t, map[string]string{"service": "", "service.contract": "service", "kyc": "", "statistics": "", "scoring": "", "newsletter": "", "to-partners": ""}, v.Purposes)
	assert.Equal(t, "contact", v.Categories["contact.name"])
	assert.Equal(t, map[string]bool{"mailer": true, "workshop": true, "police": true}, v.Recipients)
	assert.Equal(t, basis.EventMeaning{Relation: "lease", Stage: basis.Active, Gives: []string{"customer"}}, v.Events["signed"])
	assert.Equal(t, []basis.ScopedPurpose{{Purpose: "newsletter", Since: "2.3"}}, v.Scopes["mail"])
	assert.Equal(t, map[string][]string{"mail": {"mailer"}}, v.ScopeRecipients)
	assert.Equal(t, map[string]bool{"keep": true, "aml": true, "fresh": true, "as-needed": true}, v.Rules)
	require.Len(t, v.Notices, 2)
	assert.Equal(t, "2.3", v.Notices[0].Version)
	assert.Equal(t, time.Date(2023, 1, 1, 0, 0, 0, 0, r.Zone()), v.Notices[0].Until.In(r.Zone()))
	assert.True(t, v.Notices[1].Until.IsZero())

	v.Events["signed"].Gives[0] = "changed"
	assert.Equal(t, "customer", r.Vocabulary().Events["signed"].Gives[0], "a copy")
}

func TestZeroRegisterDeclaresNothing(t *testing.T) {
	var r purpose.Register
	now := time.Now()
	assert.Empty(t, r.Digest())
	assert.Equal(t, time.UTC, r.Zone())
	assert.Equal(t, purpose.Spec{}, r.Spec())
	assert.Empty(t, r.Advice())
	assert.Zero(t, r.Purposes().Len())
	assert.Zero(t, r.Categories().Len())
	_, _, ok := r.NoticeAt(now)
	assert.False(t, ok)
	assert.False(t, r.ObjectionNotified(now))
	assert.False(t, r.LawInForce("x", now))
	assert.False(t, r.AgreementInForce("x", now))
	assert.False(t, inForce(r.SafeguardInForce("x", "US", purpose.SCC, now)))
	known, valid := r.AssessmentValid("x", "y", now)
	assert.False(t, known || valid)
	assert.Empty(t, r.Vocabulary().Purposes)
	_, err := r.BindSchema(purpose.Schema{Name: "x", Fields: []purpose.SchemaField{{Name: "a", Tags: purpose.Tags{Personal: "b"}}}})
	assert.ErrorIs(t, err, purpose.ErrInvalid)
}

// An unknown key is told with the known one that it is nearly: always the same.
func TestSuggestions(t *testing.T) {
	for _, c := range []struct {
		key   string
		known []string
		want  string
	}{
		{"newsleter", []string{"newsletter"}, "newsletter"},
		{"nwsleter", []string{"newsletter"}, "newsletter"},
		{"nwslete", []string{"newsletter"}, ""},             // three letters
		{"abd", []string{"abe", "abc", "abf"}, "abc"},       // the first of several
		{"abd", []string{"aaa-zzz", "abc", "aa"}, "abc"},    // the nearest, though others sort before it
		{"abd", []string{"abd.x", "ab"}, "ab"},              //
		{"kyc", []string{"a", "newsletter"}, ""},            // nothing alike
		{strings.Repeat("a", 200), []string{"aa", "b"}, ""}, // no key at all
	} {
		for range 5 {
			s := bare()
			for _, k := range c.known {
				s.Sources = append(s.Sources, purpose.Source{Key: k})
			}
			s.Activities = []purpose.Activity{{Key: "x", Sources: []string{c.key}}}
			_, err := purpose.Compile(s)
			require.ErrorIs(t, err, purpose.ErrInvalid)
			if c.want == "" {
				assert.NotContains(t, err.Error(), "did you mean")
			} else {
				assert.Contains(t, err.Error(), fmt.Sprintf("did you mean %q?", c.want))
			}
		}
	}
}

// A load does not take long for being wrong: among very many keys none is looked for.
func TestNoSuggestionAmongVeryManyKeys(t *testing.T) {
	for _, n := range []int{5000, 5001} {
		s := bare()
		for i := range n {
			s.Sources = append(s.Sources, purpose.Source{Key: fmt.Sprint("source-", i)})
		}
		s.Activities = []purpose.Activity{{Key: "x", Sources: []string{"source-1-2"}}}
		_, err := purpose.Compile(s)
		assert.Equal(t, n == 5000, strings.Contains(err.Error(), "did you mean"))
	}
}

// swaps is the oracle of Distance: the definition, letter by letter.
func swaps(a, b string) int {
	switch {
	case a == "" || b == "":
		return len(a) + len(b)
	case a[0] == b[0]:
		return swaps(a[1:], b[1:])
	}
	least := 1 + min(swaps(a[1:], b), swaps(a, b[1:]), swaps(a[1:], b[1:]))
	if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
		least = min(least, 1+swaps(a[2:], b[2:]))
	}
	return least
}

func TestDistanceIsThatOfTheDefinition(t *testing.T) {
	word := rapid.StringMatching(`[abc]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, limit := word.Draw(t, "a"), word.Draw(t, "b"), rapid.IntRange(1, 8).Draw(t, "limit")
		require.Equal(t, min(swaps(a, b), limit), purpose.Distance(a, b, limit))
	})
}

func TestKeys(t *testing.T) {
	for _, good := range []string{"a", "a.b", "national-id.cpr", "a_b", "a.0b", "f12345", strings.Repeat("k", purpose.MaxKey)} {
		assert.True(t, purpose.ValidKey(good), good)
	}
	for _, bad := range []string{"", ".", "a.", ".a", "a..b", "-a", "a.-b", "_a", "0", "a-", "a--b", "f123456", "A", "a b", "æ", "a\n", "a/b", "a,b", strings.Repeat("k", purpose.MaxKey+1)} {
		assert.False(t, purpose.ValidKey(bad), bad)
	}
	assert.Equal(t, "a.b", purpose.Parent("a.b.c"))
	assert.Empty(t, purpose.Parent("a"))
}

func TestAreas(t *testing.T) {
	for country, in := range map[string][2]bool{"DK": {true, true}, "NO": {true, false}, "LI": {true, false}, "IS": {true, false}, "CH": {}, "GB": {}, "US": {}, "": {}, "dk": {}} {
		assert.Equal(t, in[0], purpose.EEA.Contains(country), country)
		assert.Equal(t, in[1], purpose.EU.Contains(country), country)
	}
}
