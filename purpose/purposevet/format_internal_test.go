package purposevet

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestVerbsSayHowAnArgumentShows(t *testing.T) {
	for _, c := range []struct {
		format string
		want   []Kind
	}{
		{"", nil},
		{"%v %s", []Kind{Prints, Prints}},
		{"%T %p", []Kind{0, 0}},
		{"%#v %+v %#x", []Kind{Dumps, Prints, Prints}},
		{"%d", []Kind{Dumps}},
		{"%%", []Kind{Dumps}},
		{"%*d %.*f", []Kind{0, Dumps, 0, Dumps}},
		{"%[2]T %[1]v", []Kind{Prints, 0}},
		{"%[2]*[1]T", []Kind{0, 0}},
		{"%[1]T %[1]v", []Kind{Prints}},
		{"%T", []Kind{0, Dumps}},
		{"%[9]v", []Kind{Dumps}},
		{"%", []Kind{Dumps}},
		{"%w", []Kind{Prints}},
	} {
		assert.Equal(t, c.want, append([]Kind(nil), verbs(c.format, len(c.want))...), "%q", c.format)
	}
}

// shown notes that fmt asked it for its text.
type shown struct{ asked *bool }

func (s shown) Format(fmt.State, rune) { *s.asked = true }

// What fmt shows, verbs says that it shows.
func FuzzVerbs(f *testing.F) {
	for _, s := range []string{"%v", "%T%v", "%*#T", "%[2]v", "%[1]*.[2]*[3]v", "%[1", "%[x]v%v", "%-+# 010.3v", "%!", "%.", "%é%v", "%[3]v%v%v", "%%%v", "%1#v", "%88888888.pv", "%1000001v", "%.10000010p", "%[1]*.[1][2é]*[3]v", "%[9]2v", "%[0]v%v", "%."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, format string) {
		var asked [3]bool
		_ = fmt.Sprintf(format, shown{&asked[0]}, shown{&asked[1]}, shown{&asked[2]})
		for i, k := range verbs(format, len(asked)) {
			if asked[i] && k == 0 {
				t.Errorf("%q shows argument %d", format, i)
			}
		}
	})
}
