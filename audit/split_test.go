package audit_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/audit"
)

func TestSplitPartsFitAndCoverEachPairOnce(t *testing.T) {
	parted := 0
	rapid.Check(t, func(t *rapid.T) {
		e := whole(audit.AccessShare)
		e.DataSubjectRefs = nil
		for i := range rapid.IntRange(1, 400).Draw(t, "refs") {
			e.DataSubjectRefs = append(e.DataSubjectRefs, alias(audit.DataSubject, i))
		}
		e.Fields = rapid.SliceOfNDistinct(rapid.StringMatching(`[A-Z][a-z]{0,60}`), 1, 150, rapid.ID).Draw(t, "fields")
		e.Categories = rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,40}`), 0, 20).Draw(t, "categories")
		e.ID = "01JQ8Z6M3T0000000000000002"

		type pair struct{ ref, field string }
		var got []pair
		parts := audit.Split(e)
		for i, p := range parts {
			require.NoError(t, p.Validate())
			assert.Equal(t, e.DecisionID, p.DecisionID)
			assert.Equal(t, i == 0, p.ID == e.ID)
			for _, r := range p.DataSubjectRefs {
				for _, f := range p.Fields {
					got = append(got, pair{r, f})
				}
			}
			p.DataSubjectRefs, p.Fields, p.ID = e.DataSubjectRefs, e.Fields, e.ID
			assert.Equal(t, e, p, "the rest is the same")
		}
		var want []pair
		for _, r := range e.DataSubjectRefs {
			for _, f := range e.Fields {
				want = append(want, pair{r, f})
			}
		}
		assert.ElementsMatch(t, distinct(want), distinct(got))
		assert.Len(t, got, len(want))
		assert.Equal(t, e.Validate() == nil, len(parts) == 1)
		assert.Equal(t, e.Fits(), len(parts) == 1)
		if len(parts) > 1 {
			parted++
		}
	})
	assert.Positive(t, parted)
}

// distinct keeps ElementsMatch from comparing each with each.
func distinct[T comparable](l []T) []map[T]int {
	m := map[T]int{}
	for _, x := range l {
		m[x]++
	}
	return []map[T]int{m}
}

func TestSplitLeavesAloneWhatItCannotHelp(t *testing.T) {
	e := read()
	e.Categories = times(strings.Repeat("a", 64), 64)
	e.DataSubjectRefs = times(alias(audit.DataSubject, 1), 100)
	require.Error(t, e.Validate())
	assert.Equal(t, []audit.Event{e}, audit.Split(e))

	small := read()
	assert.Equal(t, []audit.Event{small}, audit.Split(small))
	assert.Equal(t, []audit.Event{{}}, audit.Split(audit.Event{}))
}

func TestSplitTakesAsFewPartsAsTheLimitAllows(t *testing.T) {
	e := read()
	e.DataSubjectRefs = times(alias(audit.DataSubject, 1), 3*audit.MaxRefs)
	assert.Len(t, audit.Split(e), 3)
	e.DataSubjectRefs = times(alias(audit.DataSubject, 1), 3*audit.MaxRefs+1)
	assert.Len(t, audit.Split(e), 4)
}

func TestAnEventFitsToTheByte(t *testing.T) {
	e := read()
	fits := 0
	for n := 2000; n < 4000; n++ { // bytes in the names of its fields
		e.Fields = nil
		for rest := n; rest > 0; rest -= 100 {
			e.Fields = append(e.Fields, strings.Repeat("x", min(rest, 100)))
		}
		assert.Equal(t, e.Validate() == nil, e.Fits(), n)
		if e.Fits() {
			fits++
		}
	}
	assert.Positive(t, fits)
	assert.Less(t, fits, 2000)
}
