package sealed_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// heapAddress differs from run to run whatever is printed; the shorter code addresses do not.
var heapAddress = regexp.MustCompile(`0x[0-9a-f]{9,12}\b`)

// spelled returns the spellings of the canary that out contains.
func spelled(out string, needles []string) []string {
	var found []string
	for _, n := range needles {
		if strings.Contains(out, n) {
			found = append(found, n)
		}
	}
	return found
}

// varies reports whether the output depends on which canary was wrapped.
func varies(p path, c, mirror carrier) bool {
	once := func(c carrier) string {
		return heapAddress.ReplaceAllString(guarded(func() string { return p.run(c) }), "ADDR")
	}
	return once(c) != once(mirror)
}

func TestNoOutputPathLeaksASealedValue(t *testing.T) {
	kinds, paths := kinds(), paths()
	leaks := 0
	for _, k := range kinds {
		for _, p := range paths {
			out := guarded(func() string { return p.run(k.sealed) })
			if found := spelled(out, k.needles); len(found) > 0 {
				leaks++
				t.Errorf("%s through %s spells %q:\n%s", k.name, p.name, found, out)
			}
			if varies(p, k.sealed, k.sealedMirror) {
				leaks++
				t.Errorf("%s through %s depends on the value:\n%s", k.name, p.name, out)
			}
		}
	}
	require.GreaterOrEqual(t, len(paths), 45)
	require.GreaterOrEqual(t, len(kinds), 12)
	t.Logf("%d paths x %d types: %d leaks", len(paths), len(kinds), leaks)
}

// The negative control: the same matrix must catch a wrapper that relies on a private field.
func TestTheMatrixCatchesAPrivateField(t *testing.T) {
	paths := paths()
	for _, k := range kinds() {
		spells, vary := 0, 0
		for _, p := range paths {
			if len(spelled(guarded(func() string { return p.run(k.plain) }), k.needles)) > 0 {
				spells++
			}
			if varies(p, k.plain, k.plainMirror) {
				vary++
			}
		}
		t.Logf("%-12s spelled on %d, varies on %d of %d paths", k.name, spells, vary, len(paths))
		assert.Greater(t, vary, len(paths)/10, k.name)
		if k.name == "string" {
			assert.Greater(t, spells, len(paths)/2)
			assert.Greater(t, vary, len(paths)/2)
		}
	}
}
